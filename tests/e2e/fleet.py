"""An imgd with workers beside it, on any kind of store, broker and artefact store; each program
can be told to die at a kill point, and be started again as it was.
"""
import hashlib
import json
import os
import signal
import subprocess
import threading
import time
import urllib.request
from pathlib import Path

from postgres import Postgres
from rabbitmq_server import RabbitMq, die_with_parent
from service import Service, Trouble, free_port

BUILDER = Path(__file__).with_name("empty_build.py")
TOKEN = "a-token-of-the-test"

# A kickstart that every check lets pass; the builder reads its last line.
KICKSTART = """\
url --url=@DEBIAN_MIRROR@ --suite=bookworm --components=main
part / --fstype=ext4 --size=600
rootpw --lock
%packages
apt
%end
# empty-build: {wishes}
"""


def kickstart(**wishes):
    return KICKSTART.format(wishes=" ".join(f"{key}={value}" for key, value in wishes.items()))


class Servers:
    """A RabbitMQ and a PostgreSQL for a whole test; each of its parts has a vhost and a database."""

    def __init__(self, folder):
        self.rabbit, self.postgres = RabbitMq(folder), None
        self.lock = threading.Lock()

    def __enter__(self):
        self.rabbit.start()
        self.postgres = Postgres(tcp=True)
        return self

    def __exit__(self, *_):
        self.rabbit.end()
        self.postgres.close()

    def new_database(self):
        """Safe to call from several threads."""
        with self.lock:
            return self.postgres.new_database()


class WorkerProgram:
    """An img-worker. Its log goes to a file of its own."""

    def __init__(self, program, folder, arguments, machine=None):
        self.folder = Path(folder)
        self.argv = [str(program), "--work", str(self.folder / "work"), "--builder", str(BUILDER),
                     *arguments]
        self.machine, self.process = machine, None

    def start(self, kill_at=""):
        self.folder.mkdir(parents=True, exist_ok=True)
        argv = self.machine.command(*self.argv) if self.machine else self.argv
        environment = {**os.environ, **({"IMG_KILL_AT": kill_at} if kill_at else {})}
        with open(self.folder / "worker.log", "ab") as log:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=environment, preexec_fn=die_with_parent)

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        if self.is_running():
            self.process.kill()
        if self.process:
            self.process.wait(10)

    def stop(self, seconds=20):
        if self.is_running():
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
                raise Trouble(f"img-worker did not end within {seconds} s of SIGTERM")

    def last_words(self):
        return " / ".join((self.folder / "worker.log").read_text(errors="replace").splitlines()[-5:])


class Fleet:
    """broker_url "memory:": imgd builds itself; else the workers do, `workers` of them."""

    def __init__(self, programs, folder, store_url="", broker_url="memory:", artifacts="file",
                 workers=1, slots=1, lease=10, arguments=(), worker_arguments=()):
        self.programs, self.folder = Path(programs), Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.broker_url, self.artifacts = broker_url, artifacts
        self.slots, self.worker_arguments = slots, list(worker_arguments)
        self.has_own_worker = broker_url == "memory:"
        self.tokens, self.token = self.folder / "tokens", self.folder / "token"
        self.tokens.write_text(f"test {hashlib.sha256(TOKEN.encode()).hexdigest()}\n")
        self.token.write_text(TOKEN + "\n")
        self.token.chmod(0o600)
        self.imgd = Service(self.programs / "imgd", self.folder / "data", self.folder / "imgd.log")
        self.imgd.arguments = [
            "--broker", broker_url, "--lease", str(lease), "--worker-tokens", str(self.tokens),
            "--builder", str(BUILDER), *(["--store", store_url] if store_url else []),
            *([] if self.has_own_worker else ["--no-worker"]), *arguments]
        self.workers = [] if self.has_own_worker else [
            self.make_worker(number) for number in range(workers)]

    def make_worker(self, number, machine=None, broker_url="", imgd=""):
        """The URLs are those that its machine sees."""
        place = {"file": f"file:{self.imgd.data / 'www-root'}",
                 "http": f"http://{imgd or f'127.0.0.1:{self.imgd.port}'}/"}.get(
                     self.artifacts, self.artifacts)
        # Files are renamed into www-root, so the work folder lies beside it.
        folder = self.folder / f"worker{number}"
        return WorkerProgram(
            self.programs / "img-worker", folder,
            ["--broker", broker_url or self.broker_url, "--artifacts", place,
             "--slots", str(self.slots), "--token-file", str(self.token), "--name", "test-",
             *self.worker_arguments], machine)

    def start(self):
        self.imgd.start()
        for worker in self.workers:
            worker.start()

    def stop(self):
        for worker in self.workers:
            worker.kill()
        if self.imgd.process:
            self.imgd.kill()

    # ---- as a user ----

    def submit(self, name, reference="", email="", fresh=True, **wishes):
        """The job's id; the same reference again gives the same job."""
        body = {"name": name, "type": "raw", "kickstart": kickstart(**wishes), "email": email,
                "fresh": fresh}
        if reference:
            body["reference"] = reference
        return self.imgd.value("POST", "/api/v1/jobs", json.dumps(body))["id"]

    def wait_all(self, ids, seconds):
        """Until each is done; tells of the first that is not in time."""
        deadline = time.monotonic() + seconds
        for job_id in ids:
            self.imgd.wait_for(job_id, lambda job: job["state"] == "done",
                               max(1, deadline - time.monotonic()), "done")

    def check_published(self, job_id):
        """The manifest is there, and names files that are there whole."""
        folder = self.imgd.data / "www-root" / job_id
        manifest = json.loads((folder / "manifest.json").read_text())
        for artifact in manifest["artifacts"]:
            name = artifact["file"]
            image = (self.follow(f"/images/{job_id}/{name}") if self.artifacts.startswith("s3:")
                     else (folder / name).read_bytes())
            if hashlib.sha256(image).hexdigest() != artifact["sha256"]:
                raise Trouble(f"{folder / name} is not what its manifest says")

    def follow(self, path):
        """What lies in S3, where imgd leads its readers."""
        status, headers, _ = self.imgd.ask("GET", path)
        if status != 302:
            raise Trouble(f"{path}: {status}, not 302")
        with urllib.request.urlopen(headers["Location"], timeout=20) as answer:
            return answer.read()

    def rows(self):
        """All jobs, over all pages."""
        found, path = [], "/api/v1/jobs?limit=500"
        while path:
            page = self.imgd.value("GET", path)
            found += page["jobs"]
            path = page.get("next")
        return found
