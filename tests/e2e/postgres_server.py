"""A PostgreSQL of the test's own: a free loopback port, its own folder, nothing left afterwards."""
import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path

from rabbitmq_server import Trouble, die_with_parent, free_ports

START_SECONDS = 30


def programs():
    """Debian's, the newest."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: float(one.parent.name))
    if not found:
        raise Trouble("there is no PostgreSQL; install the package postgresql")
    return found[-1]


class Postgres:
    """It refuses to be root's, so that it runs as the user postgres where we are root."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.port = free_ports(1)[0]
        self.server = None
        self.user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name

    def start(self):
        data = self.folder / "data"
        if not data.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            for folder in (self.folder, *self.folder.parents):
                if folder.stat().st_uid == os.geteuid() and folder != Path("/"):
                    folder.chmod(folder.stat().st_mode | 0o011)  # it has to get through
            shutil.chown(self.folder, self.user)
            self._run("initdb", "-D", data, "-U", "img", "-A", "trust", "-N", "-E", "UTF8")
        with open(self.folder / "output", "ab") as log:
            self.server = subprocess.Popen(
                [programs() / "postgres", "-D", data, "-p", str(self.port),
                 "-c", "listen_addresses=127.0.0.1", "-k", self.folder,
                 "-c", "max_connections=400"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=self._become_user,
                start_new_session=True)
        deadline = time.monotonic() + START_SECONDS
        while self._run("pg_isready", "-h", "127.0.0.1", "-p", self.port, check=False):
            if time.monotonic() > deadline or self.server.poll() is not None:
                raise Trouble(f"PostgreSQL did not start; see {self.folder / 'output'}")
            time.sleep(0.1)

    def stop(self):
        """In order, but without waiting for clients."""
        self._end(signal.SIGINT)

    def kill(self):
        """As a crash; its children see that it is gone and end."""
        self._end(signal.SIGKILL)
        time.sleep(0.2)
        (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)

    def end(self):
        self._end(signal.SIGINT)

    def make_database(self, name):
        """The URL of a new one."""
        self._run("createdb", "-h", "127.0.0.1", "-p", self.port, "-U", "img", name)
        return self.url(name)

    def url(self, name, host="127.0.0.1"):
        return f"postgresql://img@{host}:{self.port}/{name}"

    def _end(self, number):
        if self.server and self.server.poll() is None:
            self.server.send_signal(number)
            self.server.wait(30)

    def _run(self, program, *arguments, check=True):
        done = subprocess.run([programs() / program, *map(str, arguments)], preexec_fn=self._become_user,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                              cwd="/")
        if check and done.returncode:
            raise Trouble(f"{program}: {done.stderr.strip()}")
        return done.returncode

    def _become_user(self):
        if os.geteuid() == 0:
            account = pwd.getpwnam(self.user)
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
        die_with_parent()
