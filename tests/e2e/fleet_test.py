#!/usr/bin/env python3
"""Workers on machines of their own (network namespaces), and servers that go away in mid build.

    fleet_test.py build/release/bin --work DIR [--jobs 200] [--away 60]

three_machines  three workers work off 200 short jobs of 10 users: all done once, and Jain's index of
                what the users had got when half of the jobs were done is at least 0.9
two_services    two imgd on one PostgreSQL; the leading one is killed in mid build
servers_restart RabbitMQ and PostgreSQL killed and started again in mid build
servers_cut     the cables of the worker and of imgd pulled out in mid build, and put back
images_in_s3    a worker publishes to an S3 server; imgd, which has no file of it, leads readers there;
                its rules of keeping reach there once it has the keys
broker_away     the broker is gone for so many seconds: submits are taken, statuses served, and
                all is built afterwards
"""
import argparse
import collections
import concurrent.futures
import hashlib
import shutil
import signal
import sys
import time
import traceback
from pathlib import Path

from fleet import Fleet, Servers, Trouble
from network import Machine
from rabbitmq_server import RabbitMq
from s3_server import S3Server
from verdict import expect

PATIENCE = 90


def jain(shares):
    """R. Jain et al., "A Quantitative Measure of Fairness", 1984: 1 is fair, 1/n is not at all."""
    return sum(shares) ** 2 / (len(shares) * sum(share * share for share in shares))


def once_each(fleet, notes, names):
    """By the notes that builders left, not by what the service says."""
    lines = notes.read_text().splitlines()
    begun = collections.Counter(line.split()[1] for line in lines if not line.startswith("end "))
    ended = [line.split()[1] for line in lines if line.startswith("end ")]
    expect(sorted(ended) == sorted(names), f"{len(ended)} builds ended instead of {len(names)}")
    expect(set(begun.values()) == {1},
           f"built more than once: {[name for name, times in begun.items() if times > 1]}")
    return ended


def three_machines(options, servers, folder):
    machines = [Machine(number) for number in (11, 12, 13)]
    vhost = "three"
    url = servers.rabbit.make_vhost(vhost)
    fleet = Fleet(options.programs, folder, servers.new_database(), url, "http",
                  workers=0, slots=2, lease=30)
    fleet.imgd.arguments += [word for machine in machines for word in ("--host", machine.here)]
    try:
        for number, machine in enumerate(machines):
            broker = machine.may_reach(servers.rabbit.port)
            imgd = machine.may_reach(fleet.imgd.port)
            fleet.workers.append(fleet.make_worker(
                number, machine, url.replace(f"127.0.0.1:{servers.rabbit.port}", broker), imgd))
        fleet.imgd.start()
        notes = folder / "notes"
        users = [f"user{number}@example.org" for number in range(10)]
        # The greediest first, all of his jobs at once: 65, 15, 15, …
        counts = [options.jobs - 9 * (options.jobs * 3 // 40)] + 9 * [options.jobs * 3 // 40]
        ids, names, owner = [], [], {}
        for user, count in zip(users, counts):
            for number in range(count):
                name = f"{user.split('@')[0]}-{number}"
                ids.append(fleet.submit(name, email=user, seconds=0.3, note=notes))
                names.append(name)
                owner[name] = user
        begun = time.monotonic()
        for worker in fleet.workers:
            worker.start()
        fleet.wait_all(ids, 600)
        took = time.monotonic() - begun
        ended = once_each(fleet, notes, names)
        for job_id in ids:
            fleet.check_published(job_id)
        # While everybody still waits for something, all have the same right to be served.
        half = ended[:9 * min(counts)]
        served = collections.Counter(owner[name] for name in half)
        index = jain([served[user] for user in users])
        attempts = {row["attempt"] for row in fleet.rows()}
        expect(attempts == {1}, f"attempts: {attempts}")
        expect(index >= 0.9, f"the fairness index is {index:.3f}: {dict(served)}")
        per_worker = [(worker.folder / "worker.log").read_text().count("event=taken")
                      for worker in fleet.workers]
        expect(min(per_worker) > 0, f"not all workers worked: {per_worker}")
        return (f"{len(ids)} jobs of {len(users)} users in {took:.0f} s by workers that had "
                f"{per_worker}, fairness index {index:.3f}")
    finally:
        fleet.stop()
        for machine in machines:
            machine.end()


def two_services(options, servers, folder):
    url = servers.rabbit.make_vhost("two")
    store = servers.new_database()
    first = Fleet(options.programs, folder / "first", store, url, "file", lease=10)
    second = Fleet(options.programs, folder / "second", store, url, "file", workers=0, lease=10)
    www_root = first.imgd.data / "www-root"
    second.imgd.arguments += ["--artifacts", f"file:{www_root}"]
    try:
        first.start()
        second.imgd.start()
        ids = [first.submit("by-first", seconds=4), second.submit("by-second", seconds=4)]
        second.imgd.wait_for(ids[0], lambda job: job["state"] == "building", PATIENCE, "building")
        first.imgd.kill()
        ids.append(second.submit("after-the-first", seconds=1))
        second.wait_all(ids, PATIENCE)
        for job_id in ids:
            first.check_published(job_id)  # its folder is the shared one
        return "the second took over in mid build"
    finally:
        second.stop()
        first.stop()


def servers_restart(options, _, folder):
    with Servers(folder / "servers") as own:
        fleet = Fleet(options.programs, folder / "fleet", own.new_database(),
                      own.rabbit.make_vhost("img"), "http", slots=2, lease=20)
        try:
            fleet.start()
            ids = [fleet.submit(f"job{number}", seconds=12, lines=200) for number in range(2)]
            for job_id in ids:
                fleet.imgd.wait_for(job_id, lambda job: job["state"] == "building", PATIENCE,
                                    "building")
            own.rabbit.kill()
            own.postgres.stop(signal.SIGKILL)
            time.sleep(2)
            own.postgres.start()
            own.rabbit.start()
            own.rabbit.restart()
            fleet.wait_all(ids, PATIENCE)
            for job_id in ids:
                fleet.check_published(job_id)
                check_log(fleet, job_id, 200)
            return f"attempts {[fleet.imgd.job(job_id)['attempt'] for job_id in ids]}"
        finally:
            fleet.stop()


def check_log(fleet, job_id, lines):
    """Of the last attempt: every line, once, in order."""
    log = fleet.imgd.text_of_log(job_id).rsplit("--- attempt", 1)[-1]
    name = fleet.imgd.job(job_id)["name"]
    said = [line for line in log.splitlines() if line.startswith("line ")]
    expect(said == [f"line {number} of {name}" for number in range(1, lines + 1)],
           f"the log of {name} has {len(said)} of {lines} lines")


def servers_cut(options, servers, folder):
    """imgd is on a machine of its own, and so is the worker; each loses sight of the broker."""
    here, there = Machine(21), Machine(22)
    url = servers.rabbit.make_vhost("cut")
    store = servers.new_database()

    def seen_by(machine, address, port):
        return address.replace(f"127.0.0.1:{port}", machine.may_reach(port))
    fleet = Fleet(options.programs, folder, seen_by(here, store, servers.postgres.port),
                  seen_by(here, url, servers.rabbit.port), "file", workers=0, lease=15)
    fleet.imgd.machine, fleet.imgd.address = here, here.there
    fleet.imgd.arguments += ["--trust-network"]
    fleet.workers.append(fleet.make_worker(0, there, seen_by(there, url, servers.rabbit.port)))
    try:
        fleet.start()
        ids = [fleet.submit("worker-cut", seconds=8, lines=100)]
        fleet.imgd.wait_for(ids[0], lambda job: job["state"] == "building", PATIENCE, "building")
        there.cut()
        time.sleep(5)  # shorter than the lease
        there.mend()
        fleet.wait_all(ids, PATIENCE)
        ids.append(fleet.submit("service-cut", seconds=8, lines=100))
        fleet.imgd.wait_for(ids[1], lambda job: job["state"] == "building", PATIENCE, "building")
        here.cut()
        time.sleep(25)  # longer than the lease: its worker was heard by nobody
        here.mend()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                fleet.imgd.job(ids[1])
                break
            except (OSError, Trouble):
                time.sleep(0.5)
        fleet.wait_all(ids, PATIENCE)
        for job_id in ids:
            fleet.check_published(job_id)
            check_log(fleet, job_id, 100)
        return f"attempts {[fleet.imgd.job(job_id)['attempt'] for job_id in ids]}"
    finally:
        fleet.stop()
        here.end()
        there.end()


def images_in_s3(options, servers, folder):
    s3 = S3Server(folder)
    fleet = Fleet(options.programs, folder / "fleet", "", servers.rabbit.make_vhost("s3"),
                  s3.place("img"), arguments=s3.imgd_arguments("img"),
                  worker_arguments=s3.arguments())
    imgd = fleet.imgd
    try:
        fleet.start()
        job_id, next_id = [fleet.submit(name, size=9_000_000) for name in ("in-s3", "next")]
        fleet.wait_all([job_id, next_id], PATIENCE)
        files = {file["name"]: file for file in imgd.artifacts(job_id)["artifacts"]}
        expect("in-s3.raw" in files, f"the image is not among {sorted(files)}")
        here = list((imgd.data / "www-root" / job_id).glob("*.raw"))
        expect(not here, f"imgd has the image itself: {here}")
        digest = hashlib.sha256(fleet.follow(f"/images/{job_id}/in-s3.raw")).hexdigest()
        expect(digest == files["in-s3.raw"]["sha256"], "S3 has another image than the manifest says")
        for worker in fleet.workers:
            worker.stop()
        imgd.stop()
        kept_without_keys(fleet, s3, job_id)
        took = removed_by_retention(fleet, s3, job_id, next_id)
        return (f"{files['in-s3.raw']['size']} bytes by a link that holds for an hour, and gone "
                f"from S3 in {took:.1f} s")
    finally:
        fleet.stop()
        s3.end()


def kept_without_keys(fleet, s3, job_id):
    """An imgd that has not been told of S3 leaves it alone, and says so once."""
    imgd = fleet.imgd
    told, s3_words = imgd.arguments, s3.imgd_arguments("img")
    imgd.arguments = [word for word in told if word not in s3_words] + ["--keep-count", "1"]
    imgd.start()
    deadline = time.monotonic() + PATIENCE
    while "give imgd this place and its keys" not in imgd.log.read_text():
        expect(time.monotonic() < deadline, "it does not say that S3 is out of its reach")
        time.sleep(0.1)
    expect(imgd.job(job_id)["removed"] is None, "it says that the image is gone")
    imgd.stop()
    imgd.arguments = told
    expect(len(s3.keys(f"img/{job_id}/")) == 3, "it is gone from S3 all the same")


def removed_by_retention(fleet, s3, job_id, next_id):
    """Seconds until S3 had nothing of the job any more; also not of an attempt that was lost."""
    imgd, begun = fleet.imgd, time.monotonic()
    s3.put(f"img/{job_id}/7/in-s3.raw", b"of a worker that was lost")
    imgd.arguments += ["--keep-count", "1"]
    imgd.start()
    while s3.keys(f"img/{job_id}/"):
        expect(time.monotonic() - begun < PATIENCE,
               f"S3 still has {s3.keys(f'img/{job_id}/')}: {imgd.last_words()}")
        time.sleep(0.1)
    took = time.monotonic() - begun
    expect(imgd.job(job_id)["removed"], "REST does not say that the image was removed")
    status = imgd.ask("GET", f"/images/{job_id}/in-s3.raw")[0]
    expect(status == 410, f"the image that was removed: {status}, not 410")
    status, _, page = imgd.ask("GET", f"/images/{job_id}/")
    expect(status == 200 and b"The images were removed on" in page,
           f"the page of its images does not say it: {status}")
    names = {file["name"] for file in imgd.artifacts(job_id)["artifacts"]}
    expect({"in-s3.ks", "in-s3.log", "manifest.json"} <= names and "in-s3.raw" not in names,
           f"what is left is {sorted(names)}")
    notes = imgd.data / "www-root/.removing"
    deadline = time.monotonic() + PATIENCE
    while list(notes.iterdir()):
        expect(time.monotonic() < deadline, f"notes are left: {list(notes.iterdir())}")
        time.sleep(0.1)
    fleet.check_published(next_id)
    return took


def broker_away(options, _, folder):
    rabbit = RabbitMq(folder / "rabbitmq")
    rabbit.start()
    fleet = Fleet(options.programs, folder / "fleet", "", rabbit.make_vhost("away"), "http",
                  lease=20)
    try:
        fleet.start()
        ids = [fleet.submit("before", seconds=4)]
        fleet.imgd.wait_for(ids[0], lambda job: job["state"] == "building", PATIENCE, "building")
        rabbit.stop()
        gone = time.monotonic()
        slowest = 0.0
        while time.monotonic() - gone < options.away:
            asked = time.monotonic()
            ids.append(fleet.submit(f"away{len(ids)}"))
            fleet.imgd.job(ids[-1])
            slowest = max(slowest, time.monotonic() - asked)
            time.sleep(options.away / 20)
        rabbit.start()
        fleet.wait_all(ids, 2 * PATIENCE)
        for job_id in ids:
            fleet.check_published(job_id)
        expect(len(fleet.rows()) == len(ids), "jobs were lost or doubled")
        attempt = fleet.imgd.job(ids[0])["attempt"]
        expect(attempt == 1, f"the build that went on meanwhile was given up: attempt {attempt}")
        return (f"{len(ids) - 1} submits in {options.away} s without a broker, the slowest "
                f"{1000 * slowest:.0f} ms")
    finally:
        fleet.stop()
        rabbit.end()


CASES = {case.__name__: case for case in (
    three_machines, two_services, servers_restart, servers_cut, images_in_s3, broker_away)}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=Path, help="folder of imgd and img-worker")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--away", type=float, default=60, help="seconds without a broker")
    parser.add_argument("--only", help="these cases, with commas between")
    options = parser.parse_args()
    options.work = options.work.absolute()
    shutil.rmtree(options.work, ignore_errors=True)
    options.work.mkdir(parents=True)
    names = options.only.split(",") if options.only else list(CASES)
    failed = 0

    def run(name):
        try:
            return f"PASS: {name}: {CASES[name](options, servers, options.work / name)}"
        except Exception as error:
            told = str(error) if isinstance(error, Trouble) else traceback.format_exc()
            return f"FAIL: {name}: {told}"

    with Servers(options.work / "rabbitmq") as servers:
        # They wait more than they work.
        with concurrent.futures.ThreadPoolExecutor(len(CASES)) as pool:
            for told in pool.map(run, names):
                print(told, flush=True)
                failed += told.startswith("FAIL")
    print(f"fleet test: {len(names)} cases, {failed} failed")
    if not failed:
        shutil.rmtree(options.work)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
