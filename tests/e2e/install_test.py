#!/usr/bin/env python3
"""`cmake --install` into an empty folder: everything is there, works from there, and looks for
nothing in the checkout.

    tests/e2e/install_test.py build/release [--cmake cmake]
"""
import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from service import Service
from verdict import Checks, Trouble

PROGRAMS = ["img", "img-admin", "img-client", "img-worker", "imgd"]
CHECKOUT = Path(__file__).parents[2]


def run(*argv, **more):
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False, **more)
    return done.returncode, done.stdout + done.stderr


def check_files(prefix, check):
    found = sorted(os.listdir(prefix / "bin"))
    check("the programs are there", found == PROGRAMS, ", ".join(found))
    check("what they preload is there", (prefix / "lib/img/libimg-steady.so").is_file())
    for unit in ("imgd", "img-worker"):
        text = (prefix / f"lib/systemd/system/{unit}.service").read_text()
        check(f"{unit}.service starts a program that is there", f"ExecStart=/usr/bin/{unit} " in text)
    for document in ("README.md", "LICENSE", "docs/operate.md", "examples/img-worker.conf"):
        check(f"{document} is there", (prefix / "share/doc/img" / document).is_file())


def check_programs(prefix, work, check):
    for program in PROGRAMS:
        code, said = run(str(prefix / "bin" / program), "--help")
        usage = f"Usage: {'img admin' if program == 'img-admin' else program} "
        check(f"{program} --help says how it is called", code == 0 and usage in said)
    img = str(prefix / "bin/img")
    code, said = run(img, "check", str(prefix / "share/doc/img/examples/debian-minimal.ks"))
    check("img checks the example", code == 0, "" if code == 0 else said)
    code, said = run(img, "admin", "migrate", "--store", f"sqlite:{work}/jobs.db")
    check("img starts the img-admin beside it", code == 0, "" if code == 0 else said)


def check_templates(prefix, work, check):
    """The service finds the templates that come with it."""
    service = Service(prefix / "bin/imgd", work / "data", work / "imgd.log")
    try:
        service.start()
        code, said = run(str(prefix / "bin/img"), "templates", "--server",
                         f"http://127.0.0.1:{service.port}")
        wanted = sorted(file.stem for file in (CHECKOUT / "examples/templates").glob("*.ks"))
        good = code == 0 and wanted and all(name in said for name in wanted)
        check("imgd offers the templates that were installed", good, "" if good else said)
    finally:
        service.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=Path)
    parser.add_argument("--cmake", default="cmake")
    options = parser.parse_args()
    check = Checks()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        prefix = work / "usr"
        code, said = run(options.cmake, "--install", str(options.build), "--prefix", str(prefix))
        if code != 0:
            print(said[-2000:])
            return 1
        try:
            check_files(prefix, check)
            check_programs(prefix, work, check)
            check_templates(prefix, work, check)
        except Trouble as trouble:
            check(str(trouble), False)
    print(f"{check.made - check.failed} of {check.made} checks passed")
    return 1 if check.failed else 0


if __name__ == "__main__":
    sys.exit(main())
