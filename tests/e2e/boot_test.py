#!/usr/bin/env python3
"""Boots a disk image in QEMU, logs in on the serial console and checks the system from inside.

The defaults are what examples/debian-minimal.ks says. Exit 0: everything is as it should be;
1: something is not, and the console's transcript is kept.
"""
import argparse
import signal
import sys
import time
from pathlib import Path

from guest import BUSES, Guest
from verdict import Checks, Trouble


class GuestChecks(Checks):
    """Of what commands say in the guest."""

    def __init__(self, guest):
        super().__init__()
        self.guest = guest

    def say(self, good, name, detail):
        self(name, good, detail.partition("\n")[0] if good else detail)

    def equal(self, name, command, wanted):
        status, output = self.guest.run(command)
        self.say(status == 0 and output == wanted, name,
                 output if output == wanted else f"{output!r} (exit {status}), not {wanted!r}")

    def holds(self, name, command, is_good, wanted):
        status, output = self.guest.run(command)
        good = status == 0 and is_good(output)
        self.say(good, name, output if good else f"{output!r} (exit {status}); wanted: {wanted}")


def check_system(checks, options):
    guest = checks.guest
    # Until the last unit of the boot has ended: "running", or "degraded" when one failed.
    _, state = guest.run("systemctl is-system-running --wait", 240)
    failed = guest.run("systemctl --failed --no-legend --plain")[1]
    checks.say(state == "running" and not failed, "every unit started", failed or state)

    checks.equal(f"%post wrote {options.post_file}", f"head -n 1 {options.post_file}",
                 options.post_text)
    if options.nochroot_text:
        checks.holds("%post --nochroot added to it", f"tail -n +2 {options.post_file}",
                     lambda out: out.startswith(options.nochroot_text),
                     f"a line with {options.nochroot_text!r}")
    checks.equal("hostname", "hostname", options.hostname)
    checks.equal("locale of the shell", "echo $LANG", options.locale)
    checks.holds("locale is compiled", "locale -a",
                 lambda out: options.locale.lower().replace("-", "") in out.lower().split(),
                 options.locale)
    checks.holds("locale as systemd reads it", "localectl --no-pager status",
                 lambda out: f"LANG={options.locale}" in out, f"LANG={options.locale}")
    checks.equal("keyboard", ". /etc/default/keyboard; echo $XKBLAYOUT", options.keyboard)
    checks.equal("time zone", "readlink -f /etc/localtime",
                 f"/usr/share/zoneinfo/{options.timezone}")
    checks.holds(f"user {options.user}", f"id {options.user}",
                 lambda out: all(f"({group})" in out for group in [options.user, *options.groups]),
                 "the user in " + ", ".join(options.groups))
    checks.holds(f"home of {options.user}", f"LC_ALL=C stat -c '%U %F' ~{options.user}",
                 lambda out: out == f"{options.user} directory", "a folder of the user's own")
    for service in options.services:
        checks.equal(f"{service} is enabled", f"systemctl is-enabled {service}", "enabled")
        checks.equal(f"{service} is active", f"systemctl is-active {service}", "active")
    disk = "/dev/vda" if options.bus == "virtio" else "/dev/sda"
    for mount in options.mounts:
        checks.holds(f"{mount} is mounted", f"findmnt -n -o SOURCE,FSTYPE,OPTIONS {mount}",
                     lambda out: out.startswith(disk) and " rw" in out,
                     "a partition of the disk, writable")
    if options.swap:
        checks.holds("swap is on", "swapon --show=NAME,SIZE --noheadings",
                     lambda out: out.startswith(disk), "a partition of the disk")
    checks.holds("fstab names file systems by UUID", "grep -v '^#' /etc/fstab",
                 lambda out: out and all(line.startswith("UUID=") for line in out.splitlines()),
                 "UUID= on every line")
    checks.holds("this machine has an id of its own", "cat /etc/machine-id",
                 lambda out: len(out) == 32, "32 digits")
    if "ssh" in options.services:
        checks.holds("this machine has host keys of its own",
                     "find /etc/ssh -name 'ssh_host_*_key' -newermt '1 hour ago'",
                     lambda out: out, "keys made at this boot")
    checks.equal("dpkg finds nothing half installed", "dpkg --audit", "")


def boot(options, firmware):
    begun = time.monotonic()
    with Guest(options.image, firmware, options.memory, options.format, options.bus) as guest:
        checks = GuestChecks(guest)
        try:
            guest.login(options.hostname, "root", options.root_password, options.timeout)
            checks.say(True, "login on the serial console",
                       f"{firmware}, after {time.monotonic() - begun:.0f} s")
            check_system(checks, options)
            status = guest.power_off(120)
            checks.say(status == 0, "power off", f"qemu's exit {status}")
        except (Trouble, BrokenPipeError) as trouble:
            checks.say(False, "boot", f"{firmware}: {trouble}")
        if checks.failed:
            transcript = options.transcripts / f"boot-{firmware}.log"
            transcript.parent.mkdir(parents=True, exist_ok=True)
            transcript.write_text(guest.heard)
            print(f"the console of this machine: {transcript}; its last lines:")
            print("\n".join("  | " + line for line in guest.heard.splitlines()[-15:]))
    return checks


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("image", type=Path, help="the disk image; it is not changed")
    parser.add_argument("--firmware", choices=["bios", "uefi", "both"], default="both")
    parser.add_argument("--format", default="raw", help="of the image's file, as qemu calls it")
    parser.add_argument("--bus", default="virtio", choices=BUSES, help="how it is attached")
    parser.add_argument("--timeout", type=float, default=300, help="seconds to the login prompt")
    parser.add_argument("--memory", type=int, default=1024, help="of the guest, MiB")
    parser.add_argument("--transcripts", type=Path, default=Path("."),
                        help="folder for the console's transcript of a failure")
    parser.add_argument("--root-password", default="img")
    parser.add_argument("--hostname", default="img-demo")
    parser.add_argument("--locale", default="de_DE.UTF-8")
    parser.add_argument("--keyboard", default="de")
    parser.add_argument("--timezone", default="Europe/Berlin")
    parser.add_argument("--user", default="anna")
    parser.add_argument("--groups", nargs="*", default=["sudo"])
    parser.add_argument("--services", nargs="*", default=["ssh"])
    parser.add_argument("--mounts", nargs="*", default=["/", "/home"])
    parser.add_argument("--no-swap", dest="swap", action="store_false")
    parser.add_argument("--post-file", default="/etc/img-demo")
    parser.add_argument("--post-text", default="made by IMG", help="its first line")
    parser.add_argument("--nochroot-text", default="image ", help="how its second line begins")
    options = parser.parse_args()
    if not options.image.is_file():
        print(f"FAIL: there is no image {options.image}")
        return 1
    # A signal ends the `with` above, and the guest with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    made = failed = 0
    for firmware in ["bios", "uefi"] if options.firmware == "both" else [options.firmware]:
        checks = boot(options, firmware)
        made += checks.made
        failed += checks.failed
    print(f"boot test: {made} checks, {failed} failed: {'FAIL' if failed else 'PASS'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
