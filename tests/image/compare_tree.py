#!/usr/bin/env python3
"""Says in what two folders differ: names, contents, modes, owners, times, links, devices, attributes.

`list FOLDER` prints a line of JSON for each name, sorted; `compare A B` prints the lines that
differ, those of A with "-" and those of B with "+", and exits 1 if there are any. --epoch SECONDS
reads a younger time as that one, --without FIELD leaves a field out of the comparison. Needs root
(of a user namespace, if need be) to see everything. Sockets are not looked at: no image holds any.
"""
import argparse
import hashlib
import json
import os
import stat
import sys


def digest(path):
    content = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            content.update(piece)
    return content.hexdigest()


def attributes(path):
    return {name: os.getxattr(path, name, follow_symlinks=False).hex()
            for name in sorted(os.listxattr(path, follow_symlinks=False))}


def names_below(folder):
    """Relative names, the folder itself as "."."""
    yield "."
    for where, folders, files in os.walk(folder):
        for name in folders + files:
            yield os.path.relpath(os.path.join(where, name), folder)


def entry(folder, name, epoch):
    path = os.path.join(folder, name)
    status = os.lstat(path)
    kind = stat.S_IFMT(status.st_mode)
    found = {"name": name, "mode": oct(status.st_mode), "uid": status.st_uid,
             "gid": status.st_gid, "xattrs": attributes(path),
             "mtime": min(int(status.st_mtime), epoch)}
    if kind == stat.S_IFREG:
        found["size"] = status.st_size
        found["sha256"] = digest(path)
    elif kind == stat.S_IFLNK:
        found["target"] = os.readlink(path)
    elif kind in (stat.S_IFCHR, stat.S_IFBLK):
        found["device"] = [os.major(status.st_rdev), os.minor(status.st_rdev)]
    return found, status


def listing(folder, epoch=2**62, without=()):
    """Every name with what it is; names of one file say the first of them under "same_as"."""
    entries, first_names = [], {}
    for name in sorted(names_below(folder), key=os.fsencode):
        found, status = entry(folder, name, epoch)
        if stat.S_ISSOCK(status.st_mode):
            continue
        if not stat.S_ISDIR(status.st_mode):
            key = (status.st_dev, status.st_ino)
            found["same_as"] = first_names.setdefault(key, name)
        for field in without:
            found.pop(field, None)
        entries.append(found)
    return [json.dumps(found, sort_keys=True) for found in entries]


def differences(one, other):
    """Lines that only one of two listings has."""
    mine, others = set(one), set(other)
    return ([f"- {line}" for line in one if line not in others] +
            [f"+ {line}" for line in other if line not in mine])


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=["list", "compare"])
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--epoch", type=int, default=2**62)
    parser.add_argument("--without", action="append", default=[], metavar="FIELD")
    options = parser.parse_args()
    wanted = 1 if options.verb == "list" else 2
    if len(options.folders) != wanted:
        parser.error(f"{options.verb} wants {wanted} folder(s)")
    lists = [listing(folder, options.epoch, options.without) for folder in options.folders]
    if options.verb == "list":
        print("\n".join(lists[0]))
        return 0
    found = differences(*lists)
    print("\n".join(found) if found else f"{len(lists[0])} names are alike")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
