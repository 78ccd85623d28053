#!/usr/bin/env python3
"""Stands in for the img program where a test is about queues and workers, not about images.

Called as `empty_build.py build KS -t TYPE -n NAME … -o OUT --json`: says what img says and leaves a
small artefact, its package list and a manifest in OUT. What it does in detail stands in a line of
the kickstart, which every job brings along (a build sees next to nothing of its worker's
environment):

    # empty-build: seconds=5 lines=1000 size=65536 fail=broken

seconds   how long it takes, in small steps with progress
lines     of the log, spread over that time; line N is "line N of NAME"
size      bytes of the image; their digest depends on the job alone
fail      ends with this fault instead of an image
note      a file that a line "<pid> NAME" is added to when it begins, and "end NAME" when it ends
"""
import argparse
import hashlib
import json
import os
import sys
import time
from pathlib import Path

STEP = 0.1  # seconds between two events


def say(**event):
    print(json.dumps(event), flush=True)


def read_wishes(kickstart):
    wishes = {"seconds": "0", "lines": "3", "size": "4096", "fail": "", "note": ""}
    words = []
    for line in kickstart.read_text(errors="replace").splitlines():
        if line.startswith("# empty-build:"):
            words += line.split(":", 1)[1].split()
    wishes.update(word.split("=", 1) for word in words)
    return wishes


def log_line(number, name):
    return f"line {number} of {name}"


def bytes_of(name, size):
    """The same for the same job, and no pattern that repeats."""
    block, data = hashlib.sha256(name.encode()).digest(), bytearray()
    while len(data) < size:
        data += block
        block = hashlib.sha256(block).digest()
    return bytes(data[:size])


def work(wishes, name):
    """Takes its time, and says how far it is."""
    seconds, lines = float(wishes["seconds"]), int(wishes["lines"])
    begun, said, step = time.monotonic(), 0, 0
    while True:
        done = min(1.0, (time.monotonic() - begun) / seconds) if seconds else 1.0
        while said < int(lines * done):
            said += 1
            say(event="log", line=log_line(said, name))
        say(event="progress", stage="install", done=int(1000 * done), total=1000,
            unit="thousandths", text="pretending")
        if done == 1.0:
            return
        step += 1
        time.sleep(max(0.0, min(begun + step * STEP, begun + seconds) - time.monotonic()))


def publish(out, name, image_type, size):
    image, data = f"{name}.{image_type}", bytes_of(name, size)
    (out / image).write_bytes(data)
    (out / f"{name}.packages").write_text("")
    digest = hashlib.sha256(data).hexdigest()
    (out / "manifest.json").write_text(json.dumps({
        "format": 1, "name": name, "type": image_type, "image": image,
        "artifacts": [{"file": image, "type": image_type, "size": size, "sha256": digest}]}))
    say(event="finished", image=image, folder=str(out))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=["build"])
    parser.add_argument("kickstart", type=Path)
    parser.add_argument("-t", dest="image_type", required=True)
    parser.add_argument("-n", dest="name", required=True)
    parser.add_argument("-o", dest="out", type=Path, required=True)
    parser.add_argument("--overlay", default="")
    parser.add_argument("--json", action="store_true", required=True)
    options, _ = parser.parse_known_args()
    wishes = read_wishes(options.kickstart)
    note = open(wishes["note"], "a", encoding="utf-8") if wishes["note"] else None
    if note:
        print(os.getpid(), options.name, file=note, flush=True)
    say(event="progress", stage="plan", done=1, total=1, unit="", text="planned nothing")
    work(wishes, options.name)
    if note:
        print("end", options.name, file=note, flush=True)
    if wishes["fail"]:
        say(event="failed", stage="scripts", fault=wishes["fail"], error="as it was told to")
        return 6
    options.out.mkdir(parents=True, exist_ok=True)
    publish(options.out, options.name, options.image_type, int(wishes["size"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
