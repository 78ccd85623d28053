#!/usr/bin/env python3
"""Gives `img check` 10 MB of what no kickstart is made of: each time it ends in less than a second
and 200 MB, with at most 100 diagnostics and a sentence about the rest.

    tests/e2e/limits_test.py build/release/bin/img [--runs 3] [--table]
"""
import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

SIZE = 10_000_000  # bytes of every input
SECONDS_MAX = 1.0
MIB_MAX = 200
DIAGNOSTICS_MAX = 100 + 1  # the last one says how many there are more

# What the input repeats, and what stands before and after.
CASES = {
    "one line": ("a", "", ""),
    "one line of quotes": ('"', "", ""),
    "lines of quotes": ("'\"\\\n", "", ""),
    "blank lines": ("\n", "", ""),
    "comments": ("# nothing\n", "", ""),
    "%post": ("%post\n", "", ""),
    "%post and %end": ("%post\n%end\n", "", ""),
    "part": ("part / --size=1\n", "", ""),
    "part without a size": ("part /a\n", "", ""),
    "one part line": (" --size=1", "part /", "\n"),
    "user": ("user --name=a\n", "", ""),
    "tokens": ("@ARCH@", "", ""),
    "lines of tokens": ("lang @ARCH@ @NAME@\n", "", ""),
    "unknown tokens": ("@NOBODY@ ", "lang ", "\n"),
    "unknown commands": ("frobnicate\n", "", ""),
    "unknown options": ("part / --sise=1\n", "", ""),
    "one package": ("bash\n", "%packages\n", "%end\n"),
    "many packages": (None, "%packages\n", "%end\n"),
    "groups": ("@a b --optional\n", "%packages\n", "%end\n"),
    "exclusions": ("-bash\n", "%packages\n", "%end\n"),
    "a script": ("echo 'so it goes' # on\n", "%post\n", "%end\n"),
    "includes": ("%include nowhere.ks\n", "", ""),
    "carriage returns": ("\r\n", "", ""),
    "broken UTF-8": ("\xc3\x28 ", "lang ", "\n"),
    "random bytes": (None, "", ""),
    "random letters": (None, "", ""),
}


def pieces(title, repeated):
    """SIZE bytes in blocks: Python has to stay small, for what it holds counts as img's memory."""
    dice = random.Random(title)
    written = 0
    while written < SIZE:
        if repeated is not None:
            block = repeated.encode("latin-1") * max(1, 65536 // len(repeated))
        elif title == "many packages":
            block = b"".join(b"package-%d\n" % (written + i) for i in range(4096))
        elif title == "random bytes":
            block = dice.randbytes(65536)
        else:
            block = bytes(dice.choices(b"abcdefgh -=%@#'\"\\/.,\n", k=65536))
        block = block[:SIZE - written]
        written += len(block)
        yield block


def write_case(path, title):
    repeated, before, after = CASES[title]
    with path.open("wb") as file:
        file.write(before.encode())
        for block in pieces(title, repeated):
            file.write(block)
        file.write(after.encode())


def run_once(command, answer):
    """Exit code, wall and processor seconds, and MiB of memory at the most."""
    with answer.open("wb") as out:
        begin = time.monotonic()
        child = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        patience = threading.Timer(60, os.kill, [child.pid, signal.SIGKILL])
        patience.start()
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - begin
        patience.cancel()
    child.returncode = os.waitstatus_to_exitcode(status)
    return (child.returncode, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def measure(img, title, work, runs):
    """The best of some runs: code, wall, processor time, MiB, answer."""
    kickstart, answer = work / "case.ks", work / "answer"
    write_case(kickstart, title)
    rows = [run_once([img, "check", "--json", str(kickstart)], answer) for _ in range(runs)]
    code, wall, cpu, _ = min(rows, key=lambda row: row[2])
    return code, wall, cpu, max(row[3] for row in rows), answer.read_bytes()


def faults(code, cpu, mib, answer):
    if code not in (0, 1):
        return [f"exit {code}", answer[-500:].decode(errors="replace")]
    wrong = []
    if cpu > SECONDS_MAX:  # which the machine's other work does not lengthen, as it does wall time
        wrong.append(f"{cpu:.2f} s of a processor")
    if mib > MIB_MAX:
        wrong.append(f"{mib:.0f} MiB")
    try:
        count = len(json.loads(answer)["diagnostics"])
    except (ValueError, KeyError, TypeError) as error:
        return wrong + [f"the answer is no JSON: {error}"]
    if count > DIAGNOSTICS_MAX:
        wrong.append(f"{count} diagnostics")
    if code == 1 and count == 0:
        wrong.append("refused without a reason")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("img", help="the img program")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--table", action="store_true", help="print Markdown")
    options = parser.parse_args()
    img = os.path.abspath(options.img)
    failures = 0
    if options.table:
        print("| 10 MB of | wall ms | processor ms | memory MiB |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="img-limits-") as folder:
        for title in CASES:
            code, wall, cpu, mib, answer = measure(img, title, Path(folder), options.runs)
            wrong = faults(code, cpu, mib, answer)
            failures += bool(wrong)
            if options.table:
                print(f"| {title} | {wall * 1000:.0f} | {cpu * 1000:.0f} | {mib:.0f} |")
            else:
                print(f"{'FAIL' if wrong else 'ok  '} {title}: {wall * 1000:.0f} ms, "
                      f"{cpu * 1000:.0f} of a processor, {mib:.0f} MiB"
                      + "".join(f"\n     {line}" for line in wrong))
    print(f"FAIL: {failures} inputs" if failures else "PASS: nothing takes long or much")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
