#!/usr/bin/env python3
"""Installs the same packages with `img build` and with mmdebstrap, and compares what came of it.

mmdebstrap lets apt order every unpacking and configuring; img does it in a few large steps. The
package databases have to be equal field by field, and the files byte by byte, but for what is
listed below with its reason. Needs root, for the loop device that the image is read through.
"""
import argparse
import hashlib
import os
import re
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGES = ["dbus", "iproute2", "openssh-server", "procps", "python3-minimal", "sudo",
            "systemd-sysv", "udev", "vim-tiny"]

KICKSTART = """url --url=@DEBIAN_MIRROR@ --suite=bookworm --components=main
bootloader --location=none
part / --fstype=ext4 --size=500 --grow
%packages --exclude-weakdeps
{packages}
%end
"""

# Files that are not compared, each by a pattern on the whole path, with the reason.
DIFFERS = {
    r"/(dev|proc|sys|run|tmp|lost\+found)/.*": "of the running system",
    r"/lost\+found": "ext4's own",
    r"/etc/(apt/.*|hostname|resolv\.conf|hosts|fstab|machine-id)": "settings of either builder",
    r"/etc/dpkg/dpkg\.cfg\.d/.*": "mmdebstrap's own",
    r"/etc/ssh/ssh_host_.*": "img ships no host keys; each machine makes its own",
    r"/etc/systemd/system/(.*/)?img-.*": "the unit that makes them",
    r"/etc/systemd/system/(ssh\.service|sshd\.service|ssh\.socket|sysinit\.target)(\.wants|\.d|\.requires)": "its links",
    r"/var/lib/systemd/random-seed": "must differ",
    r"/var/lib/dbus/machine-id": "forgotten by both, each in its way",
    r"/var/log/.*": "says when",
    r"/var/cache/(apt/.*|ldconfig/.*|debconf/.*-old)": "caches",
    r"/var/lib/apt/.*": "apt ran outside of img's tree",
    r"/var/lib/dpkg/(.*-old|lock.*|triggers/(Lock|Unincorp))": "dpkg's scratch",
    r"/var/lib/dpkg/available": "a cache that apt does not write",
    r"/etc/(passwd|group|shadow|gshadow|subuid|subgid)-": "back-ups of one state earlier",
    r".*/__pycache__/.*": "holds times of sources",
}
# Text that names the day of the build.
DATES = re.compile(rb"(?<=[*!x]:)\d{5}(?=:)")


def parse_status(text):
    """The paragraphs of dpkg's status, by package and architecture."""
    packages = {}
    for paragraph in text.strip().split("\n\n"):
        fields, key = {}, ""
        for line in paragraph.splitlines():
            if line[0].isspace():
                fields[key] += "\n" + line
            else:
                key, _, value = line.partition(":")
                fields[key] = value.strip()
        packages[fields["Package"], fields["Architecture"]] = fields
    return packages


def is_skipped(path):
    return any(re.fullmatch(pattern, path) for pattern in DIFFERS)


def read_tree(root):
    """What there is to compare of every name below root."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = Path(folder) / name
            shown = "/" + str(path.relative_to(root))
            if is_skipped(shown):
                continue
            status = path.lstat()
            entry = [stat.filemode(status.st_mode), status.st_uid, status.st_gid]
            if stat.S_ISLNK(status.st_mode):
                entry.append(os.readlink(path))
            elif stat.S_ISREG(status.st_mode):
                content = path.read_bytes()
                if shown in ("/etc/shadow", "/etc/gshadow"):
                    content = DATES.sub(b"DAY", content)
                if shown == "/var/lib/dpkg/status":
                    content = b""  # compared by field
                if shown.startswith("/var/lib/dpkg/triggers/") or shown == "/etc/shells":
                    content = b"\n".join(sorted(content.splitlines()))  # in order of unpacking
                entry += [hashlib.sha256(content).hexdigest()]
                entry += [os.getxattr(path, name, follow_symlinks=False).hex()
                          for name in sorted(os.listxattr(path, follow_symlinks=False))]
            found[shown] = entry
    return found


def run(*command, **options):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, **options).stdout


def mirror():
    uris = run("apt-get", "--print-uris", "update")
    return next(line.split("/dists/")[0][1:] for line in uris.splitlines() if "/dists/" in line)


def start_of_root(image):
    for line in run("sgdisk", "-p", str(image)).splitlines():
        words = line.split()
        if words and words[0] == "1":
            return int(words[1]) * 512
    raise AssertionError("the image has no first partition")


def compare(kind, ours, theirs):
    differences = [f"{kind} {key}: img {ours.get(key)}, apt {theirs.get(key)}"
                   for key in sorted(set(ours) | set(theirs)) if ours.get(key) != theirs.get(key)]
    print(f"{kind}: {len(set(ours) | set(theirs))} compared, {len(differences)} differ")
    return differences


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("img", help="the img program")
    parser.add_argument("--keep", action="store_true", help="leave the work folder")
    options = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="img-apt-"))
    mounted = work / "mounted"
    differences = []
    try:
        kickstart = work / "same.ks"
        kickstart.write_text(KICKSTART.format(packages="\n".join(PACKAGES)))
        subprocess.run([options.img, "build", str(kickstart), "-t", "raw", "-o", str(work / "out")],
                       check=True, timeout=1200)
        names = [line.split()[0].rsplit(".", 1)[0]
                 for line in (work / "out/same.packages").read_text().splitlines()]
        source = f"deb {mirror()} bookworm main"
        # mmdebstrap takes usrmerge for a tree that is merged anyway; img takes usr-is-merged.
        pin = "Package: usrmerge\\nPin: release *\\nPin-Priority: -1\\n"
        hook = f"printf '{pin}' > \"$1/etc/apt/preferences.d/usrmerge\""
        subprocess.run(["mmdebstrap", "--quiet", f"--setup-hook={hook}",
                        "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr", "--mode=root", "--variant=essential",
                        "--dpkgopt=force-unsafe-io", f"--include={','.join(names)}",
                        "bookworm", str(work / "apt"), source], check=True, timeout=1200)
        mounted.mkdir()
        image = work / "out/same.raw"
        run("mount", "-o", f"loop,ro,offset={start_of_root(image)}", str(image), str(mounted))
        ours, theirs = mounted, work / "apt"
        for question in ("--audit", "--verify"):
            answer = run("dpkg", f"--root={ours}", question)
            print(f"dpkg {question}: {'nothing to say' if not answer.strip() else answer}")
            if answer.strip():
                differences.append(f"dpkg {question} says: {answer}")
        status = "var/lib/dpkg/status"
        differences += compare("package", parse_status((ours / status).read_text()),
                               parse_status((theirs / status).read_text()))
        differences += compare("file", read_tree(ours), read_tree(theirs))
    finally:
        if os.path.ismount(mounted):
            subprocess.run(["umount", str(mounted)], check=False)
        if options.keep:
            print(f"left in {work}")
        else:
            subprocess.run(["rm", "-rf", "--one-file-system", str(work)], check=False)
    for difference in differences[:60]:
        print(difference)
    print("FAIL" if differences else "PASS: the tree is the one that apt makes")
    return bool(differences)


if __name__ == "__main__":
    sys.exit(main())
