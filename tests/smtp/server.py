"""A mail server for tests, on loopback: prints its port, then each message as a line of JSON.

    python3 server.py plain|starttls|tls [--certificate FILE --key FILE] [--login USER:PASSWORD] [--refuse N] [--port N]

`--refuse N` refuses the first N messages for now (451), as a mail server that is busy does.
"""

import argparse
import json
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


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
            "tls": session.ssl is not None,
            "login": session.authenticated,
            "refused": refused,
        }
        print(json.dumps(message), flush=True)
        return "451 busy, try again later" if refused else "250 taken"


def main():
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

    asks = options.login is not None
    controller = Controller(
        Handler(options.refuse),
        hostname="127.0.0.1",
        port=options.port,
        ready_timeout=30,
        ssl_context=context if options.mode == "tls" else None,
        tls_context=context if options.mode == "starttls" else None,
        require_starttls=options.mode == "starttls",
        authenticator=authenticate if asks else None,
        auth_required=asks,
        auth_require_tls=False,
    )
    # With port 0 the controller would look for itself at port 0 to see whether it has begun.
    controller._trigger_server = lambda: None
    controller.start()
    print(controller.server.sockets[0].getsockname()[1], flush=True)
    # Until the test closes the pipe, or dies.
    sys.stdin.read()
    controller.stop()


if __name__ == "__main__":
    main()
