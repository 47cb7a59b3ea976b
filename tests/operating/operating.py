"""What the scripts of this folder share: a program to run, content that may be published, a site that serves it, and how a check is told."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or REPOSITORY / "target")
BINARY = os.environ.get("CLINIC_SITE_BIN") or str(TARGET / "debug/clinic-site")
# Settings of whoever runs this must not change what is tested.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("CLINIC_")}
ENVIRONMENT["PATH"] = ENVIRONMENT.get("PATH", "") + ":/usr/sbin:/sbin"
# A public key whose private half nobody kept.
STAFF_KEY = "age13ruk68fcvkvp8v7w5wdm9ms2u0ttu0hk9hlltdt3hsxjhfm69erqkwvxaq"

passed = failed = 0


def check(is_right, what, found=""):
    """Tells one check; the exit code of `finish` counts those that failed."""
    global passed, failed
    print(f"  {'ok  ' if is_right else 'FAIL'} {what}" + (f": {found}" if found != "" and not is_right else ""), flush=True)
    passed, failed = passed + bool(is_right), failed + (not is_right)
    return is_right


def finish():
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def stop(why):
    print(f"{sys.argv[0]}: {why}", file=sys.stderr)
    sys.exit(2)


def needs(*programs):
    """Ends the script with 2 where one of these programs isn't installed."""
    if not os.access(BINARY, os.X_OK):
        stop(f"{BINARY} is missing: `cargo build` makes it, or CLINIC_SITE_BIN names another")
    for program in programs:
        if not shutil.which(program, path=ENVIRONMENT["PATH"]):
            stop(f"{program} is missing: install it")


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def publishable(folder):
    """A copy of the content that may be published."""
    shutil.copytree(REPOSITORY / "content", folder, dirs_exist_ok=True)
    facts = folder / "clinic.toml"
    done = subprocess.run([sys.executable, REPOSITORY / "tests/operating/publish.py"], input=facts.read_bytes(), stdout=subprocess.PIPE, check=True)
    facts.write_bytes(done.stdout)
    return folder


def certificate(folder, *names):
    """A certificate for these names that is its own authority, and its key."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    alternatives = ",".join(f"DNS:{name}" for name in names)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "90", "-subj", f"/CN={names[0]}",
         "-addext", f"subjectAltName={alternatives}", "-keyout", key, "-out", cert],
        check=True, capture_output=True)
    return cert, key


def wait_for(port, seconds=15):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        time.sleep(0.05)
    return False


class Process:
    """A program that runs until `end`, in a group of its own; what it says is in `log`."""

    def __init__(self, arguments, log, **more):
        self.log, self.file = log, open(log, "ab")
        self.child = subprocess.Popen([str(a) for a in arguments], stdin=subprocess.DEVNULL, stdout=self.file, stderr=self.file,
                                      start_new_session=True, env={**ENVIRONMENT, **more.pop("env", {})}, **more)

    def end(self, how=signal.SIGTERM):
        if self.child.poll() is None:
            os.killpg(self.child.pid, how)
            try:
                self.child.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(self.child.pid, signal.SIGKILL)
                self.child.wait()
        self.file.close()


def site(folder, port, *more):
    """A published site on a port; its data and its log are in the folder."""
    return Process([BINARY, "serve", "--listen", f"127.0.0.1:{port}", "--public-url", "https://clinic.example", "--staff-key", STAFF_KEY, *more],
                   folder / f"site-{port}.log")
