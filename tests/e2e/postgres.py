"""A PostgreSQL of the test's own: in a folder of its own, gone with the test.

    with Postgres() as server:
        imgd("--store", server.new_database())

On a socket in its folder, or with tcp=True on a free port of an address too, for programs in other
network namespaces. Where the test is killed, the server ends and a guard removes the folder.
"""
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1

# Waits until the test has closed its end of the pipe, however it ended, then removes the folder. The
# server that is about to end may write for a moment more.
GUARD = """
import os, shutil, sys, time
os.read(0, 1)
for _ in range(100):
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    if not os.path.exists(sys.argv[1]):
        break
    time.sleep(0.05)
"""


def programs():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise RuntimeError("no /usr/lib/postgresql/*/bin/initdb: install postgresql")
    return found[-1].parent


def free_port(address):
    with socket.socket() as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


def _end_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


class Postgres:
    def __init__(self, tcp=False, address="127.0.0.1", fsync=False):
        self.folder = Path(tempfile.mkdtemp(prefix="img-postgres-"))
        self.address, self.port = address, free_port(address) if tcp else 5432
        self._settings = {"listen_addresses": address if tcp else "", "port": self.port,
                          "unix_socket_directories": self.folder,
                          "fsync": "on" if fsync else "off"}
        self._tcp, self._databases, self._server = tcp, 0, None
        self._user = None
        if os.geteuid() == 0:  # the server refuses to run as root
            self._user = "postgres"
            user = pwd.getpwnam(self._user)
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        self._guard = subprocess.Popen([sys.executable, "-c", GUARD, self.folder],
                                       stdin=subprocess.PIPE, start_new_session=True)
        self._run("initdb", "-D", self.folder / "data", "-A", "trust", "-U", "postgres", "-N",
                  "-E", "UTF8", "--locale=C.UTF-8")
        if tcp:
            with open(self.folder / "data" / "pg_hba.conf", "a") as rules:
                rules.write("host all all all trust\n")
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self._server:
            self.stop(signal.SIGQUIT)
        self._guard.stdin.close()
        self._guard.wait(120)  # dozens of databases, on a disk that others use too
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database):
        if self._tcp:
            return f"postgresql://postgres@{self.address}:{self.port}/{database}"
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def new_database(self):
        """The URL of an empty database."""
        self._databases += 1
        name = f"test_{self._databases}"
        self.ask(f"CREATE DATABASE {name}")
        return self.url(name)

    def ask(self, statement, database="postgres"):
        """What psql prints, without heads and frames."""
        return self._run("psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement,
                         self.url(database))

    def start(self):
        """After SIGKILL other processes may hold on to its memory for a while: tried again."""
        for _ in range(100):
            self._launch()
            while self._server.poll() is None:
                if self._is_ready():
                    return
                time.sleep(0.02)
            time.sleep(0.1)
        raise RuntimeError("PostgreSQL does not start:\n" + self.log()[-2000:])

    def stop(self, how=signal.SIGINT):
        """SIGINT: in order; SIGQUIT: at once, as in a crash; SIGKILL: its first process only."""
        self._server.send_signal(how)
        self._server.wait(60)
        self._server = None

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def _launch(self):
        words = [programs() / "postgres", "-D", self.folder / "data"]
        for name, value in self._settings.items():
            words += ["-c", f"{name}={value}"]
        with open(self.folder / "log", "ab") as log:
            self._server = subprocess.Popen(words, stdout=log, stderr=log, cwd=self.folder,
                                            user=self._user, group=self._user,
                                            extra_groups=[] if self._user else None,
                                            preexec_fn=_end_with_parent)

    def _is_ready(self):
        return subprocess.run([programs() / "pg_isready", "-q", "-d", self.url("postgres")],
                              check=False).returncode == 0

    def _run(self, program, *words):
        done = subprocess.run([programs() / program, *words], cwd=self.folder, user=self._user,
                              group=self._user, extra_groups=[] if self._user else None,
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stderr}")
        return done.stdout.strip()
