#!/usr/bin/env python3
"""Two img-workers beside an imgd that builds nothing itself, a real RabbitMQ between them, images
uploaded over HTTP. Workers leave, are killed, lose their broker and their imgd; each job is done
once all the same, and its log is whole. Exit 0: so it was, and nothing is left running.

    worker_test.py build/release/bin --work DIR
"""
import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path

import processes
from empty_build import log_line
from fleet import TOKEN, Fleet
from rabbitmq_server import RabbitMq
from verdict import Trouble, expect

LEASE = 10    # seconds; a worker's beats come every ten, and with each step of the builder
LONG_LEASE = 60  # where the broker is away for longer than that
SOON = 60     # the contract's bar for a job whose worker was killed
HANDED_ON = 5  # from the end of a worker that was told to go to the next one's build
AT_ONCE = 2   # from a cancel to the last process


def wait_until(holds, seconds, what):
    deadline = time.monotonic() + seconds
    while not holds():
        expect(time.monotonic() < deadline, f"not within {seconds} s: {what}")
        time.sleep(0.02)


class Field:
    """The servers, and what tests ask about builds."""

    def __init__(self, options, rabbit, name, lease=LEASE):
        self.notes = options.work / f"{name}.notes"
        self.rabbit = rabbit
        self.fleet = Fleet(options.programs, options.work / name,
                           broker_url=rabbit.make_vhost(name), artifacts="http", workers=2,
                           lease=lease, worker_arguments=["--drain-timeout", "30"])
        self.fleet.start()
        self.imgd = self.fleet.imgd

    def submit(self, name, **wishes):
        return self.fleet.submit(name, note=self.notes, **wishes)

    def builders(self, name):
        """Numbers of the processes that began to build it, in their order."""
        lines = self.notes.read_text().split("\n") if self.notes.exists() else []
        return [int(words[0]) for words in map(str.split, lines)
                if len(words) == 2 and words[1] == name and words[0] != "end"]

    def builds_ended(self, name):
        return self.notes.read_text().split("\n").count(f"end {name}")

    def worker_of(self, name, attempt=1):
        """The worker that has it, once its builder runs."""
        wait_until(lambda: len(self.builders(name)) >= attempt, SOON, f"{name} is being built")
        pid = self.builders(name)[attempt - 1]
        for worker in self.fleet.workers:
            if worker.is_running() and pid in processes.descendants(worker.process.pid):
                return worker
        raise Trouble(f"no worker has the builder {pid} of {name}")

    def wait_done(self, job_id, seconds=SOON):
        return self.imgd.wait_for(job_id, lambda job: job["state"] == "done", seconds, "done")

    def check_log(self, job_id, name, lines, attempt=1):
        """Every line that its builder said, in their order, and none twice."""
        text = self.imgd.text_of_log(job_id).rpartition(f"--- attempt {attempt} ---\n")[2]
        said = [line for line in text.splitlines() if line.startswith("line ")]
        expect(said == [log_line(number, name) for number in range(1, lines + 1)],
               f"the log of {name} is not what its builder said: {len(said)} of {lines} lines")

    def end(self):
        self.fleet.stop()


def log_is_whole(field):
    """More than a piece holds, and faster than pieces go."""
    job_id = field.submit("talker", seconds=1, lines=20000)
    field.wait_done(job_id)
    field.check_log(job_id, "talker", 20000)
    field.fleet.check_published(job_id)


def cancel_is_quick(field):
    job_id = field.submit("unwanted", seconds=60)
    field.worker_of("unwanted")
    pid = field.builders("unwanted")[0]
    begun = time.monotonic()
    field.imgd.value("DELETE", f"/api/v1/jobs/{job_id}")
    wait_until(lambda: not Path(f"/proc/{pid}").exists(), AT_ONCE, "the builder is gone")
    print(f"  cancel to the last process: {time.monotonic() - begun:.2f} s")
    expect(field.imgd.job(job_id)["state"] == "cancelled", "the job is not cancelled")


def worker_drains(field):
    """SIGTERM: what it has is finished, what comes goes to the other."""
    first = field.submit("last", seconds=4)
    leaving = field.worker_of("last")
    leaving.process.send_signal(signal.SIGTERM)
    second = field.submit("next", seconds=0)
    field.wait_done(second, 20)
    expect(leaving.is_running(), "it did not wait for its build")
    job = field.wait_done(first)
    expect(job["attempt"] == 1, "the build was given to another although it was finished")
    expect(leaving.process.wait(10) == 0, f"it ended badly: {leaving.last_words()}")
    leaving.start()


def worker_hurries(field):
    """A second SIGTERM ends the build, and the other worker has the job at once."""
    job_id = field.submit("hurried", seconds=5)
    leaving = field.worker_of("hurried")
    leaving.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    expect(leaving.is_running(), "it did not wait for its build")
    leaving.process.send_signal(signal.SIGTERM)
    expect(leaving.process.wait(5) == 0, f"it ended badly: {leaving.last_words()}")
    begun = time.monotonic()
    wait_until(lambda: len(field.builders("hurried")) == 2, HANDED_ON, "the other worker has it")
    print(f"  from the worker's end to the other's build: {time.monotonic() - begun:.2f} s")
    job = field.wait_done(job_id)
    expect(job["attempt"] == 2, f"it is attempt {job['attempt']}")
    expect(field.builds_ended("hurried") == 1, "it was built to its end more than once")
    leaving.start()


def worker_is_killed(field):
    job_id = field.submit("orphan", seconds=5, lines=500)
    victim = field.worker_of("orphan")
    pid = field.builders("orphan")[0]
    victim.kill()
    begun = time.monotonic()
    wait_until(lambda: not Path(f"/proc/{pid}").exists(), AT_ONCE, "its builder is gone with it")
    job = field.wait_done(job_id)
    print(f"  kill -9 to done by the other, of which 5 s are the build: "
          f"{time.monotonic() - begun:.1f} s")
    expect(job["attempt"] == 2, f"it is attempt {job['attempt']}")
    field.check_log(job_id, "orphan", 500, attempt=2)
    field.fleet.check_published(job_id)
    victim.start()


def broker_restarts(field):
    """In mid build: the log has no gap and the job no second attempt."""
    job_id = field.submit("steady", seconds=25, lines=2000)
    field.worker_of("steady")
    field.rabbit.restart()
    job = field.wait_done(job_id)
    expect(job["attempt"] == 1, f"it is attempt {job['attempt']}")
    field.check_log(job_id, "steady", 2000)


def imgd_restarts(field):
    """While the image is to be uploaded: the worker goes on trying."""
    job_id = field.submit("patient", seconds=2, size=3_000_000)
    field.worker_of("patient")
    field.imgd.kill()
    time.sleep(4)
    field.imgd.start()
    job = field.wait_done(job_id)
    expect(job["attempt"] == 1, f"it is attempt {job['attempt']}")
    field.fleet.check_published(job_id)


def secrets_stay_secret(field):
    """Neither the broker's password nor the token stands in a log."""
    for log in field.fleet.folder.rglob("*.log"):
        text = log.read_text(errors="replace")
        expect(TOKEN not in text and "imgpwd" not in text, f"{log} shows a secret")


TESTS = [log_is_whole, cancel_is_quick, worker_drains, worker_hurries, worker_is_killed,
         imgd_restarts, secrets_stay_secret]
LONG_TESTS = [broker_restarts, secrets_stay_secret]


def wrong_words(programs):
    """A sentence for each, and the exit code: 1 for values, 2 for words."""
    broker, place = ["--broker", "amqp://x/"], ["--artifacts", "file:/tmp/x"]
    builder = ["--builder", "/bin/true"]
    for code, words in [(1, []), (1, broker), (2, ["--nonsense"]), (2, [*broker, "--slots", "0"]),
                        (1, [*broker, *place, "--executor", "vm"]),
                        (1, [*broker, *place, "--types", "cow"]),
                        (1, [*broker, *place, "--disk-per-build", "much"]),
                        (1, [*broker, *place, "--builder", "/nonexistent"]),
                        (1, [*broker, *builder, "--artifacts", "http://x/"]),
                        (1, [*broker, *builder, "--artifacts", "ftp://x/"]),
                        (1, ["--broker", "http://x/", *builder, *place, "--check-config"]),
                        (0, [*broker, *builder, *place, "--check-config"])]:
        run = subprocess.run([programs / "img-worker", *words], capture_output=True, text=True,
                             timeout=20, env={"PATH": "/usr/bin:/bin", "HOME": "/root"})
        expect(run.returncode == code, f"{words}: exit {run.returncode}: {run.stderr}")
        expect(code == 0 or run.stderr or run.stdout, f"{words}: it said nothing")
    for code, words in [(0, []), (1, ["--store", "mysql://x/"]), (1, ["--broker", "http://x/"]),
                        (1, ["--s3", "ftp://x/"]), (1, ["--s3", "s3://images/no-keys"]),
                        (0, ["--store", "postgresql://x/y", "--broker", "amqp://x/y"])]:
        run = subprocess.run([programs / "imgd", "--check-config", *words], capture_output=True,
                             text=True, timeout=20, env={"PATH": "/usr/bin:/bin", "HOME": "/root"})
        expect(run.returncode == code, f"imgd {words}: exit {run.returncode}: {run.stderr}")
        named = [*words[1:2], "give", "AWS_ACCESS_KEY_ID"]  # what is wrong, or what to do
        expect(code == 0 or any(name in run.stderr for name in named), f"imgd {words}: {run.stderr}")


def run_tests(tests, options, rabbit, name, lease):
    field = Field(options, rabbit, name, lease)
    try:
        for test in tests:
            if options.only in test.__name__:
                print(test.__name__, flush=True)
                test(field)
    finally:
        field.end()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=Path)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    processes.adopt_orphans()
    options.work = options.work.absolute()
    shutil.rmtree(options.work, ignore_errors=True)
    options.work.mkdir(parents=True)
    rabbit = RabbitMq(options.work / "rabbit")
    try:
        wrong_words(options.programs)
        rabbit.start()
        run_tests(TESTS, options, rabbit, "field", LEASE)
        run_tests(LONG_TESTS, options, rabbit, "long", LONG_LEASE)
    except Exception:  # whatever it is, the servers have to end
        traceback.print_exc()
        return 1
    finally:
        rabbit.end()
    wait_until(lambda: not processes.descendants(os.getpid()), 5, "every process is gone")
    shutil.rmtree(options.work)
    return 0


if __name__ == "__main__":
    sys.exit(main())
