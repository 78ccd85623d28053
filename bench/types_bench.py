#!/usr/bin/env python3
"""Makes an image of every type from one tree, and prints a Markdown table of what each took.

    bench/types_bench.py build/release/bin/img [--types raw,livecd] [--runs 1]

The time is that of the stage `assemble`: the finished tree to the finished files, digests
included. Memory is the least that was available during the build against before, in which the
tree itself lies (400 MB, in memory); the largest process is any one of those that ran.
"""
import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from build_bench import MemoryLow

KICKSTART = Path(__file__).with_name("every_type.ks")


def on_disk(path):
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.lstat().st_blocks * 512 for file in files)


def largest_process(argv):
    """Runs it in a child of its own, whose children are only this run's; MiB."""
    pid = os.fork()
    if pid == 0:
        done = subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=sys.stderr)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        os._exit(255 if done.returncode else min(254, peak // 8 + 1))
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status == 255:
        sys.exit(f"{' '.join(map(str, argv))} failed")
    return (status - 1) * 8


def measure(img, image_type, runs):
    times, memory, largest, size = [], [], 0, (0, 0)
    for _ in range(runs):
        with tempfile.TemporaryDirectory(prefix="img-types-", dir=os.environ.get("TMPDIR")) as out:
            with MemoryLow() as low:
                peak = largest_process([img, "build", KICKSTART, "-t", image_type, "-o", out])
            manifest = json.loads((Path(out) / "manifest.json").read_text())
            stages = {stage["stage"]: stage["seconds"] for stage in manifest["stages"]}
            image = Path(out) / manifest["image"]
            times.append(stages["assemble"])
            memory.append(low.taken)
            largest = max(largest, peak)
            size = (manifest["artifacts"][0]["size"], on_disk(image))
            if image.is_dir():
                shutil.rmtree(image, ignore_errors=True)
    return statistics.median(times), statistics.median(memory), largest, size


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("img", type=Path)
    parser.add_argument("--types", help="which, with commas between; all that there are")
    parser.add_argument("--runs", type=int, default=1)
    options = parser.parse_args()
    listed = subprocess.run([options.img, "types", "--json"], capture_output=True, check=True)
    types = (options.types.split(",") if options.types
             else [row["name"] for row in json.loads(listed.stdout)])
    print("| type | seconds | image | on disk | memory taken | largest process |")
    print("|---|---|---|---|---|---|")
    for image_type in types:
        seconds, memory, largest, (size, disk) = measure(options.img, image_type, options.runs)
        print(f"| {image_type} | {seconds:.1f} | {size / 2**20:.0f} MiB | {disk / 2**20:.0f} MiB | "
              f"{memory:.0f} MiB | {largest} MiB |", flush=True)


if __name__ == "__main__":
    main()
