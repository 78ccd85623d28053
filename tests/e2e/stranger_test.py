#!/usr/bin/env python3
"""Strangers count: programs that know nothing but the original's documentation, and its client.

    stranger_test.py FOLDER-OF-PROGRAMS

A RabbitMQ, an imgd and an img-worker are started; images are stood in for by empty_build.py. What
is published to either exchange, by a client of this test's own, becomes a job or is refused.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from pathlib import Path

import processes
from fleet import Fleet, kickstart
from rabbitmq_server import RabbitMq
from service import list_of
from stranger import Stranger
from verdict import Trouble, expect

PATIENCE = 40  # seconds, for a build that takes one

# What kickstarter needs, and nothing else; the last line is for empty_build.py.
CONFIGURATION = """\
Default:
    Language: en_US.UTF-8
    Keyboard: us
    Timezone: Etc/UTC
    RootPass: img
    DefaultUser: user
    DefaultUserPass: img
    PartSize: 1500
    FileSystem: ext4
    SaveRepos: False
    BootloaderTimeout: 1
    BootloaderAppend: "quiet"
    Repos:
        - debian
    ExtraPackages:
        - apt
PHONE:
    Kernel: linux-image-cloud-amd64
Configurations:
    -   Name: A phone
        FileName: phone
        Platform: PHONE
"""


def equal(got, wanted, what):
    expect(got == wanted, f"{what}: {got!r} instead of {wanted!r}")


class Scene:
    def __init__(self, programs, folder):
        self.programs = programs
        self.rabbit = RabbitMq(folder / "rabbitmq")
        self.folder = folder
        self.statuses, self.links, self.errors = {}, {}, {}  # by id, in their order

    def __enter__(self):
        self.rabbit.start()
        self.url = self.rabbit.make_vhost("imgvhost")
        self.fleet = Fleet(self.programs, self.folder / "fleet", broker_url=self.url)
        self.fleet.start()
        self.stranger = Stranger(self.url)
        return self

    def __exit__(self, *_):
        self.fleet.stop()
        self.rabbit.end()

    # ---- as the original's web interface: it drains the queues of results ----

    def drain(self):
        for queue, kept in (("status_queue", self.statuses), ("link_queue", self.links),
                            ("error_queue", self.errors)):
            body = self.stranger.get(queue)
            while body is not None:
                message = json.loads(body)
                kept.setdefault(message["id"], []).append(message)
                body = self.stranger.get(queue)

    def wait_for(self, request_id, status):
        """All statuses of this id, the last of which is that one."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.drain()
            got = self.statuses.get(request_id, [])
            if got and got[-1]["status"] == status:
                return got
            time.sleep(0.1)
        raise Trouble(f"no {status} within {PATIENCE} s, only {self.statuses.get(request_id)}; "
                      f"imgd: {self.fleet.imgd.last_words()}")

    def send(self, key, request_id=None, **body):
        """The id that the sender made for it."""
        request_id = request_id or str(uuid.uuid1())
        body = {"email": "test@test.org", "id": request_id, "imagetype": "raw", **body}
        self.stranger.publish("image_exchange", key, json.dumps(body), request_id)
        return request_id

    def client(self, *arguments):
        """img-client: its exit code, and what it printed."""
        done = subprocess.run(
            [self.programs / "img-client", *arguments], capture_output=True, text=True,
            env={**os.environ, "IMG_BROKER": self.url}, stdin=subprocess.DEVNULL,
            timeout=PATIENCE + 20)
        return done.returncode, done.stdout, done.stderr

    # ---- what must be so ----

    def a_kickstart_becomes_an_image(self):
        request_id = self.send("img", ksfile=kickstart(seconds=1, case="kickstart"))
        statuses = self.wait_for(request_id, "DONE")
        equal([one["status"] for one in statuses], ["IN QUEUE", "BUILDING", "BUILDING", "DONE"],
              "the statuses in their order")
        equal([sorted(one) for one in statuses],
              [["id", "status", "url"], ["id", "log", "status", "url"],
               ["id", "image", "log", "status", "url"], ["id", "log", "status", "url"]],
              "the keys of each")
        image = statuses[2]["image"]
        equal(self.links[request_id], [{"id": request_id, "url": image}], "the link")
        expect(request_id not in self.errors, f"an error too: {self.errors.get(request_id)}")
        for url in (image, statuses[1]["log"], statuses[3]["url"]):
            with urllib.request.urlopen(url, timeout=20) as answer:
                equal(answer.status, 200, url)
        rows = list_of(self.fleet.imgd.value("GET", "/api/v1/jobs"))
        row = next(one for one in rows if one["id"] in image)
        equal((row["state"], row["type"]), ("done", "raw"), "the row")
        page = self.fleet.imgd.ask("GET", f"/job/{row['id']}")
        equal(page[0], 200, "the job's page")

    def a_configuration_becomes_an_image(self):
        request_id = self.send("ks", config=CONFIGURATION)
        statuses = self.wait_for(request_id, "DONE")
        equal([one["status"] for one in statuses][:1], ["IN QUEUE"], "the first status")
        expect("/phone-" in statuses[-2]["image"], f"its name is {statuses[-2]['image']}")

    def what_kickstarter_says_reaches_the_user(self):
        request_id = self.send("ks", config=CONFIGURATION.replace("    Keyboard: us\n", ""))
        statuses = self.wait_for(request_id, "ERROR")
        equal(len(statuses), 1, "the number of statuses")
        expect("has no Keyboard" in statuses[0]["error"], statuses[0]["error"])
        equal([one["error"] for one in self.errors[request_id]], [statuses[0]["error"]],
              "the error queue")
        code, out, _ = self.client("-p", request_id)
        equal(code, 6, "img-client -p after a refusal")
        expect("has no Keyboard" in out, out)

    def a_build_that_fails_says_so(self):
        request_id = self.send("img", ksfile=kickstart(fail="broken", case="fails"))
        statuses = self.wait_for(request_id, "ERROR")
        equal([one["status"] for one in statuses], ["IN QUEUE", "BUILDING", "ERROR"], "statuses")
        expect(statuses[-1]["error"] and "log" in statuses[-1], f"{statuses[-1]}")
        equal(sorted(self.errors[request_id][0]), ["error", "id", "url"], "the error's keys")

    def a_bad_body_is_refused_and_kept(self):
        request_id = self.send("img", ksfile=["no text"])
        statuses = self.wait_for(request_id, "ERROR")
        expect("ksfile" in statuses[0]["error"], statuses[0]["error"])
        unreadable = "this is no JSON"
        self.stranger.publish("image_exchange", "img", unreadable)
        self.stranger.publish("image_exchange", "ks", unreadable)
        deadline = time.monotonic() + PATIENCE
        while len(self.errors.get("", [])) < 2 and time.monotonic() < deadline:
            self.drain()
            time.sleep(0.1)
        equal(len(self.errors.get("", [])), 2, "errors of messages without an id")
        dead = [one["payload"] for one in self.rabbit.messages("imgvhost", "img.dead")]
        equal(dead.count(unreadable), 2, "unreadable messages among the dead letters")
        rows = list_of(self.fleet.imgd.value("GET", "/api/v1/refused"))
        expect(any(row["reference"] == request_id for row in rows), f"the operator sees {rows}")

    def the_same_request_is_built_once(self):
        text = kickstart(seconds=2, case="twice")
        first, second = self.send("img", ksfile=text), self.send("img", ksfile=text)
        images = {self.wait_for(one, "DONE")[-1]["url"] for one in (first, second)}
        equal(len(images), 1, "folders of two requests that are the same")
        self.send("img", request_id=first, ksfile=text)  # a sender that was not sure
        again = self.send("img", ksfile=text, imagetype="vdi")
        expect(self.wait_for(again, "DONE")[-1]["url"] not in images, "another type is another job")

    def nobody_has_to_read_the_results(self):
        for queue in ("status_queue", "link_queue", "error_queue"):
            arguments = self.rabbit.queue("imgvhost", queue)["arguments"]
            expect(arguments["x-max-length"] <= 100_000 and arguments["x-message-ttl"] > 0,
                   f"{queue} is not bounded: {arguments}")

    def the_original_client_works(self):
        file = self.folder / "client.ks"
        file.write_text(kickstart(seconds=3, case="client"))
        code, out, err = self.client("-a", "-t", "raw", str(file))
        equal(code, 0, f"img-client -a ({err})")
        request_id = out.splitlines()[-1]
        uuid.UUID(request_id)
        equal(self.client("-p", "of nobody")[0], 3, "img-client -p of an unknown id")
        code, out, err = self.client("-p", request_id, "--wait")
        equal(code, 0, f"img-client -p --wait ({err})")
        expect("Image build status: DONE" in out, out)
        code, out, _ = self.client("-p", request_id)
        equal(code, 0, "img-client -p of a done job")
        expect("http://" in out, out)
        statuses = [one["status"] for one in self.wait_for(request_id, "DONE")]
        equal(statuses, ["IN QUEUE", "BUILDING", "BUILDING", "DONE"],
              "what img-client left in the status queue")
        self.fleet.imgd.kill()
        code, _, err = self.client("-p", request_id)
        equal(code, 4, f"img-client -p without a service ({err})")
        code, out, _ = self.client("-a", str(file))
        equal(code, 0, "img-client -a without a service")
        self.fleet.imgd.start()
        late = out.splitlines()[-1]
        equal(self.wait_for(late, "DONE")[-1]["id"], late, "a request that waited for a service")


CASES = [Scene.a_kickstart_becomes_an_image, Scene.a_configuration_becomes_an_image,
         Scene.what_kickstarter_says_reaches_the_user, Scene.a_build_that_fails_says_so,
         Scene.a_bad_body_is_refused_and_kept, Scene.the_same_request_is_built_once,
         Scene.nobody_has_to_read_the_results, Scene.the_original_client_works]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=Path, help="folder of imgd, img-worker and img-client")
    options = parser.parse_args()
    processes.adopt_orphans()
    folder = Path(tempfile.mkdtemp(prefix="img-stranger-"))
    failed = 0
    try:
        with Scene(options.programs.absolute(), folder) as scene:
            for case in CASES:
                name = case.__name__.replace("_", " ")
                try:
                    case(scene)
                    print(f"PASS: {name}", flush=True)
                except (Trouble, OSError, KeyError, ValueError,
                        subprocess.TimeoutExpired) as error:
                    failed += 1
                    print(f"FAIL: {name}: {type(error).__name__}: {error}", flush=True)
    finally:
        processes.kill_all(os.getpid())
        processes.reap_orphans(but=None)
        shutil.rmtree(folder, ignore_errors=True)
    print(f"strangers: {len(CASES)} cases, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
