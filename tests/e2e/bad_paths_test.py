#!/usr/bin/env python3
"""Gives the programs paths that cannot be: loops of links, and working folders that are gone. Each
time they must say what, where and why, and exit as the manual says.

    tests/e2e/bad_paths_test.py build/release/bin
"""
import argparse
import gzip
import os
import subprocess
import sys
import tempfile
from pathlib import Path

INVALID, MISSING = 1, 3
LOOP = "Too many levels of symbolic links"
GONE = "the working folder is gone"
KICKSTART = """\
url --url=http://127.0.0.1:9/debian --suite=bookworm
part / --fstype=ext4 --size=600
"""

# What is started in {work}, its exit code, and what has to be in its answer.
CASES = {
    "an output folder below a loop": (
        "img build {ks} -o {loop}/out", INVALID, ["output folder {loop}/out", LOOP]),
    "a cache below a loop": (
        "IMG_CACHE={loop}/cache img build {ks} -o {work}/out", INVALID, ["{loop}/cache", LOOP]),
    "an output folder without a name": (
        "img build {ks} -o ", INVALID, ["an empty name"]),
    "a packed image and TMPDIR a loop": (
        "TMPDIR={loop} img inspect {work}/disk.gz", INVALID, ["disk.gz", LOOP, "set TMPDIR"]),
    "a packed image and no TMPDIR": (
        "TMPDIR={work}/none img inspect {work}/disk.gz", INVALID, ["disk.gz", "set TMPDIR"]),
    "a database below a loop": (
        "img-admin backup --store sqlite:{loop}/x {work}/backup", INVALID,
        ["store sqlite:{loop}/x", LOOP]),
    "a database that is not there": (
        "img-admin backup --store sqlite:{work}/none {work}/backup", MISSING,
        ["store sqlite:{work}/none: there is no such file"]),
    "a folder for a database": (
        "img-admin backup --store sqlite:{work} {work}/backup", INVALID, ["this is no file"]),
    "templates in a loop": (
        "imgd --check-config --data {work}/data --templates {loop}", INVALID,
        ["--templates {loop}", LOOP]),
    "templates that are not there": (
        "imgd --check-config --data {work}/data --templates {work}/none", INVALID,
        ["--templates {work}/none: there is no such folder"]),
    "tokens in a loop": (
        "imgd --check-config --data {work}/data --worker-tokens {loop}", INVALID,
        ["--worker-tokens {loop}", LOOP]),
    "a folder for tokens": (
        "imgd --check-config --data {work}/data --worker-tokens {work}", INVALID,
        ["--worker-tokens {work}: this is no file"]),
    "a data folder without a name": (
        "imgd --check-config --data ", INVALID, ["--data an empty name"]),
}
# The same, started in a folder that has been removed.
GONE_CASES = {
    "a relative output folder": ("img build {ks} -o out", INVALID, ["out: ", GONE]),
    "no output folder": ("img build {ks}", INVALID, [GONE]),
    "a relative cache": (
        "IMG_CACHE=cache img build {ks} -o {work}/out", INVALID, ["cache: ", GONE]),
    "a relative include": (
        "img build {work}/includes.ks --include-root=. -o {work}/out", INVALID, [".: ", GONE]),
    "nothing relative": ("img check {ks}", 0, []),
    "a relative data folder": ("imgd --check-config --data data", INVALID, ["--data data: ", GONE]),
    "a relative www-root": (
        "imgd --check-config --data {work}/data --artifacts file:www", INVALID,
        ["--artifacts www: ", GONE]),
    "a worker's relative folder": (
        "img-worker --broker amqp://127.0.0.1:9/ --artifacts file:www", INVALID,
        ["www/.work: ", GONE]),
}


def run(programs, line, folder, cache):
    """Runs a line of variables, a program of ours and its arguments."""
    words = line.split(" ")
    variables = {"IMG_CACHE": str(cache)}
    while "=" in words[0]:
        name, value = words.pop(0).split("=", 1)
        variables[name] = value
    return subprocess.run([str(programs / words[0]), *words[1:]], cwd=folder, text=True, timeout=60,
                          env={**os.environ, **variables}, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          preexec_fn=None if folder.name != "gone" else lambda: os.rmdir(folder))


def check(programs, title, case, names, folder):
    line, code, pieces = case
    answer = run(programs, line.format(**names), folder, names["work"] / "cache")
    wrong = [f"'{piece}' is not said" for piece in (piece.format(**names) for piece in pieces)
             if piece not in answer.stdout]
    if answer.returncode != code:
        wrong.append(f"exit {answer.returncode} instead of {code}")
    print(f"{'FAIL' if wrong else 'ok  '} {title}")
    if wrong:
        print("     " + "\n     ".join(wrong) + "\n" + answer.stdout[-1500:])
    return bool(wrong)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", type=Path, help="the folder of all programs")
    programs = parser.parse_args().programs.resolve()
    failures = 0
    with tempfile.TemporaryDirectory(prefix="img-bad-paths-") as folder:
        work = Path(folder).resolve()
        loop, kickstart, gone = work / "loop", work / "case.ks", work / "gone"
        loop.symlink_to(loop)
        kickstart.write_text(KICKSTART)
        (work / "includes.ks").write_text(KICKSTART + "%include parts.ks\n")
        with gzip.open(work / "disk.gz", "wb") as packed:
            packed.write(bytes(1 << 20))
        names = {"work": work, "loop": loop, "ks": kickstart}
        for title, case in CASES.items():
            failures += check(programs, title, case, names, work)
        for title, case in GONE_CASES.items():
            gone.mkdir()
            failures += check(programs, f"{title}, in a folder that is gone", case, names, gone)
    print(f"FAIL: {failures} cases" if failures else "PASS: every path is refused with a sentence")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
