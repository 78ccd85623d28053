#!/usr/bin/env python3
"""Builds msdos.ks, two disks with msdos tables, has other programs check them, and boots them on a
BIOS with both attached.

Exit 0: everything is as it should be; 1: something is not, and the console's transcript is kept.
"""
import argparse
import json
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from boot_test import GuestChecks
from guest import Guest
from image_build import build_image
from verdict import Checks, Trouble

KICKSTART = Path(__file__).with_name("msdos.ks")
SECTOR = 512
# Number, type and whether it is active; the extended partition is number 4.
FIRST = {1: ("83", True), 2: ("82", False), 3: ("83", False), 4: ("f", False), 5: ("83", False),
         6: ("83", False)}
SECOND = {1: ("83", False), 2: ("c", False)}
# What finds no fault in a file system, by its type.
CHECKERS = {"ext4": ["e2fsck", "-fn"], "vfat": ["fsck.vfat", "-n"],
            "btrfs": ["btrfs", "check", "--readonly"], "xfs": ["xfs_repair", "-n", "-f"]}


def said(argv):
    """(exit status, output) of a program."""
    answer = subprocess.run(argv, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            timeout=120, check=False)
    return answer.returncode, answer.stdout.strip()


def look_at_disk(image, wanted, check):
    status, output = said(["sfdisk", "--verify", str(image)])
    check(f"sfdisk finds no fault in {image.name}", status == 0 and "No errors" in output,
          output.splitlines()[-1])
    table = json.loads(said(["sfdisk", "--json", str(image)])[1])["partitiontable"]
    found = {int(part["node"].removeprefix(str(image))): part for part in table["partitions"]}
    check(f"{image.name} has the partitions of the kickstart",
          table["label"] == "dos" and
          {number: (part["type"], part.get("bootable", False))
           for number, part in found.items()} == wanted, str(sorted(found)))
    check(f"every partition of {image.name} begins at a MiB",
          all(part["start"] % 2048 == 0 for part in found.values()))
    for number, part in sorted(found.items()):
        if part["type"] not in ("f", "82"):
            look_at_file_system(image, f"{image.name}, partition {number}", part, check)


def look_at_file_system(image, name, part, check):
    with tempfile.NamedTemporaryFile(dir=image.parent) as alone:
        subprocess.run(["dd", f"if={image}", f"of={alone.name}", f"skip={part['start'] * SECTOR}",
                        f"count={part['size'] * SECTOR}", "iflag=skip_bytes,count_bytes",
                        "bs=1M", "conv=sparse", "status=none"], check=True, timeout=120)
        kind = said(["blkid", "-p", "-o", "value", "-s", "TYPE", alone.name])[1]
        if kind not in CHECKERS:
            check(f"{name} holds a file system", False, kind)
            return
        status, output = said([*CHECKERS[kind], alone.name])
        check(f"{CHECKERS[kind][0]} finds no fault in {name}", status == 0,
              kind if status == 0 else output[-500:])


def look_beside(folder, check):
    files = {one["file"]: one["type"]
             for one in json.loads((folder / "manifest.json").read_text())["artifacts"]}
    check("each disk has a file of its name",
          [name for name in files if name.endswith(".raw")] == ["msdos-sda.raw", "msdos-sdb.raw"],
          " ".join(files))
    look_at_disk(folder / "msdos-sda.raw", FIRST, check)
    look_at_disk(folder / "msdos-sdb.raw", SECOND, check)


def check_mounts(checks):
    for folder, place, kind in [("/boot", "vda1", "ext4"), ("/", "vda3", "ext4"),
                                ("/srv", "vda5", "btrfs"), ("/opt", "vda6", "ext4"),
                                ("/data", "vdb1", "xfs"), ("/exchange", "vdb2", "vfat")]:
        checks.equal(f"{folder} is mounted", f"findmnt -n -o SOURCE,FSTYPE {folder} | tr -s ' '",
                     f"/dev/{place} {kind}")
        if folder != "/":
            checks.equal(f"{folder} has its file", f"cat {folder}/note", f"of {folder}")
    checks.equal("swap is on", "tail -n +2 /proc/swaps | cut -d ' ' -f 1", "/dev/vda2")
    checks.equal("fstab names them all by UUID", "grep -c ^UUID= /etc/fstab", "7")
    checks.equal("scripts were told of the table and its numbers",
                 "grep -c -e PTABLE_FORMAT=msdos -e PART2_DEVNODE=/dev/sda5 "
                 "-e PART3_DEVNODE=/dev/sda3 -e PART5_DEVNODE=/dev/sdb1 /etc/installerfw", "4")
    checks.holds("and of PARTUUIDs as Linux has them",
                 "sed -n 's/.*PART2_PARTUUID=//p' /etc/installerfw; "
                 "ls -l /dev/disk/by-partuuid | sed -n 's|.* \\(.*\\) -> .*vda5|\\1|p'",
                 lambda out: len(set(out.split())) == 1 and len(out.split()) == 2, "the same twice")


def look_inside(folder):
    second = ["-drive", f"file={folder / 'msdos-sdb.raw'},format=raw,if=none,id=second,snapshot=on",
              "-device", "virtio-blk-pci,drive=second"]
    with Guest(folder / "msdos-sda.raw", "bios", 768, more=second) as guest:
        checks = GuestChecks(guest)
        try:
            guest.login("img-msdos", "root", "img", 300)
            checks.say(True, "login on the serial console", "bios")
            check_mounts(checks)
            guest.power_off(120)
        except (Trouble, BrokenPipeError) as trouble:
            checks.say(False, "boot", str(trouble))
        if checks.failed:
            transcript = folder / "msdos.log"
            transcript.write_text(guest.heard)
            print(f"the console of this machine: {transcript}; its last lines:")
            print("\n".join("  | " + line for line in guest.heard.splitlines()[-15:]))
    return checks


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("img", help="the program")
    parser.add_argument("--work", type=Path, default=Path("msdos"))
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    build_image(options.img, KICKSTART, options.work, "msdos", seconds=600)
    beside = Checks()
    look_beside(options.work, beside)
    inside = look_inside(options.work)
    made, failed = beside.made + inside.made, beside.failed + inside.failed
    print(f"msdos: {made} checks, {failed} failed: {'FAIL' if failed else 'PASS'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
