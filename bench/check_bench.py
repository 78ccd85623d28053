#!/usr/bin/env python3
"""Times `img check` of a kickstart of 300 lines: the whole program, and parse() inside it where
parse_bench is built beside img; prints Markdown.

    cmake --build --preset release --target img parse_bench
    bench/check_bench.py build/release/bin/img [--runs 200]
    tests/e2e/limits_test.py build/release/bin/img --table      # 10 MB of this and that

Quote the medians, and the machine they are from.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

KICKSTART = (Path(__file__).resolve().parent.parent
             / "tests/corpus/kickstart/rocky/department-server.ks")


def milliseconds(command):
    """Wall and processor time from starting the program until it is gone; its answer goes nowhere."""
    with open(os.devnull, "wb") as nothing:
        begin = time.perf_counter()
        child = subprocess.Popen(command, stdout=nothing, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - begin
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)}: exit {child.returncode}")
    return wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000


def row(title, command, runs):
    milliseconds(command)  # the first one fills the page cache
    walls, cpus = zip(*(milliseconds(command) for _ in range(runs)))
    print(f"| {title} | {statistics.median(walls):.1f} | {min(walls):.1f} "
          f"| {sorted(walls)[int(0.95 * runs)]:.1f} | {statistics.median(cpus):.1f} |", flush=True)


def parse_rows(bench, kickstart, runs):
    done = subprocess.run([bench, "--benchmark_format=json", f"--benchmark_repetitions={runs}",
                           "--benchmark_min_time=0.2", kickstart],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    rows = json.loads(done.stdout)["benchmarks"]
    for name in ("parse", "print"):
        times = sorted(row["real_time"] for row in rows
                       if row["name"] == name and row["run_type"] == "iteration")
        print(f"| {name}(), µs | {statistics.median(times):.0f} | {times[0]:.0f} "
              f"| {times[-1]:.0f} | |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("img", help="the img program")
    parser.add_argument("--kickstart", default=str(KICKSTART))
    parser.add_argument("--runs", type=int, default=200)
    options = parser.parse_args()
    img = os.path.abspath(options.img)
    lines = len(Path(options.kickstart).read_text().splitlines())
    print(f"| {lines} lines, {options.runs} runs | median ms | least | 95 % | processor ms |\n"
          "|---|---|---|---|---|")
    row("img check", [img, "check", options.kickstart], options.runs)
    row("img check --json", [img, "check", "--json", options.kickstart], options.runs)
    row("img print", [img, "print", options.kickstart], options.runs)
    row("img --version, which reads nothing", [img, "--version"], options.runs)
    bench = Path(img).with_name("parse_bench")
    if bench.exists():
        parse_rows(str(bench), options.kickstart, 9)


if __name__ == "__main__":
    main()
