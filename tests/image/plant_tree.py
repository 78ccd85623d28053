#!/usr/bin/env python3
"""Plants a folder with everything that image writers can get wrong.

plant_tree.py FOLDER [--backwards]. With --backwards the names are made in another order, and now
rather than then, so that nothing but content, modes, owners and old times is the same. As root: it
makes device nodes, strange owners and a capability. Times before 1700000000 are set; all others
are those of the moment.
"""
import argparse
import os
import socket
import stat
import struct
from pathlib import Path

OLD = 1600000000
# linux/capability.h: VFS_CAP_REVISION_2 with the effective bit, cap_net_raw (13) permitted.
NET_RAW = struct.pack("<5I", 0x02000001, 1 << 13, 0, 0, 0)


def access_list(user):
    """linux/posix_acl_xattr.h: rw for the owner, r for `user`, nobody else."""
    entries = [(0x01, 6, 0xFFFFFFFF), (0x02, 4, user), (0x04, 0, 0xFFFFFFFF),
               (0x10, 4, 0xFFFFFFFF), (0x20, 0, 0xFFFFFFFF)]
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def file(path, content=b"", mode=0o644, owner=(0, 0), old=False):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.chown(path, *owner)
    path.chmod(mode)
    if old:
        os.utime(path, (OLD, OLD))


def attributed(path, content, **attributes):
    file(path, content)
    for name, value in attributes.items():
        os.setxattr(path, name.replace("__", "."), value)


def sparse(path):
    file(path)
    with open(path, "wb") as out:
        out.seek(3 << 20)
        out.write(b"in the middle")
        out.truncate(8 << 20)


def folder(path, mode, owner=(0, 0)):
    path.mkdir(parents=True, exist_ok=True)
    os.chown(path, *owner)
    path.chmod(mode)


def linked(tree, names):
    for name in names:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
    file(tree / names[0], b"one file, three names\n", owner=(7, 8), old=True)
    for name in names[1:]:
        os.link(tree / names[0], tree / name)


def plain_socket(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    here = os.getcwd()
    os.chdir(path.parent)  # a socket's path has room for 108 bytes
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(path.name)
    os.chdir(here)


def plants(tree):
    """Each makes something that none of the others needs."""
    long_name = "a-name-of-a-hundred-and-twenty-bytes-" + "n" * 83
    return [
        lambda: file(tree / "etc/hostname", b"box\n", old=True),
        lambda: file(tree / "usr/bin/su", b"\x7fELF" * 999, 0o4755),
        lambda: file(tree / "var/mail/anna", b"mail\n", 0o660, (1000, 8)),
        lambda: file(tree / "big-ids", b"id\n", 0o600, (60000, 65534)),
        lambda: file(tree / "empty"),
        lambda: file(tree / "usr/share" / long_name / long_name, b"long\n"),
        lambda: file(tree / "usr/share/caf\u00e9 and a\nline", "\u00e9".encode()),
        lambda: file(tree / "usr/lib/noise", bytes(i * i % 251 for i in range(300000))),
        lambda: sparse(tree / "var/log/lastlog"),
        lambda: folder(tree / "tmp", 0o1777),
        lambda: folder(tree / "var/local", 0o2775, (0, 50)),
        lambda: folder(tree / "home/empty", 0o700, (1000, 1000)),
        lambda: os.symlink("../usr/bin/su", tree / "su"),
        lambda: os.symlink("/" + "t" * 150, tree / "far"),
        lambda: os.mkfifo(tree / "pipe", 0o600),
        lambda: os.mknod(tree / "null", stat.S_IFCHR | 0o666, os.makedev(1, 3)),
        lambda: os.mknod(tree / "disk", stat.S_IFBLK | 0o660, os.makedev(259, 300)),
        lambda: plain_socket(tree / "run/socket"),
        lambda: linked(tree, ["usr/bin/perl", "usr/bin/perl5.36.0", "zlast"]),
        lambda: attributed(tree / "usr/bin/ping", b"ping", security__capability=NET_RAW),
        lambda: attributed(tree / "etc/noted", b"x", user__note=b"two\nlines\0", user__b=b"2"),
        lambda: attributed(tree / "etc/shared", b"x",
                           system__posix_acl_access=access_list(1000)),
    ]


def make_younger(tree):
    """What is not old is of another day than in a tree that was planted at the same time."""
    for where, folders, files in os.walk(tree, topdown=False):
        for name in folders + files + ["."]:
            path = os.path.join(where, name)
            seconds = os.lstat(path).st_mtime
            if seconds > OLD:
                os.utime(path, (seconds + 86400, seconds + 86400), follow_symlinks=False)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--backwards", action="store_true")
    options = parser.parse_args()
    os.umask(0o022)
    folder(options.folder, 0o755)
    made = plants(options.folder)
    for plant in reversed(made) if options.backwards else made:
        plant()
    if options.backwards:
        make_younger(options.folder)


if __name__ == "__main__":
    main()
