#!/usr/bin/env python3
"""Builds live.ks as livecd and as liveusb, boots each in every way it is for, and looks at the
system from inside: the ISO from CD and as a stick, on BIOS and UEFI; the stick twice, and what was
written the first time is there the second time. With --dracut: the ISO of dracut's live system.

Exit 0: everything is as it should be; 1: something is not, and the consoles' transcripts are kept.
"""
import argparse
import shutil
import signal
import subprocess
import sys
import threading
from concurrent.futures import Future
from pathlib import Path

from boot_test import GuestChecks
from guest import Guest
from image_build import build_image
from verdict import Trouble

KICKSTART = Path(__file__).with_name("live.ks")
HOST = "img-live"
PASSWORD = "img"
AT_ONCE = 2  # as many as the least of machines has processors


def build(options, kind, kickstart):
    folder = options.work / kind
    build_image(options.img, kickstart, folder, kickstart.stem, "-t", kind, seconds=1800)
    return folder / (kickstart.stem + {"livecd": ".iso", "liveusb": ".usbimg"}[kind])


class Boot:
    """One boot, and what is looked at in it."""

    def __init__(self, options, image, firmware, bus, look, keep=False):
        self.options, self.image, self.firmware, self.bus = options, image, firmware, bus
        self.look, self.keep = look, keep
        self.name = f"{image.name}, {firmware}, {bus}"

    def run(self):
        with Guest(self.image, self.firmware, bus=self.bus, keep=self.keep) as guest:
            checks = GuestChecks(guest)
            try:
                guest.login(HOST, "root", PASSWORD, self.options.patience)
                checks.say(True, f"{self.name}: login", "")
                self.check_system(checks)
                self.look(checks, self.name)
                guest.power_off(300)
            except (Trouble, BrokenPipeError) as trouble:
                checks.say(False, self.name, str(trouble))
            if checks.failed:
                transcript = self.options.work / f"{self.image.name}-{self.firmware}-{self.bus}.log"
                transcript.write_text(guest.heard)
                print(f"the console of this machine: {transcript}")
        return checks

    def check_system(self, checks):
        checks.equal(f"{self.name}: %post", "cat /etc/img-live", "made by IMG")
        checks.equal(f"{self.name}: firmware", "test -d /sys/firmware/efi && echo uefi || echo bios",
                     self.firmware)
        # Until the last unit of the boot has ended.
        _, state = checks.guest.run("systemctl is-system-running --wait", 240)
        checks.say(state == "running", f"{self.name}: every unit started", state)
        checks.equal(f"{self.name}: / can be written to", "findmnt -n -o FSTYPE /; touch /root/x",
                     "overlay")


def look_at_cd(medium):
    def look(checks, name):
        checks.equal(f"{name}: LIVE_ROOT's file is on the medium", f"cat {medium}/docs/read.me",
                     "on the medium")
    return look


def write_a_file(checks, name):
    checks.equal(f"{name}: writes a file", "echo kept > /root/kept; sync; cat /root/kept", "kept")


def find_the_file(checks, name):
    checks.equal(f"{name}: finds the file of the first boot", "cat /root/kept", "kept")


def boot_twice(options, stick):
    """On a copy: the image itself stays as it was built."""
    copy = options.work / "stick.usbimg"
    subprocess.run(["cp", "--sparse=always", str(stick), str(copy)], check=True)
    first = Boot(options, copy, "bios", "usb", write_a_file, keep=True).run()
    second = Boot(options, copy, "uefi", "usb", find_the_file, keep=True).run()
    copy.unlink()
    return [first, second]


def run_all(jobs):
    """A few at a time. The threads are daemons: when we end early, the guests end with us."""
    futures = [Future() for _ in jobs]
    todo = list(zip(jobs, futures))

    def work():
        while todo:
            try:
                job, future = todo.pop(0)
            except IndexError:
                return
            try:
                future.set_result(job())
            except Exception as error:  # whatever it is belongs to whoever waits
                future.set_exception(error)

    for _ in range(AT_ONCE):
        threading.Thread(target=work, daemon=True).start()
    return [checks for future in futures for checks in future.result()]


def live_boot_jobs(options):
    iso, stick = build(options, "livecd", KICKSTART), build(options, "liveusb", KICKSTART)
    look = look_at_cd("/run/live/medium")
    ways = [("bios", "cdrom"), ("uefi", "cdrom"), ("bios", "usb"), ("uefi", "usb")]
    return [lambda: boot_twice(options, stick)] + [
        lambda way=way: [Boot(options, iso, *way, look).run()] for way in ways]


def dracut_jobs(options):
    kickstart = options.work / "dracut.ks"
    kickstart.write_text(KICKSTART.read_text().replace(
        "linux-image-amd64\n", "linux-image-amd64\ndracut-live\n"))
    iso = build(options, "livecd", kickstart)
    return [lambda: [Boot(options, iso, "uefi", "cdrom",
                          look_at_cd("/run/initramfs/live")).run()]]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("img", help="the program")
    parser.add_argument("--work", type=Path, required=True, help="folder for images and transcripts")
    parser.add_argument("--patience", type=float, default=800, help="seconds to a login prompt")
    parser.add_argument("--dracut", action="store_true", help="the ISO of dracut's live system only")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    options.work.mkdir(parents=True, exist_ok=True)
    done = run_all(dracut_jobs(options) if options.dracut else live_boot_jobs(options))
    made, failed = sum(one.made for one in done), sum(one.failed for one in done)
    print(f"live test: {made} checks, {failed} failed: {'FAIL' if failed else 'PASS'}")
    if not failed:
        shutil.rmtree(options.work)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
