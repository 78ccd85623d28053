#!/usr/bin/env python3
"""Runs ./run as a newcomer does: the sentences it ends with (--refusals), and a first image made
by it (--once). Exit 0: it keeps what README.md says of it.
"""
import argparse
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from service import free_port
from verdict import Trouble, expect

ROOT = Path(__file__).resolve().parents[2]


def run(*words, **environment):
    return subprocess.run([ROOT / "run", *words], env=dict(os.environ, **environment), text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=1500)


def refused(code, pattern, *words, **environment):
    ended = run(*words, **environment)
    expect(ended.returncode == code, f"{words}: exit {ended.returncode}, not {code}: {ended.stderr}")
    expect(re.search(pattern, ended.stderr), f"{words}: {ended.stderr!r} lacks {pattern!r}")


def wrong_words():
    refused(2, "no option '--onse'", "--onse")
    refused(2, "--listen needs a value", "--listen")
    for address in ("8080", "127.0.0.1:", "127.0.0.1:70000", ":80", "127.0.0.1:http"):
        refused(2, "not HOST:PORT", "--listen", address)


def busy_port():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused(4, rf"port {port} on 127.0.0.1 is in use.*--listen", "--once",
                "--listen", f"127.0.0.1:{port}")


def full_disk():
    # A file system that never has room.
    refused(5, "too little disk: /proc has 0 MiB free", "--once", "--listen",
            f"127.0.0.1:{free_port()}", TMPDIR="/proc")


def answers(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1) as answer:
            return answer.status == 200
    except OSError:
        return False


def interrupted_run():
    """Ctrl-C while it waits for the image: exit 130, and the service goes with it."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="img-run-test-") as data:
        process = subprocess.Popen(
            [ROOT / "run", "--listen", f"127.0.0.1:{port}", "--data", data],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True, text=True)
        try:
            for line in process.stdout:
                if "making examples/debian-minimal.ks" in line:
                    break
            expect(answers(port), "the service does not answer while the image is made")
            time.sleep(2)
            os.killpg(process.pid, signal.SIGINT)
            process.communicate(timeout=30)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        expect(process.returncode == 130, f"Ctrl-C gave exit {process.returncode}, not 130")
        expect(not answers(port), "the service outlived ./run")


def once():
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="img-run-test-") as data:
        ended = run("--once", "--listen", f"127.0.0.1:{port}", "--data", data)
        expect(ended.returncode == 0, f"exit {ended.returncode}: {ended.stdout}{ended.stderr}")
        image = re.search(r"^image: +(.+)$", ended.stdout, re.M)
        expect(image and Path(image[1]).is_file(), f"no image is named: {ended.stdout}")
        page = rf"^job page: http://127\.0\.0\.1:{port}/job/[0-9a-f]{{32}}$"
        expect(re.search(page, ended.stdout, re.M), f"no page is named: {ended.stdout}")
        expect(not answers(port), "the service outlived ./run --once")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--refusals", action="store_true", help="what needs no image")
    parser.add_argument("--once", action="store_true", help="what makes one")
    options = parser.parse_args()
    cases = options.refusals * [wrong_words, busy_port, full_disk]
    cases += options.once * [interrupted_run, once]
    failed = 0
    for case in cases:
        try:
            case()
            print(f"PASS: {case.__name__}", flush=True)
        except (Trouble, subprocess.TimeoutExpired) as trouble:
            failed += 1
            print(f"FAIL: {case.__name__}: {trouble}", flush=True)
    print(f"run test: {len(cases)} cases, {failed} failed: {'FAIL' if failed else 'PASS'}")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
