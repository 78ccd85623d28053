#!/usr/bin/env python3
"""Builds every type that is a bare tree or file system, as an ordinary user, and looks into each.

Run it as root: it makes a user with subordinate ids who builds, and reads the results with other
programs than those that wrote them: GNU tar, cpio, unsquashfs, and the kernel for EROFS and ext4.
Exit 0: every image holds the same owners, modes, links and capabilities, has the names and magics
it should have, and e2fsck finds no fault.
"""
import argparse
import os
import stat
import struct
import subprocess
import sys
import xml.etree.ElementTree
from pathlib import Path

import processes
from rootless_test import Builder
from verdict import Trouble, expect

KICKSTART = """\
url --url=@DEBIAN_MIRROR@ --suite=bookworm --components=main
bootloader --location=none
part / --fstype=ext4 --size=700
part swap --size=64
part /srv --fstype=ext4 --size=40
rootpw --lock
%packages --nocore --exclude-weakdeps
libcap2-bin
passwd
%end
%post
cp /bin/true /usr/local/bin/raw
chown 1000:50 /usr/local/bin/raw
setcap cap_net_raw+ep /usr/local/bin/raw
ln /usr/local/bin/raw /usr/local/bin/linked
echo kept > /srv/note
%end
"""
NET_RAW = 1 << 13  # linux/capability.h
REVISION_2, REVISION_3 = 0x02000001, 0x03000001  # of security.capability, effective bit set
EPOCH = "1700000000"
MAGICS = {"tar": (257, b"ustar"), "cpio": (0, b"070701"), "squashfs": (0, b"hsqs"),
          "erofs": (1024, b"\xe2\xe1\xf5\xe0"), "ext4": (1080, b"\x53\xef")}


def run(*argv, **more):
    done = subprocess.run([str(word) for word in argv], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=300, **more)
    text = done.stdout.decode("utf-8", "replace")
    if done.returncode != 0:
        raise Trouble(f"{argv[0]} ended with {done.returncode}: {text[-500:]}")
    return text


class Trees:
    def __init__(self, builder, program, patience):
        self.builder, self.program, self.patience = builder, program, patience
        self.kickstart = builder.folder / "box.ks"
        self.kickstart.write_text(KICKSTART)
        self.kickstart.chmod(0o644)

    def build(self, image_type, *options):
        out = self.builder.folder / "out" / image_type
        process = self.builder.start("/usr/bin/env", [
            f"SOURCE_DATE_EPOCH={EPOCH}", str(self.program), "build", str(self.kickstart), "-t",
            image_type, "-o", str(out), "-n", "box", *options])
        try:
            _, errors = process.communicate(timeout=self.patience)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Trouble(f"img build -t {image_type} did not end within {self.patience} s")
        expect(process.returncode == 0,
               f"img build -t {image_type}: {errors.decode('utf-8', 'replace')[-800:]}")
        return out

    def folder(self, name):
        made = self.builder.folder / name
        made.mkdir()
        return made


def check_magic(file, image_type):
    at, magic = MAGICS[image_type]
    with open(file, "rb") as image:
        image.seek(at)
        found = image.read(len(magic))
    expect(found == magic, f"{file.name} has {found} at {at}, not {magic}")


def check_tree(root, first_id=None, owner=0, holds_srv=True, attributes=True):
    """`first_id`: what the id 1 of the tree is here, for a tree in mapped ids; else it is 1."""
    def here(number):
        return owner if number == 0 else number if first_id is None else first_id + number - 1

    shadow = (root / "etc/shadow").lstat()
    expect((shadow.st_uid, shadow.st_gid) == (here(0), here(42)),
           f"/etc/shadow belongs to {shadow.st_uid}:{shadow.st_gid}")
    expect(stat.S_IMODE(shadow.st_mode) == 0o640, f"/etc/shadow has mode {shadow.st_mode:o}")
    passwd = (root / "usr/bin/passwd").lstat()
    expect(stat.S_IMODE(passwd.st_mode) == 0o4755, f"passwd has mode {passwd.st_mode:o}")
    expect(stat.S_IMODE((root / "tmp").lstat().st_mode) == 0o1777, "/tmp is not sticky")
    raw, linked = (root / "usr/local/bin" / name for name in ("raw", "linked"))
    expect((raw.stat().st_uid, raw.stat().st_gid) == (here(1000), here(50)),
           f"raw belongs to {raw.stat().st_uid}:{raw.stat().st_gid}")
    expect(raw.stat().st_ino == linked.stat().st_ino, "a hard link became a copy")
    expect((root / "srv/note").exists() == holds_srv, "/srv/note is not where it should be")
    if attributes:
        fields = struct.unpack("<I5I" if first_id else "<I4I",
                               os.getxattr(raw, "security.capability"))
        wanted = (REVISION_3, NET_RAW, 0, 0, 0, owner) if first_id else (REVISION_2, NET_RAW, 0, 0, 0)
        expect(fields == wanted, f"the capability is {fields}")
    fstab = [line.split() for line in (root / "etc/fstab").read_text().splitlines()
             if not line.startswith("#")]
    return [fields[1] for fields in fstab]


def check_ext(file):
    said = run("e2fsck", "-f", "-n", file)
    expect("WARNING" not in said, said)


class Mounted:
    """A file system, looked at by the kernel; only the test needs a loop device."""

    def __init__(self, trees, file, kind):
        self.file, self.kind = file, kind
        self.folder = trees.folder(f"mounted-{file.parent.name}-{file.stem}")

    def __enter__(self):
        run("mount", "-t", self.kind, "-o", "loop,ro" + (",noload" if self.kind == "ext4" else ""),
            self.file, self.folder)
        return self.folder

    def __exit__(self, *_):
        run("umount", self.folder)


def check_tar(trees):
    out = trees.build("tar")
    check_magic(out / "box.tar", "tar")
    back = trees.folder("tar-back")
    run("tar", "-x", "-f", out / "box.tar", "-C", back, "--numeric-owner", "--same-owner", "-p",
        "--xattrs", "--xattrs-include=*")
    expect(check_tree(back) == [], "a tar has lines in /etc/fstab")
    again = trees.folder("bsdtar-back")
    run("bsdtar", "-x", "-f", out / "box.tar", "-C", again, "--numeric-owner", "-p", "--xattrs")
    compare = Path(__file__).parents[1] / "image/compare_tree.py"
    return run("python3", compare, "compare", back, again, "--epoch", EPOCH).strip()


def check_cpio(trees):
    out = trees.build("cpio")
    check_magic(out / "box.cpio", "cpio")
    back = trees.folder("cpio-back")
    run("cpio", "-idm", "--quiet", "-F", out / "box.cpio", cwd=back)
    expect(check_tree(back, attributes=False) == [], "a cpio has lines in /etc/fstab")
    warnings = (out / "manifest.json").read_text()
    expect("/usr/local/bin/linked loses its capabilities" in warnings, "the loss is not told")
    return "all but the capability, which it tells"


def check_squashfs(trees):
    out = trees.build("squashfs")
    check_magic(out / "box.squashfs", "squashfs")
    back = trees.builder.folder / "squashfs-back"
    run("unsquashfs", "-quiet", "-no-progress", "-dest", back, out / "box.squashfs")
    expect(check_tree(back) == [], "a squashfs has lines in /etc/fstab")
    return f"{(out / 'box.squashfs').stat().st_size >> 20} MiB"


def check_erofs(trees):
    out = trees.build("erofs")
    check_magic(out / "box.erofs", "erofs")
    run("fsck.erofs", out / "box.erofs")
    with Mounted(trees, out / "box.erofs", "erofs") as root:
        expect(check_tree(root) == [], "an erofs has lines in /etc/fstab")
    return f"{(out / 'box.erofs').stat().st_size >> 20} MiB"


def check_ext4(trees):
    out = trees.build("ext4")
    check_magic(out / "box.ext4", "ext4")
    check_ext(out / "box.ext4")
    expect((out / "box.ext4").stat().st_size == 700 << 20, "the part line's size is not kept")
    with Mounted(trees, out / "box.ext4", "ext4") as root:
        expect(check_tree(root) == ["/"], "fstab does not mount / alone")
    return f"{(out / 'box.ext4').stat().st_blocks >> 11} MiB on disk"


def check_loop(trees):
    out = trees.build("loop", "--shrink")
    expect(sorted(path.name for path in out.glob("*.img")) == ["box.img", "srv.img"],
           f"there is {sorted(path.name for path in out.iterdir())}")
    for name in ("box.img", "srv.img"):
        check_ext(out / name)
    parts = xml.etree.ElementTree.parse(out / "box.xml").getroot().findall("partition")
    listed = {part.get("mountpoint"): part for part in parts}
    expect(sorted(listed) == ["/", "/srv"], f"box.xml lists {sorted(listed)}")
    for part in parts:
        size = (out / part.get("name")).stat().st_size
        expect(int(part.get("size")) == (size + (1 << 20) - 1) >> 20, "a size in box.xml is wrong")
        said = run("blkid", "-p", "-o", "value", "-s", "UUID", out / part.get("name")).strip()
        expect(said == part.get("uuid"), f"the UUID of {part.get('name')} is {said}")
    expect((out / "srv.img").stat().st_size < 20 << 20, "srv.img was not shrunk")
    with Mounted(trees, out / "box.img", "ext4") as root:
        expect(check_tree(root, holds_srv=False) == ["/", "/srv"], "fstab is not of two lines")
    with Mounted(trees, out / "srv.img", "ext4") as root:
        expect((root / "note").read_text() == "kept\n", "/srv/note is not in srv.img")
    return " and ".join(f"{name} {(out / name).stat().st_size >> 20} MiB"
                        for name in ("box.img", "srv.img"))


def check_fs(trees):
    user = trees.builder.entry.pw_uid
    first = trees.builder.ranges[1][0]
    for _ in range(2):  # the second one replaces a folder of mapped ids
        out = trees.build("fs", "--replace")
        expect(check_tree(out / "box", first_id=first, owner=user) == [], "fstab has lines")
    left = [path.name for path in out.iterdir() if path.name.startswith(".img")]
    expect(not left, f"{left} stayed behind")
    return f"owned by {user} and {first} onwards"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("img", type=Path, help="the program")
    parser.add_argument("--type", action="append", dest="types", help="only this; more than once")
    parser.add_argument("--patience", type=float, default=600, help="seconds for one build")
    parser.add_argument("--work", type=Path, help="where to make the working folder")
    options = parser.parse_args()
    options.user = None
    if os.geteuid() != 0:
        print("FAIL: only root can look into these images; run it as root")
        return 1
    checks = {"tar": check_tar, "cpio": check_cpio, "squashfs": check_squashfs,
              "erofs": check_erofs, "ext4": check_ext4, "loop": check_loop, "fs": check_fs}
    processes.adopt_orphans()
    failed = 0
    builder = Builder(options)
    try:
        trees = Trees(builder, builder.reachable(options.img.resolve()), options.patience)
        for name in options.types or checks:
            try:
                print(f"PASS: {name}: {checks[name](trees)}", flush=True)
            except (Trouble, OSError, subprocess.TimeoutExpired) as trouble:
                failed += 1
                print(f"FAIL: {name}: {trouble}", flush=True)
    finally:
        processes.kill_all(os.getpid())
        builder.close(keep=False)
    print(f"trees test: {len(options.types or checks)} types, {failed} failed: "
          f"{'FAIL' if failed else 'PASS'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
