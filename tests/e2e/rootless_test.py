#!/usr/bin/env python3
"""Builds an image as an ordinary user, then stops builds in mid-flight: nothing may be left.

As root it makes a user with subordinate ids for the time of the test, unless --user names one;
as an ordinary user it builds as itself. Exit 0: the image was made, and no process, no mount and
no half file stayed behind, neither after a build nor after Ctrl-C at three different moments.
"""
import argparse
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import processes
from service import kickstart
from verdict import Trouble

INTERRUPTED = 130  # img's exit code for Ctrl-C


class Builder:
    """The user who builds, with a folder of its own for everything."""

    def __init__(self, options):
        self.made = False
        name = options.user
        if os.geteuid() != 0:
            name = pwd.getpwuid(os.geteuid()).pw_name
        elif not name:
            name = f"imgtest{os.getpid()}"
            subprocess.run(["useradd", "--no-create-home", "--shell", "/bin/sh", name],
                           check=True, stdout=subprocess.DEVNULL)
            self.made = True
        self.entry = pwd.getpwnam(name)
        if self.entry.pw_uid == 0:
            raise Trouble("--user wants an ordinary user, not root")
        self.folder = Path(tempfile.mkdtemp(prefix="img-rootless-", dir=options.work))
        for part in ("home", "tmp", "out"):
            (self.folder / part).mkdir()
        if os.geteuid() == 0:
            self.folder.chmod(0o755)
            for part in ("home", "tmp", "out"):
                os.chown(self.folder / part, self.entry.pw_uid, self.entry.pw_gid)
        self.ranges = self._ranges()

    def _ranges(self):
        """The ids that are this user's: its own, and its subordinate ones."""
        found = [(self.entry.pw_uid, 1)]
        for line in Path("/etc/subuid").read_text().splitlines():
            owner, _, rest = line.partition(":")
            if owner in (self.entry.pw_name, str(self.entry.pw_uid)):
                first, _, count = rest.partition(":")
                found.append((int(first), int(count)))
        if len(found) < 2:
            raise Trouble(f"{self.entry.pw_name} has no subordinate ids in /etc/subuid; "
                          "`usermod --add-subuids` and --add-subgids give some")
        return found

    def close(self, keep):
        if not keep:
            self._remove_mapped()
            shutil.rmtree(self.folder, ignore_errors=True)
        if self.made:
            subprocess.run(["userdel", self.entry.pw_name], stderr=subprocess.DEVNULL)

    def _remove_mapped(self):
        """Files of subordinate ids, which only root or their own namespace can remove."""
        if os.geteuid() != 0:
            subprocess.run(["unshare", "--map-root-user", "--map-auto", "rm", "-rf",
                            str(self.folder)], stderr=subprocess.DEVNULL)

    def processes(self):
        """Living processes of any of the user's ids."""
        found = []
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                status = Path("/proc", entry, "status").read_text()
            except OSError:
                continue
            fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
            uid = int(fields["Uid"].split()[0])
            if fields["State"][0] != "Z" and any(a <= uid < a + n for a, n in self.ranges):
                found.append(int(entry))
        return set(found)

    def start(self, program, argv, umask=-1, environment=None):
        environment = {"HOME": str(self.folder / "home"), "TMPDIR": str(self.folder / "tmp"),
                       "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                       "USER": self.entry.pw_name, "LOGNAME": self.entry.pw_name,
                       **(environment or {})}
        ids = {}
        if os.geteuid() == 0:
            ids = {"user": self.entry.pw_uid, "group": self.entry.pw_gid, "extra_groups": []}
        return subprocess.Popen([str(program), *argv], cwd=self.folder / "home", env=environment,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, start_new_session=True, umask=umask,
                                **ids)

    def reachable(self, program):
        """The program where the user may run it: a copy when it lies in somebody's home."""
        try:
            self.start(program, ["--version"]).communicate(timeout=30)
            return program
        except PermissionError:
            # With the library that it looks for beside itself.
            for part in ("bin/" + program.name, "lib/libimg-steady.so"):
                copy = self.folder / part
                copy.parent.mkdir()
                shutil.copy(program.parents[1] / part, copy)
                copy.chmod(0o755)
            return self.folder / "bin" / program.name


class Build:
    """A running `img build --json`, its events as they come."""

    def __init__(self, builder, program, kickstart_file, name):
        self.out = builder.folder / "out" / name
        self.process = builder.start(program, [
            "build", str(kickstart_file), "-t", "raw", "-o", str(self.out), "-n", name, "--json"])
        self.events, self.errors = [], []
        self.changed = threading.Condition()
        self.readers = [threading.Thread(target=self._read_events, daemon=True),
                        threading.Thread(target=self._read_errors, daemon=True)]
        for reader in self.readers:
            reader.start()

    def _read_events(self):
        for line in self.process.stdout:
            with self.changed:
                try:
                    self.events.append(json.loads(line))
                except ValueError:
                    self.errors.append(f"not JSON: {line!r}")
                self.changed.notify_all()
        with self.changed:
            self.changed.notify_all()

    def _read_errors(self):
        for line in self.process.stderr:
            self.errors.append(line.decode("utf-8", "replace").rstrip())

    def last_words(self):
        return " / ".join(self.errors[-4:]) or str(self.events[-1:])

    def wait_for(self, is_wanted, seconds, what):
        deadline = time.monotonic() + seconds
        with self.changed:
            while not any(map(is_wanted, self.events)):
                left = deadline - time.monotonic()
                if left <= 0 or self.process.poll() is not None:
                    raise Trouble(f"the build never came to {what}: {self.last_words()}")
                self.changed.wait(min(left, 0.5))

    def wait(self, seconds):
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Trouble(f"img build did not end within {seconds} s: {self.last_words()}")
        for reader in self.readers:
            reader.join(5)
        return status


def in_stage(stage):
    return lambda event: event.get("event") == "progress" and event.get("stage") == stage


def files_below(folder):
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*")
                  if not path.is_dir())


def check_nothing_left(builder, before, what):
    """Within a second: the kernel takes its time to end a pid namespace."""
    deadline = time.monotonic() + 1.0
    while True:
        running = builder.processes() - before["processes"]
        mounted = processes.mounts_below(builder.folder)
        if not running and not mounted:
            break
        if time.monotonic() > deadline:
            raise Trouble(f"{what} left processes {list(map(processes.name, running))} "
                          f"and mounts {mounted}")
        time.sleep(0.05)
    temporary = files_below(builder.folder / "tmp")
    if temporary:
        raise Trouble(f"{what} left {len(temporary)} temporary files: {temporary[:5]}")


def state_of(builder):
    return {"processes": builder.processes()}


def check_build(builder, program, folder, options):
    before = state_of(builder)
    kickstart_file = folder / "rootless.ks"
    kickstart_file.write_text(options.kickstart.read_text() if options.kickstart else kickstart(0))
    kickstart_file.chmod(0o644)
    begun = time.monotonic()
    build = Build(builder, program, kickstart_file, "rootless")
    status = build.wait(options.patience)
    if status != 0:
        raise Trouble(f"img build ended with {status}: {build.last_words()}")
    files = files_below(build.out)
    images = [name for name in files if name.endswith(".raw")]
    if len(images) != 1 or not any(name.endswith("manifest.json") for name in files):
        raise Trouble(f"the output is {files}")
    image = build.out / images[0]
    if image.stat().st_uid != builder.entry.pw_uid:
        raise Trouble(f"{image} belongs to uid {image.stat().st_uid}")
    check_nothing_left(builder, before, "the build")
    if options.copy_image:
        shutil.copy(image, options.copy_image)
    return f"{images[0]} after {time.monotonic() - begun:.0f} s"


def check_interrupt(builder, program, folder, options, stage, sent):
    before = state_of(builder)
    kickstart_file = folder / "interrupted.ks"
    kickstart_file.write_text(kickstart(600))
    kickstart_file.chmod(0o644)
    build = Build(builder, program, kickstart_file, f"stopped-{stage}")
    build.wait_for(in_stage(stage), options.patience, f"stage {stage}")
    begun = time.monotonic()
    # Ctrl-C goes to the whole foreground group; kill -9 only to the one process.
    if sent == signal.SIGINT:
        os.killpg(build.process.pid, sent)
    else:
        build.process.send_signal(sent)
    status = build.wait(10)
    took = time.monotonic() - begun
    if sent == signal.SIGINT and status != INTERRUPTED:
        raise Trouble(f"Ctrl-C gave exit {status}, not {INTERRUPTED}: {build.last_words()}")
    if sent == signal.SIGKILL:
        # Nobody was there to tidy up; but nothing may run on, and nothing look like an image.
        deadline = time.monotonic() + 2
        while builder.processes() - before["processes"] and time.monotonic() < deadline:
            time.sleep(0.05)
        left = builder.processes() - before["processes"]
        if left:
            raise Trouble(f"kill -9 left {list(map(processes.name, left))}")
    else:
        check_nothing_left(builder, before, "Ctrl-C")
        if build.out.exists() and files_below(build.out):
            raise Trouble(f"Ctrl-C left half an image: {files_below(build.out)}")
    if any(name.endswith(".raw") for name in files_below(builder.folder / "out")
           if not name.startswith("rootless/")):
        raise Trouble(f"an image was published: {files_below(builder.folder / 'out')}")
    return f"ended after {took:.1f} s"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("img", type=Path, help="the program")
    parser.add_argument("--user", help="build as this ordinary user; root only")
    parser.add_argument("--kickstart", type=Path, help="build this one; else a small one")
    parser.add_argument("--copy-image", type=Path, help="put the image there, for the boot test")
    parser.add_argument("--patience", type=float, default=300, help="seconds for one build")
    parser.add_argument("--work", type=Path, help="where to make the working folder")
    parser.add_argument("--keep", action="store_true", help="leave the working folder")
    options = parser.parse_args()
    if not os.access(options.img, os.X_OK):
        print(f"FAIL: there is no program {options.img}")
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    processes.adopt_orphans()
    failed = made = 0
    builder = None
    try:
        builder = Builder(options)
        program = builder.reachable(options.img.resolve())
        cases = [("build as an ordinary user", lambda: check_build(
            builder, program, builder.folder, options))]
        for stage, sent in (("fetch", signal.SIGINT), ("install", signal.SIGINT),
                            ("scripts", signal.SIGINT), ("scripts", signal.SIGKILL)):
            cases.append((f"{sent.name} in stage {stage}", lambda stage=stage, sent=sent:
                          check_interrupt(builder, program, builder.folder, options, stage, sent)))
        for name, case in cases:
            made += 1
            try:
                detail, verdict = case(), "PASS"
            except Trouble as trouble:
                detail, verdict = str(trouble), "FAIL"
                processes.kill_all(os.getpid())
            failed += verdict == "FAIL"
            print(f"{verdict}: {name}: {detail}", flush=True)
    except (Trouble, subprocess.CalledProcessError, KeyError) as trouble:
        failed += 1
        print(f"FAIL: {trouble}")
    finally:
        processes.kill_all(os.getpid())
        if builder:
            builder.close(options.keep)
    print(f"rootless test: {made} cases, {failed} failed: {'FAIL' if failed else 'PASS'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
