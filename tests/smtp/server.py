"""A mail server for tests, on loopback: prints its port, then each message as a line of JSON.

    python3 server.py plain|starttls|tls [--certificate FILE --key FILE] [--login USER:PASSWORD] [--port N]
        [--refuse N] [--reject ADDRESS] [--reject-data ADDRESS] [--greylist N] [--stall ADDRESS]

`--refuse N` refuses the first N messages for now (451), as a mail server that is busy does. `--reject` refuses an address for good (550), as for a
mailbox that is gone, `--reject-data` once it has the message (554), repeating its name. `--greylist N` puts each address off N times (450). `--stall`
never answers when it is given that address. A line `accept` on stdin ends what is rejected. What is refused before there is a message is printed as
`{"rejected": ADDRESS}`.
"""

import argparse
import asyncio
import json
import re
import ssl
import sys
from collections import Counter

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Handler:
    def __init__(self, options):
        self.options = options
        self.refuse = options.refuse
        self.asked = Counter()

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        self.asked[address] += 1
        if address == self.options.stall:
            await asyncio.sleep(3600)
        if address == self.options.reject:
            print(json.dumps({"rejected": address}), flush=True)
            return "550 5.1.1 no such mailbox"
        if self.asked[address] <= self.options.greylist:
            print(json.dumps({"rejected": address}), flush=True)
            return f"450 4.2.0 greylisted, try again in {300 - self.asked[address]} seconds"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        refused = self.refuse > 0
        self.refuse -= 1
        data = envelope.content.decode("utf-8")
        rejected = self.options.reject_data in envelope.rcpt_tos
        message = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "data": data,
            "tls": session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None,
            "login": session.authenticated,
            "refused": refused or rejected,
        }
        print(json.dumps(message), flush=True)
        if rejected:
            return f"554 5.7.1 refused: {re.search('Message-ID: (.*)', data)[1].strip()}"
        return "451 busy, try again later" if refused else "250 taken"


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=["plain", "starttls", "tls"])
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--login")
    parser.add_argument("--refuse", type=int, default=0)
    parser.add_argument("--reject")
    parser.add_argument("--reject-data")
    parser.add_argument("--greylist", type=int, default=0)
    parser.add_argument("--stall")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()

    context = None
    if options.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate, options.key)

    def authenticate(server, session, envelope, mechanism, data):
        given = isinstance(data, LoginPassword) and f"{data.login.decode()}:{data.password.decode()}"
        # Not handled: the server itself answers 535.
        return AuthResult(success=given == options.login, handled=False)

    handler = Handler(options)
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
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        if line.strip() == "accept":
            options.reject = options.reject_data = None


if __name__ == "__main__":
    asyncio.run(main())
