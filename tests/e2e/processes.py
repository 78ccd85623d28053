"""What runs because of a test, and what it left: descendants, mounts, files.

adopt_orphans() makes this process the parent of every orphan among its descendants, so that a
process whose parent was killed cannot get out of sight. Nothing is ever killed by name.
"""
import ctypes
import os
import signal
import time
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans():
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "cannot become a subreaper")


def _parents():
    """pid -> parent, of every process that is no zombie."""
    table = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            stat = Path("/proc", entry, "stat").read_text()
        except OSError:
            continue  # it has ended since
        state, parent = stat.rpartition(")")[2].split()[:2]
        if state != "Z":
            table[int(entry)] = int(parent)
    return table


def descendants(root, but=()):
    """Living processes under `root`, without those in `but`."""
    parents, found, front = _parents(), set(), {root}
    while front:
        front = {pid for pid, parent in parents.items() if parent in front} - found
        found |= front
    return found - set(but)


def children(root):
    return {pid for pid, parent in _parents().items() if parent == root}


def name(pid):
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        return f"{pid} {b' '.join(words).decode('utf-8', 'replace').strip()[:80]}"
    except OSError:
        return str(pid)


def reap_orphans(but):
    """Buries the orphans that were given to us and have ended; `but` has a Popen of its own."""
    for entry in os.listdir("/proc"):
        if entry.isdigit() and int(entry) != but:
            try:
                os.waitpid(int(entry), os.WNOHANG)
            except ChildProcessError:
                pass  # not ours


def wait_gone(root, seconds, but=()):
    """Seconds until no process under `root` is left; None when some still is."""
    begun = time.monotonic()
    while True:
        if not descendants(root, but):
            return time.monotonic() - begun
        if time.monotonic() - begun > seconds:
            return None
        time.sleep(0.02)


def kill_all(root, but=()):
    """For the end of a test: whatever it started, by pid."""
    for _ in range(50):
        left = descendants(root, but)
        if not left:
            return
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.05)


def mounts_below(folder):
    """Mount points of this namespace that lie in the folder."""
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    return sorted(point for point in points if Path(point).is_relative_to(folder))
