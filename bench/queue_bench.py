#!/usr/bin/env python3
"""Jobs a second from a submit over REST to "done", with a build that does nothing, through RabbitMQ
and without it; and how long the first of them waits when many are there.

    bench/queue_bench.py build/release/bin [--jobs 500]

The builder is a shell script that leaves a file and a manifest. RabbitMQ and PostgreSQL are
started for it, with fsync.
"""
import argparse
import concurrent.futures
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/e2e"))
import fleet  # noqa: E402
from postgres import Postgres  # noqa: E402
from rabbitmq_server import RabbitMq  # noqa: E402

BUILDER = """\
#!/bin/sh
# build KS … -n NAME … -o OUT --json
while [ $# -gt 0 ]; do
    case $1 in
        -n) name=$2; shift;;
        -o) out=$2; shift;;
    esac
    shift
done
mkdir -p "$out"
echo "$name" > "$out/$name.raw"
echo '{"format":1,"artifacts":[]}' > "$out/manifest.json"
echo "{\\"event\\":\\"finished\\",\\"image\\":\\"$name.raw\\",\\"folder\\":\\"$out\\"}"
"""


def measure(programs, folder, store, broker, jobs):
    service = fleet.Fleet(programs, folder, store, broker, "file", workers=2, slots=4, lease=60)
    try:
        service.imgd.start()
        begun = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            ids = list(pool.map(lambda number: service.submit(f"job{number}"), range(jobs)))
        submitted = time.monotonic() - begun
        begun = time.monotonic()
        for worker in service.workers:
            worker.start()
        service.wait_all(ids, 600)
        rows = [service.imgd.job(job_id) for job_id in ids]
        done = max(row["finished"] for row in rows), min(row["started"] for row in rows)
        return jobs / submitted, jobs / seconds_between(*reversed(done))
    finally:
        service.stop()


def seconds_between(first, last):
    def seconds(text):
        clock = text.split("T")[1].rstrip("Z").split(":")
        return int(clock[0]) * 3600 + int(clock[1]) * 60 + float(clock[2])
    return seconds(last) - seconds(first)


def latency(programs, folder, broker, rounds):
    """From the submit to the worker's first word, when nothing else is there."""
    service = fleet.Fleet(programs, folder, "", broker, "file", workers=1, slots=2, lease=60)
    waits = []
    try:
        service.start()
        for number in range(rounds):
            job_id = service.submit(f"one{number}")
            service.wait_all([job_id], 30)
            row = service.imgd.job(job_id)
            waits.append(1000 * seconds_between(row["created"], row["started"]))
        return statistics.median(waits), max(waits)
    finally:
        service.stop()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=Path)
    parser.add_argument("--jobs", type=int, default=500)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="img-queue-") as work:
        work = Path(work)
        fleet.BUILDER = work / "builder"
        fleet.BUILDER.write_text(BUILDER)
        fleet.BUILDER.chmod(0o755)
        rabbit = RabbitMq(work / "rabbitmq")
        rabbit.start()
        try:
            with Postgres(tcp=True, fsync=True) as postgres:
                print("| store, broker | submits over REST /s | jobs done /s |")
                print("|---|---|---|")
                for name, store, broker in (
                        ("SQLite, RabbitMQ", "", rabbit.make_vhost("a")),
                        ("PostgreSQL, RabbitMQ", postgres.new_database(), rabbit.make_vhost("b"))):
                    submits, done = measure(options.programs, work / name.replace(", ", "-"), store,
                                            broker, options.jobs)
                    print(f"| {name} | {submits:.0f} | {done:.0f} |", flush=True)
            median, worst = latency(options.programs, work / "latency", rabbit.make_vhost("c"), 50)
            print(f"\nsubmit to begun through RabbitMQ: median {median:.0f} ms, worst {worst:.0f} ms")
        finally:
            rabbit.end()


if __name__ == "__main__":
    sys.exit(main())
