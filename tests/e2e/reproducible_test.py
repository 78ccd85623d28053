#!/usr/bin/env python3
"""Builds every image type twice and compares all that came of it, byte by byte.

The second time everything is different that must not show: folder, time, umask, locale, time zone,
memory or disk as work place, a cold package cache and, where the test runs as root, the user. Only
the kickstart, the name and SOURCE_DATE_EPOCH are the same. What is compared is each file, and
manifest.json without its stages, which say how long they took.

    tests/e2e/reproducible_test.py build/release/bin/img [--types raw,vdi] [--keep]

A type that CASES does not name is built from the plain kickstart: a new type needs no line here.
"""
import argparse
import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import processes
from rootless_test import Builder
from verdict import Trouble

EPOCH = "1700000000"  # 2023-11-14; Debian 12 has younger files too, which must not show
BLOCK = 1 << 20
SECTOR = 512

KICKSTART = """\
url --url=@DEBIAN_MIRROR@ --suite=bookworm --components=main
{commands}
rootpw secret --plaintext
%packages --nocore --exclude-weakdeps
{packages}
%end
%post --erroronfail
{post}
%end
"""

PLAIN = {
    "commands": "bootloader --location=none\npart / --fstype=ext4 --size=400",
    "packages": "base-files",
    "post": "echo made > /etc/made",
}
KERNEL = "linux-image-cloud-amd64\ninitramfs-tools\nsystemd-sysv\nudev\nzstd"
FLASH = "nand --peb=128 --page=2048 --blocks=4096\npart / --fstype=ubifs --size=400"
# Not a kernel that starts, but one whose header the stitched image can be made of.
BOOT_FILES = r"""
mkdir -p /boot && cd /boot
head -c 4096 /dev/zero > bootstub
head -c 65536 /dev/zero > bzImage
printf '\125\252\353\146HdrS\014\002' | dd of=bzImage bs=1 seek=510 conv=notrunc
head -c 10000 /dev/zero > initrd
echo root=/dev/mmcblk0p2 > cmdline"""

# What a type needs beyond the plain kickstart, or further kickstarts for it.
CASES = {
    "raw": {
        "": {},
        "with a kernel, users and every file system": {
            "commands": "bootloader --timeout=1\n"
                        "part / --fstype=ext4 --size=600 --grow\n"
                        "part /home --fstype=btrfs --size=200\n"
                        "part /srv --fstype=xfs --size=320\n"
                        "part /var/spool --fstype=ext2 --size=16\n"
                        "part swap --size=16\n"
                        "user --name=anna --password=img --plaintext\n"
                        "services --enabled=ssh",
            "packages": KERNEL + "\nlocales\nopenssh-server\npasswd\npython3-minimal\nman-db",
            "post": "for i in 3 1 2; do echo $i > /srv/$i; echo $i > /home/$i; done"},
    },
    "livecd": {"": {"packages": KERNEL + "\nlive-boot\nlive-boot-initramfs-tools"}},
    "liveusb": {"": {"packages": KERNEL + "\nlive-boot\nlive-boot-initramfs-tools"}},
    "nand": {"": {"commands": FLASH}},
    "jffs2": {"": {"commands": FLASH.replace("ubifs", "jffs2")}},
    "mrstnand": {"": {"post": BOOT_FILES}},
}


class Case:
    """One kickstart built twice for one type."""

    def __init__(self, image_type, title, differing):
        self.type, self.title = image_type, f"{image_type} {title}".strip()
        self.name = self.title.replace(" ", "-").replace(",", "")
        self.kickstart = KICKSTART.format(**{**PLAIN, **differing})


class Way:
    """The circumstances of one of the two builds."""

    def __init__(self, folder, work, umask, environment, user=None):
        self.folder, self.work, self.umask = Path(folder), work, umask
        self.environment, self.user = environment, user
        self.folder.mkdir(parents=True, exist_ok=True)
        if user and os.geteuid() == 0:
            os.chown(self.folder, user.entry.pw_uid, user.entry.pw_gid)

    def start(self, program, case, kickstart_file):
        argv = ["build", str(kickstart_file), "-t", case.type, "-n", case.name,
                "-o", str(self.folder / case.name), "--work", self.work]
        environment = dict(self.environment, SOURCE_DATE_EPOCH=EPOCH)
        if self.user:
            return self.user.start(program, argv, self.umask, environment)
        return subprocess.Popen([str(program), *argv], env=dict(os.environ, **environment),
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, umask=self.umask, start_new_session=True)

    def build(self, program, case, kickstart_file, patience):
        process = self.start(program, case, kickstart_file)
        try:
            said = b"".join(process.communicate(timeout=patience)).decode(errors="replace")
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise Trouble(f"img build took longer than {patience:.0f} s")
        if process.returncode != 0:
            tail = " / ".join(said.splitlines()[-4:])
            raise Trouble(f"img build ended with {process.returncode}: {tail}")


def partitions(image):
    """(first byte, size, name) of what a GPT, else an MBR, lists."""
    with open(image, "rb") as file:
        head = file.read(SECTOR * 34)
    if head[SECTOR:SECTOR + 8] == b"EFI PART":
        for at in range(2 * SECTOR, len(head) - 127, 128):
            first, last = (int.from_bytes(head[at + o:at + o + 8], "little") for o in (32, 40))
            name = head[at + 56:at + 128].decode("utf-16-le", "replace").rstrip("\0")
            if last:
                yield first * SECTOR, (last - first + 1) * SECTOR, name
    elif head[510:512] == b"\x55\xaa":
        for at in range(446, 510, 16):
            first, count = (int.from_bytes(head[at + o:at + o + 4], "little") for o in (8, 12))
            if count:
                yield first * SECTOR, count * SECTOR, f"type {head[at + 4]:02x}"


def place_of(image, offset):
    for number, (first, size, name) in enumerate(partitions(image), 1):
        if first <= offset < first + size:
            return f", byte {offset - first} of partition {number} ({name})"
    return ""


def first_difference(one, other):
    """Offset of the first byte that is not the same; None where there is none."""
    with open(one, "rb") as a, open(other, "rb") as b:
        offset = 0
        while True:
            left, right = a.read(BLOCK), b.read(BLOCK)
            if left != right:
                return offset + next((i for i, (x, y) in enumerate(zip(left, right)) if x != y),
                                     min(len(left), len(right)))
            if not left:
                return None
            offset += len(left)


def what_of(path):
    """What a name stands for, as far as two builds have to agree on it."""
    if path.is_symlink():
        return f"link to {os.readlink(path)}"
    return "folder" if path.is_dir() else f"mode {path.stat().st_mode & 0o7777:o}"


def listing(folder):
    return {str(path.relative_to(folder)): what_of(path) for path in sorted(folder.rglob("*"))}


def manifest(folder):
    content = json.loads((folder / "manifest.json").read_text())
    del content["stages"]
    return content


def compare(one, other):
    names = listing(one)
    if names != listing(other):
        raise Trouble(f"the files differ: {sorted(set(names.items()) ^ set(listing(other).items()))}")
    count = 0
    for name in names:
        path = one / name
        if name == "manifest.json" or path.is_symlink() or not path.is_file():
            continue
        count += 1
        offset = first_difference(path, other / name)
        if offset is not None:
            raise Trouble(f"{name} differs from byte {offset} on{place_of(path, offset)}")
    if count < 2:  # an image and SHA256SUMS at the least
        raise Trouble(f"only {count} files were there to compare: {list(names)}")
    if manifest(one) != manifest(other):
        raise Trouble(f"manifest.json differs: {manifest(one)} and {manifest(other)}")
    return f"{count} files"


def types_of(program):
    answer = subprocess.run([program, "types", "--json"], capture_output=True, timeout=30, check=True)
    return [row["name"] for row in json.loads(answer.stdout)]


def chosen_cases(program, wanted):
    types = types_of(program)
    if unknown := sorted(set(wanted or types) - set(types)):
        raise Trouble(f"`img types` lists no {', '.join(unknown)}")
    return [Case(name, title, differing) for name in wanted or types
            for title, differing in CASES.get(name, {"": {}}).items()]


def build_all(program, cases, way, folder, patience):
    """Two at a time, which is what fills two cores. The failures by title."""
    def one(case):
        kickstart_file = folder / f"{case.name}.ks"
        kickstart_file.write_text(case.kickstart)
        kickstart_file.chmod(0o644)
        try:
            way.build(program, case, kickstart_file, patience)
        except Trouble as trouble:
            return case.title, str(trouble)
        return None
    with ThreadPoolExecutor(2) as pool:
        return dict(filter(None, pool.map(one, cases)))


def check_all(options, builder):
    program = builder.reachable(options.img.resolve())
    cases = chosen_cases(options.img.resolve(), options.types.split(",") if options.types else [])
    deep = builder.folder / "out" / "a second, deeper folder"
    ways = [Way(builder.folder / "first", "memory", 0o022, {"LANG": "C", "TZ": "UTC"},
                None if os.geteuid() == 0 else builder),
            Way(deep, "disk", 0o077, {"LANG": "de_DE.UTF-8", "TZ": "Asia/Tokyo"}, builder)]
    failures = [build_all(program, cases, way, builder.folder, options.patience) for way in ways]
    wrong = 0
    for case in cases:
        try:
            if trouble := failures[0].get(case.title) or failures[1].get(case.title):
                raise Trouble(trouble)
            detail, verdict = compare(*(way.folder / case.name for way in ways)), "PASS"
        except Trouble as trouble:
            detail, verdict = str(trouble), "FAIL"
        wrong += verdict == "FAIL"
        print(f"{verdict}: {case.title}: {detail}", flush=True)
    return len(cases), wrong


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("img", type=Path, help="the program")
    parser.add_argument("--types", help="only these, with commas between")
    parser.add_argument("--user", help="build the second time as this ordinary user; root only")
    parser.add_argument("--patience", type=float, default=600, help="seconds for one build")
    parser.add_argument("--work", type=Path, help="where to make the working folder")
    parser.add_argument("--keep", action="store_true", help="leave the working folder")
    options = parser.parse_args()
    if not os.access(options.img, os.X_OK):
        print(f"FAIL: there is no program {options.img}")
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    processes.adopt_orphans()
    made, wrong, builder = 0, 0, None
    try:
        builder = Builder(options)
        made, wrong = check_all(options, builder)
    except (Trouble, subprocess.SubprocessError, OSError, ValueError, KeyError) as trouble:
        wrong += 1
        print(f"FAIL: {trouble}")
    finally:
        processes.kill_all(os.getpid())
        if builder:
            if options.keep:
                print(f"kept: {builder.folder}")
            builder.close(options.keep)
    if made == 0:
        wrong = max(wrong, 1)
    print(f"reproducible test: {made} cases, {wrong} failed: {'FAIL' if wrong else 'PASS'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
