#!/usr/bin/env python3
"""kill -9 at every named point, on every kind of store, broker and artefact store; then a start as
if nothing had been, and a look: no job lost, none done twice, none stuck, no half file.

    kill_points_test.py build/release/bin --work DIR [--points submit.row-added,…] [--scenes …]

The points are those of src/system/kill_point.hpp: one that no scene passes is a failure.
"""
import argparse
import concurrent.futures
import json
import os
import re
import shutil
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

import processes
from fleet import Fleet, Servers, Trouble, kickstart
from s3_server import S3Server
from service import list_of
from verdict import expect

HEADER = Path(__file__).parents[2] / "src/system/kill_point.hpp"
AT_ONCE = 6      # they wait more than they work
IN_PARTS = 9_000_000  # bytes of an image that goes to S3 in two parts
PATIENCE = 60    # seconds: the contract's bar for a job that lost its program
LEASE = 10       # of workers; their beats come with every step of the builder

# Of a worker when there is one; in imgd where imgd builds itself.
OF_WORKERS = ("take.", "build.", "beat.sent", "publish.", "finish.sent")


@dataclass(frozen=True)
class Scene:
    store: str
    broker: str
    artifacts: str

    def name(self):
        return f"{self.store}+{self.broker}+{self.artifacts}"


SCENES = [Scene("sqlite", "memory", "file"), Scene("sqlite", "rabbitmq", "file"),
          Scene("sqlite", "rabbitmq", "http"), Scene("postgresql", "memory", "file"),
          Scene("postgresql", "rabbitmq", "http"), Scene("sqlite", "rabbitmq", "s3"),
          Scene("postgresql", "rabbitmq", "s3")]

# Where it matters that images go to S3; elsewhere, all is as it is with imgd's own folder. That an
# attempt is lost is a part of these: its worker dies in them.
OF_S3 = ("publish.", "finish.sent", "finish.moved", "retention.")


def applies(point, scene):
    if point.startswith("upload."):
        return scene.artifacts == "http"
    if point in ("publish.part", "publish.object"):
        return scene.artifacts == "s3"
    if scene.artifacts == "s3":
        return point.startswith(OF_S3) and point != "publish.synchronised"
    if point == "again.moved":
        return scene.broker == "rabbitmq"  # imgd's own worker cannot be stopped alone
    if point == "leftovers.closed":
        return scene.broker == "rabbitmq" and scene.artifacts == "file"
    if point == "door.job-added":
        return scene.broker == "rabbitmq"
    if point in ("publish.synchronised", "publish.half") and scene.artifacts == "http":
        return False  # imgd publishes there; upload.* are its points
    return True


class Run:
    """One point in one scene."""

    def __init__(self, point, scene, options, servers, s3):
        self.point, self.scene, self.servers = point, scene, servers
        self.s3 = s3 if scene.artifacts == "s3" else None
        self.name = f"{point.replace('.', '-')}-{scene.name()}"
        folder = options.work / self.name
        self.vhost = self.name
        broker_url = servers.rabbit.make_vhost(self.vhost) if scene.broker == "rabbitmq" else "memory:"
        store_url = servers.new_database() if scene.store == "postgresql" else ""
        # Each run has a prefix of the bucket for itself.
        s3_words = ({"arguments": s3.imgd_arguments(self.name), "worker_arguments": s3.arguments()}
                    if self.s3 else {})
        self.wishes = {"seconds": 1, "lines": 20, **({"size": IN_PARTS} if self.s3 else {})}
        self.fleet = Fleet(options.programs, folder, store_url, broker_url,
                           s3.place(self.name) if self.s3 else scene.artifacts,
                           lease=LEASE, **s3_words)
        is_of_worker = point.startswith(OF_WORKERS) and self.fleet.workers
        self.victim = self.fleet.workers[0] if is_of_worker else self.fleet.imgd
        self.inodes = {}  # of the files of jobs that are done: nobody replaces them

    def run(self):
        try:
            special = {"cancel.moved": self.cancel, "lost.fenced": self.lose,
                       "lost.moved": self.lose, "retention.marked": self.retain,
                       "retention.removed": self.retain, "finish.log-closed": self.fail,
                       "door.job-added": self.knock, "again.moved": self.give_again,
                       "leftovers.closed": self.cancel_published}
            special.get(self.point, self.build)()
            self.look_for_leftovers()
            if self.point == "submit.folder-made":
                self.sweep_orphan()
        finally:
            self.fleet.stop()
        shutil.rmtree(self.fleet.folder)

    # ---- what leads to the points ----

    def build(self):
        self.start()
        references = [f"{self.name}-{number}" for number in range(3)]
        for number, reference in enumerate(references):
            self.try_submit(f"job{number}", reference)
        self.bury_and_revive()
        ids = [self.fleet.submit(f"job{number}", reference, **self.wishes)
               for number, reference in enumerate(references)]
        self.expect_done(ids)

    def fail(self):
        self.start()
        self.try_submit("fails", self.name, fail="broken")
        self.bury_and_revive()
        job_id = self.fleet.submit("fails", self.name, **{**self.wishes, "fail": "broken"})
        job = self.fleet.imgd.wait_for(
            job_id, lambda one: one["state"] in ("error", "done"), PATIENCE, "finished")
        expect(job["state"] == "error" and "as it was told to" in job["error"],
               f"the job is {job['state']}: {job['error']}")
        log = self.fleet.imgd.text_of_log(job_id)
        # An attempt that was cut off after its last words is followed by another with its own.
        expect(1 <= log.count("IMG FAILED MISERABLY") <= job["attempt"] and
               log.rstrip().endswith("as it was told to"), f"the log ends so: {log[-300:]}")

    def cancel(self):
        self.start()
        job_id = self.fleet.submit("cancelled", self.name, seconds=300)
        self.fleet.imgd.wait_for(job_id, lambda job: job["state"] == "building", PATIENCE,
                                 "building")
        self.try_ask("DELETE", f"/api/v1/jobs/{job_id}")
        self.bury_and_revive()
        job = self.fleet.imgd.job(job_id)
        expect(job["state"] == "cancelled", f"the job is {job['state']}")
        builders = self.builders()
        deadline = time.monotonic() + 15
        while builders and time.monotonic() < deadline:
            time.sleep(0.2)
            builders = self.builders()
        expect(not builders, f"the cancelled build still runs: {builders}")

    def lose(self):
        """The program that builds is killed; whoever notices dies of it."""
        self.start("")
        job_id = self.fleet.submit("lost", self.name, seconds=3)
        self.fleet.imgd.wait_for(job_id, lambda job: job["state"] == "building", PATIENCE,
                                 "building")
        if self.fleet.workers:
            self.fleet.imgd.kill()
            self.fleet.imgd.start(kill_at=self.point)
            self.fleet.workers[0].kill()
        else:
            self.fleet.imgd.kill()
            self.fleet.imgd.start(kill_at=self.point)
        self.bury_and_revive()
        for worker in self.fleet.workers:
            worker.start()
        self.expect_done([job_id])
        expect(self.fleet.imgd.job(job_id)["attempt"] >= 2, "its lost worker was not noticed")

    def give_again(self):
        """A worker is stopped before it begins; it goes on when another has done its job."""
        self.start()
        late = self.fleet.workers[0]
        deadline = time.monotonic() + PATIENCE
        while not list_of(self.fleet.imgd.value("GET", "/api/v1/workers")) and \
                time.monotonic() < deadline:
            time.sleep(0.2)
        late.process.send_signal(signal.SIGSTOP)
        job_id = self.fleet.submit("again", self.name, **self.wishes)
        time.sleep(3)
        other = self.fleet.make_worker(1)
        self.fleet.workers.append(other)
        other.start()
        self.bury_and_revive()
        self.expect_done([job_id])
        expect(self.fleet.imgd.job(job_id)["attempt"] >= 2, "it was given again as it was")
        self.fleet.imgd.kill()  # nobody tells the late one to stop
        late.process.send_signal(signal.SIGCONT)
        time.sleep(8)
        self.fleet.imgd.start()
        expect(self.fleet.imgd.job(job_id)["state"] == "done", "it is done no more")
        self.fleet.check_published(job_id)

    def cancel_published(self):
        """A worker publishes and dies; before its job is lost, it is cancelled."""
        self.fleet.imgd.start()
        worker = self.fleet.workers[0]
        worker.start(kill_at="publish.done")
        job_id = self.fleet.submit("published", self.name, **self.wishes)
        worker.process.wait(PATIENCE)
        self.fleet.imgd.ask("DELETE", f"/api/v1/jobs/{job_id}")
        expect(self.fleet.imgd.job(job_id)["state"] == "cancelled", "it cannot be cancelled")
        expect(self.artefacts(job_id), "nothing was published")
        self.fleet.imgd.stop()
        self.fleet.imgd.start(kill_at=self.point)
        self.bury_and_revive()
        deadline = time.monotonic() + PATIENCE
        while self.artefacts(job_id) and time.monotonic() < deadline:
            time.sleep(0.2)

    def retain(self):
        self.start("")
        ids = [self.fleet.submit(f"kept{number}", f"{self.name}-{number}") for number in range(3)]
        self.expect_done(ids)
        self.fleet.imgd.stop()
        self.fleet.imgd.arguments += ["--keep-count", "1"]
        self.fleet.imgd.start(kill_at=self.point)
        self.bury_and_revive()
        self.expect_images_of(ids[2:], ids)
        self.fleet.check_published(ids[2])
        for job_id in ids[:2]:
            status = self.fleet.imgd.ask("GET", f"/images/{job_id}/kept{ids.index(job_id)}.raw")[0]
            expect(status == 410, f"an image that was removed: {status}, not 410")

    def expect_images_of(self, left, ids):
        """Soon; where all of them lie."""
        def with_images():
            if self.s3:
                return [one for one in ids if self.s3.keys(f"{self.name}/{one}/")]
            return [one for one in ids
                    if list((self.fleet.imgd.data / "www-root" / one).glob("*.raw"))]
        deadline = time.monotonic() + PATIENCE
        while with_images() != left and time.monotonic() < deadline:
            time.sleep(0.2)
        expect(with_images() == left, f"images are left of {with_images()}")

    def sweep_orphan(self):
        """The folder of the submit that was cut off goes once it is old; here it is made so."""
        www_root = self.fleet.imgd.data / "www-root"
        known = {row["id"] for row in self.fleet.rows()}
        orphans = [path for path in www_root.iterdir()
                   if not path.name.startswith(".") and path.name not in known]
        expect(len(orphans) == 1, f"there are {len(orphans)} folders without a job")
        for folder in www_root.iterdir():
            os.utime(folder, (time.time() - 7200, time.time() - 7200))
        self.fleet.imgd.stop()
        self.fleet.imgd.start()
        deadline = time.monotonic() + PATIENCE
        while orphans[0].exists() and time.monotonic() < deadline:
            time.sleep(0.2)
        expect(not orphans[0].exists(), "the folder without a job stays")
        for job_id in known:
            self.fleet.check_published(job_id)

    def knock(self):
        """A stranger's message, which is delivered again after the crash."""
        self.start()
        body = json.dumps({"id": self.name, "email": "x@example.org", "imagetype": "raw",
                           "ksfile": kickstart()})
        self.servers.rabbit.publish(self.vhost, "image_exchange", "img", body)
        self.bury_and_revive()
        deadline = time.monotonic() + PATIENCE
        while not (rows := self.fleet.rows()) and time.monotonic() < deadline:
            time.sleep(0.2)
        expect(len(rows) == 1, f"the stranger's message became {len(rows)} jobs")
        self.expect_done([rows[0]["id"]])

    # ---- death and resurrection ----

    def start(self, kill_at=None):
        at = self.point if kill_at is None else kill_at
        self.fleet.imgd.start(kill_at=at if self.victim is self.fleet.imgd else "")
        for worker in self.fleet.workers:
            worker.start(kill_at=at if self.victim is worker else "")

    def try_submit(self, name, reference, **wishes):
        """As a client that loses its service: it knows nothing of what became of the job."""
        try:
            self.fleet.submit(name, reference, **{**self.wishes, **wishes})
        except (OSError, Trouble):
            pass

    def try_ask(self, method, path):
        try:
            self.fleet.imgd.ask(method, path)
        except OSError:
            pass

    def bury_and_revive(self):
        process = self.victim.process
        try:
            process.wait(PATIENCE)
        except Exception:
            raise Trouble(f"{self.point} was not passed within {PATIENCE} s")
        expect(process.returncode == -9, f"it ended by itself with {process.returncode}")
        self.victim.start()

    # ---- what has to be so afterwards ----

    def expect_done(self, ids):
        expect(len(set(ids)) == len(ids), "two references have one job")
        self.fleet.wait_all(ids, PATIENCE)
        for job_id in ids:
            self.fleet.check_published(job_id)
            self.inodes[job_id] = self.artefacts(job_id)
            if self.s3:
                self.expect_manifest(job_id)
        rows = self.fleet.rows()
        expect(sorted(row["id"] for row in rows) == sorted(ids),
               f"there are {len(rows)} jobs instead of {len(ids)}")

    def expect_manifest(self, job_id):
        """Also in S3, with the attempt that was done, and the same as imgd's own."""
        attempt = self.fleet.imgd.job(job_id)["attempt"]
        own = (self.fleet.imgd.data / "www-root" / job_id / "manifest.json").read_bytes()
        there = self.s3.bytes_of(f"{self.name}/{job_id}/{attempt}/manifest.json")
        expect(there == own, "S3 has another manifest than imgd")

    def artefacts(self, job_id):
        """The files of a job's folder that a publication leaves, and which they are."""
        folder = self.fleet.imgd.data / "www-root" / job_id
        return {path.name: path.stat().st_ino for path in folder.iterdir()
                if not path.name.startswith(".") and path.suffix not in (".ks", ".log")}

    def builders(self):
        """Builds of this run alone."""
        return [name for name in map(processes.name, processes.descendants(1))
                if "empty_build" in name and str(self.fleet.folder) in full_name(name)]

    def look_for_leftovers(self):
        www_root = self.fleet.imgd.data / "www-root"
        incoming = [path for path in www_root.glob(".incoming/*")]
        expect(not incoming, f"half an upload is left: {incoming}")
        folders = {path.name for path in www_root.iterdir() if not path.name.startswith(".")}
        known = {row["id"] for row in self.fleet.rows()}
        expect(known <= folders, f"jobs without a folder: {known - folders}")
        for row in self.fleet.rows():
            there = self.artefacts(row["id"])
            expect(row["state"] == "done" or not there, f"{row['name']} is {row['state']}: {there}")
        for job_id, inodes in self.inodes.items():
            there = self.artefacts(job_id)
            expect(there.items() <= inodes.items(), f"files of a done job became others: {there}")
        # A submit that was cut off before its row, and so never answered, leaves its kickstart for
        # an hour.
        for orphan in folders - known:
            files = [file.suffix for file in (www_root / orphan).iterdir()]
            expect(files in ([], [".ks"]), f"{orphan} is no job and has {files}")


def full_name(name):
    try:
        return Path(f"/proc/{name.split()[0]}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=Path, help="folder of imgd and img-worker")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--points", help="only these, with commas between")
    parser.add_argument("--scenes", help="only these, sqlite+memory+file,…")
    options = parser.parse_args()
    options.work = options.work.absolute()
    shutil.rmtree(options.work, ignore_errors=True)
    options.work.mkdir(parents=True)

    listed = re.findall(r'"([a-z]+\.[a-z-]+)"', HEADER.read_text())
    points = options.points.split(",") if options.points else listed
    scenes = [scene for scene in SCENES
              if not options.scenes or scene.name() in options.scenes.split(",")]
    runs = [(point, scene) for point in points for scene in scenes if applies(point, scene)]
    failed = []

    def one(point, scene):
        try:
            Run(point, scene, options, servers, s3).run()
            print(f"PASS: {point} on {scene.name()}", flush=True)
        except Exception as error:
            failed.append(point)
            told = str(error) if isinstance(error, Trouble) else traceback.format_exc()
            print(f"FAIL: {point} on {scene.name()}: {told}", flush=True)

    begun, s3 = time.monotonic(), S3Server(options.work / "s3")
    with Servers(options.work / "rabbitmq") as servers:
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda run: one(*run), runs))
    s3.end()
    missed = set(points) - {point for point, _ in runs}
    for point in sorted(missed):
        print(f"FAIL: {point}: no scene passes it")
    print(f"kill points: {len(points)} points x {len(scenes)} back ends: {len(runs)} runs, "
          f"{len(failed) + len(missed)} failed, in {time.monotonic() - begun:.0f} s")
    if not failed and not missed:
        shutil.rmtree(options.work)
    return 1 if failed or missed else 0


if __name__ == "__main__":
    sys.exit(main())
