#!/usr/bin/env python3
"""Times builds of a kickstart, stage by stage, cold and with a filled cache; prints Markdown.

    bench/build_bench.py build/release/bin/img [--runs 3] [--rivals]

Cold: an empty cache folder, so packages come over the network. Warm: the cache of the cold run.
With --rivals mmdebstrap installs the same packages, once to a folder on the same disk and once
to a tmpfs, which is a tree and no image yet. Quote the medians, and the machine they are from.
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
import threading
import time
from pathlib import Path


class MemoryLow:
    """The least memory that was available while it ran, against before: what the build took."""

    def __enter__(self):
        self.before = self.low = self.available()
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()

    def watch(self):
        while not self.stop.wait(0.05):
            self.low = min(self.low, self.available())

    @staticmethod
    def available():
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) / 1024
        raise AssertionError("no MemAvailable")

    @property
    def taken(self):
        return self.before - self.low


def run(command, **options):
    """Wall and processor seconds, and MiB of memory taken at the most."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.monotonic()
    with MemoryLow() as memory:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    wall = time.monotonic() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed:\n{done.stdout.decode(errors='replace')[-2000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, memory.taken


def build(img, kickstart, cache, work):
    out = Path(tempfile.mkdtemp(dir=work)) / "out"
    environment = dict(os.environ, IMG_CACHE=str(cache))
    wall, cpu, memory = run([img, "build", kickstart, "-t", "raw", "-n", "bench", "-o", str(out)],
                            env=environment)
    manifest = json.loads((out / "manifest.json").read_text())
    names = [line.split()[0].rsplit(".", 1)[0]
             for line in (out / "bench.packages").read_text().splitlines()]
    shutil.rmtree(out)
    stages = {stage["stage"]: stage["seconds"] for stage in manifest["stages"]}
    return {"wall": wall, "cpu": cpu, "memory": memory, "stages": stages, "names": names}


def median(rows, pick):
    return statistics.median(pick(row) for row in rows)


def print_builds(results):
    stages = list(results[0][1][0]["stages"])
    print(f"| build | wall s | processor s | {' | '.join(stages)} | memory MiB |")
    print("|---" * (len(stages) + 4) + "|")
    for title, rows in results:
        cells = [f"{median(rows, lambda r, s=stage: r['stages'][s]):.1f}" for stage in stages]
        walls = sorted(row["wall"] for row in rows)
        print(f"| {title}, median of {len(rows)} (min {walls[0]:.1f}, max {walls[-1]:.1f}) "
              f"| {median(rows, lambda r: r['wall']):.1f} | {median(rows, lambda r: r['cpu']):.1f} "
              f"| {' | '.join(cells)} | {median(rows, lambda r: r['memory']):.0f} |")


def print_rivals(names, runs, work):
    print("\n| the same packages | wall s | processor s |\n|---|---|---|")
    for title, folder in (("mmdebstrap to a folder", work), ("mmdebstrap to a tmpfs", "/dev/shm")):
        rows = []
        for _ in range(runs):
            tree = tempfile.mkdtemp(dir=folder)
            rows.append(run(["mmdebstrap", "--quiet", "--variant=apt",
                             "--dpkgopt=force-unsafe-io", f"--include={','.join(names)}",
                             "bookworm", f"{tree}/tree"]))
            subprocess.run(["rm", "-rf", "--one-file-system", tree], check=True)
        print(f"| {title} | {median(rows, lambda r: r[0]):.1f} | {median(rows, lambda r: r[1]):.1f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("img", help="the img program")
    parser.add_argument("--kickstart", default="examples/debian-minimal.ks")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--rivals", action="store_true")
    options = parser.parse_args()
    work = tempfile.mkdtemp(prefix="img-bench-")
    try:
        cold, cache = [], None
        for _ in range(options.runs):
            if cache:
                shutil.rmtree(cache)
            cache = tempfile.mkdtemp(dir=work)
            cold.append(build(options.img, options.kickstart, cache, work))
        warm = [build(options.img, options.kickstart, cache, work) for _ in range(options.runs)]
        print_builds([("cold", cold), ("packages cached", warm)])
        if options.rivals:
            print_rivals(warm[0]["names"], options.runs, work)
    finally:
        subprocess.run(["rm", "-rf", "--one-file-system", work], check=False)


if __name__ == "__main__":
    main()
