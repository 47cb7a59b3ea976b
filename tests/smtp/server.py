"""A mail server for tests, on loopback: prints its port, then each message as a line of JSON.

    python3 server.py plain|starttls|tls [--certificate FILE --key FILE] [--login USER:PASSWORD] [--refuse N] [--port N]

`--refuse N` refuses the first N messages for now (451), as a mail server that is busy does.
"""

import argparse
import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Handler:
    def __init__(self, refuse):
        self.refuse = refuse

    async def handle_DATA(self, server, session, envelope):
        refused = self.refuse > 0
        self.refuse -= 1
        message = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "data": envelope.content.decode("utf-8"),
            "tls": session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None,
            "login": session.authenticated,
            "refused": refused,
        }
        print(json.dumps(message), flush=True)
        return "451 busy, try again later" if refused else "250 taken"


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=["plain", "starttls", "tls"])
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--login")
    parser.add_argument("--refuse", type=int, default=0)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()

    context = None
    if options.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate, options.key)

    def authenticate(server, session, envelope, mechanism, data):
        given = isinstance(data, LoginPassword) and f"{data.login.decode()}:{data.password.decode()}"
        return AuthResult(success=given == options.login)

    handler = Handler(options.refuse)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(
            handler,
            tls_context=context if options.mode == "starttls" else None,
            require_starttls=options.mode == "starttls",
            authenticator=authenticate,
            auth_required=options.login is not None,
            # The server itself doesn't see that a connection is TLS from its first byte.
            auth_require_tls=options.mode == "starttls",
            loop=loop,
        ),
        "127.0.0.1",
        options.port,
        ssl=context if options.mode == "tls" else None,
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    # Until the test closes the pipe, or dies.
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
