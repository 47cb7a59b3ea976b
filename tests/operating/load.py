#!/usr/bin/env python3
"""Visitors of a site, until SIGTERM: new connections, kept ones, and requests for appointments. Prints what became of them as JSON.

An answer counts when it came whole. A kept connection that the server ended before the first byte of an answer is asked anew, as browsers do
(RFC 9112, section 9.3.1), and counted; nothing else is.
"""

import argparse
import http.client
import json
import signal
import sys
import threading
import time

HOST = "clinic.example"
stopped = threading.Event()
lock = threading.Lock()
counts = {kind: 0 for kind in ("fresh", "kept", "posted", "asked_anew", "failed")}
slowest = 0.0
failures = []
references = []


def done(kind, start):
    global slowest
    with lock:
        counts[kind] += 1
        slowest = max(slowest, time.monotonic() - start)


def failed(kind, error):
    with lock:
        counts["failed"] += 1
        if len(failures) < 20:
            failures.append(f"{kind}: {error!r}")


def ask(connection, method, path, body=None):
    headers = {"Host": HOST}
    if body:
        headers |= {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    # Raises IncompleteRead for one that was cut.
    answer.read()
    return answer


def fresh(port):
    start = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        status = ask(connection, "GET", "/").status
        done("fresh", start) if status == 200 else failed("fresh", status)
    except (OSError, http.client.HTTPException) as error:
        failed("fresh", error)
    finally:
        connection.close()


def kept(port):
    connection, used = http.client.HTTPConnection("127.0.0.1", port, timeout=30), False
    while not stopped.is_set():
        start = time.monotonic()
        try:
            answer = ask(connection, "GET", "/contact/")
            done("kept", start) if answer.status == 200 else failed("kept", answer.status)
            used = not answer.will_close
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as error:
            connection.close()
            if used:
                counts["asked_anew"] += 1
            else:
                failed("kept", error)
            used = False
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            failed("kept", error)
            used = False
        time.sleep(0.005)


def post(port, number):
    start = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        answer = ask(connection, "POST", "/appointments/", f"name=Visitor{number}&phone=916555{number % 10000:04}")
        if answer.status != 303:
            return failed("posted", answer.status)
        with lock:
            references.append(answer.headers["Location"].strip("/").split("/")[-1])
        done("posted", start)
    except (OSError, http.client.HTTPException) as error:
        failed("posted", error)
    finally:
        connection.close()


def posts(port):
    number = 0
    while not stopped.is_set():
        number += 1
        post(port, number)
        time.sleep(0.05)


def freshes(port):
    while not stopped.is_set():
        fresh(port)
        time.sleep(0.005)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--references", help="the file for the references of what was acknowledged, a line each")
    parser.add_argument("--seconds", type=float, default=600, help="the most that it lasts")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    threads = [threading.Thread(target=work, args=(options.port,), daemon=True) for work in (freshes, freshes, kept, kept, posts)]
    for thread in threads:
        thread.start()
    stopped.wait(options.seconds)
    stopped.set()
    for thread in threads:
        thread.join(40)
    if options.references:
        with open(options.references, "w") as file:
            file.writelines(f"{reference}\n" for reference in references)
    print(json.dumps(counts | {"slowest_ms": round(slowest * 1000), "failures": failures}))
    return 1 if counts["failed"] or not all(counts[kind] for kind in ("fresh", "kept", "posted")) else 0


sys.exit(main())
