"""An imgd of the test's own, and its REST interface with the words of docs/openapi.yaml."""
import http.client
import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from verdict import Trouble

# Small and quick, yet a real build: no kernel, and a last script that holds it for a while.
KICKSTART = """\
url --url=@DEBIAN_MIRROR@ --suite=bookworm --components=main
bootloader --location=none
part / --fstype=ext4 --size=600
rootpw --lock
%packages --exclude-weakdeps
apt
%end
%post
echo the script is running
sleep {seconds}
%end
"""


def kickstart(seconds):
    """One whose %post takes so long."""
    return KICKSTART.format(seconds=seconds)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Service:
    def __init__(self, program, data, log):
        self.program, self.data, self.log = str(program), Path(data), Path(log)
        self.port = free_port()
        self.process = None
        self.arguments = []  # more words of its command line
        self.machine, self.address = None, "127.0.0.1"  # another than this one: network.Machine

    def start(self, seconds=30, kill_at=""):
        """Returns when it answers, or has died at the kill point before that."""
        environment = {**os.environ, **({"IMG_KILL_AT": kill_at} if kill_at else {})}
        argv = [self.program, "--listen", f"{self.address}:{self.port}", "--data", str(self.data),
                *self.arguments]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.machine.command(*argv) if self.machine else argv, env=environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                if kill_at and self.process.returncode == -signal.SIGKILL:
                    return
                raise Trouble(f"imgd ended with {self.process.returncode}: {self.last_words()}")
            try:
                if self.ask("GET", "/readyz")[0] == 200:
                    return
            except OSError:
                pass  # it does not listen yet
            time.sleep(0.05)
        raise Trouble(f"imgd was not ready within {seconds} s: {self.last_words()}")

    def last_words(self):
        return " / ".join(self.log.read_text(errors="replace").splitlines()[-5:])

    def kill(self):
        """As a crash: no word of warning."""
        self.process.kill()
        self.process.wait(10)

    def stop(self, seconds=15):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
                raise Trouble(f"imgd did not end within {seconds} s of SIGTERM")

    def ask(self, method, path, body=None, kind="application/json", seconds=20):
        """(status, headers, body) of one request."""
        connection = http.client.HTTPConnection(self.address, self.port, timeout=seconds)
        try:
            headers = {"Content-Type": kind} if body is not None else {}
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.headers), answer.read()
        finally:
            connection.close()

    def value(self, method, path, body=None):
        status, _, text = self.ask(method, path, body)
        if status >= 300:
            raise Trouble(f"{method} {path}: {status} {text.decode('utf-8', 'replace')}")
        return json.loads(text)

    def submit(self, name, text, image_type="raw"):
        body = json.dumps({"name": name, "type": image_type, "kickstart": text,
                           "overlay": "", "email": ""})
        return self.value("POST", "/api/v1/jobs", body)["id"]

    def job(self, job_id):
        return self.value("GET", f"/api/v1/jobs/{job_id}")

    def text_of_log(self, job_id):
        return self.ask("GET", f"/api/v1/jobs/{job_id}/log")[2].decode("utf-8", "replace")

    def artifacts(self, job_id):
        return self.value("GET", f"/api/v1/jobs/{job_id}/artifacts")

    def wait_for(self, job_id, is_good, seconds, what):
        """The job once `is_good(job)`; it may not end in another way before that."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            job = self.job(job_id)
            if is_good(job):
                return job
            if job["state"] in ("done", "error", "cancelled"):
                raise Trouble(f"the job is {job['state']} instead of {what}: {job['error']}")
            time.sleep(0.1)
        raise Trouble(f"the job was not {what} within {seconds} s: {job['state']}, "
                      f"{job['progress']['stage']}, {job['progress']['text']}")

    def wait_for_stage(self, job_id, stage, seconds, attempt=1):
        return self.wait_for(
            job_id, lambda job: job["state"] == "building" and job["attempt"] >= attempt and
            job["progress"]["stage"] == stage, seconds, f"in stage {stage}")

    def wait_until_finished(self, job_id, seconds):
        return self.wait_for(job_id, lambda job: job["state"] in ("done", "error", "cancelled"),
                             seconds, "finished")


def list_of(answer):
    """REST gives a bare list, or one under the collection's name."""
    if isinstance(answer, dict):
        answer = next(value for value in answer.values() if isinstance(value, list))
    return answer


def is_reachable(program):
    return os.access(program, os.X_OK)
