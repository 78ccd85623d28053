#!/usr/bin/env python3
"""Holds `img inspect --json` of a built image against other readers, and against its own papers.

Partitions against sfdisk, file systems against blkid, packages against the image's .packages file,
the kernel, the menu and fstab against each other and against debugfs. Exit 0: all agree; also that
a file that holds no image is refused with the right exit code and one sentence.
"""
import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from verdict import Trouble

SECONDS_MAX = 10  # it takes less than one; a loaded machine may take more


def run(argv):
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def expect(what, mine, other):
    if mine != other:
        raise Trouble(f"{what}: img inspect says {mine!r}, but it is {other!r}")


def check_partitions(found, image):
    said = json.loads(run(["sfdisk", "--json", image]))["partitiontable"]
    table = found["partition_table"]
    expect("the table's kind", table["kind"], said["label"])
    expect("the disk's GUID", table["id"], said["id"].lower())
    expect("what is wrong with the table", table["remarks"], [])
    mine = [(p["start"] // 512, p["size"] // 512, p["type"], p["uuid"], p["name"])
            for p in table["partitions"]]
    its = [(p["start"], p["size"], p["type"].lower(), p["uuid"].lower(), p["name"])
           for p in said["partitions"]]
    expect("the partitions", mine, its)


def check_file_systems(found, image):
    seen = 0
    for volume in found["volumes"]:
        probe = subprocess.run(["blkid", "-p", "-o", "export", "-O", str(volume["start"]),
                                "-S", str(volume["size"]), image],
                               check=False, capture_output=True, text=True).stdout
        said = dict(line.split("=", 1) for line in probe.splitlines() if "=" in line)
        mine = volume.get("file_system", {})
        where = volume["place"]
        expect(f"the kind in {where}", mine.get("kind"), said.get("TYPE"))
        expect(f"the UUID in {where}", mine.get("uuid"), said.get("UUID"))
        expect(f"the label in {where}", mine.get("label"), said.get("LABEL"))
        seen += bool(mine)
    if seen < 3:
        raise Trouble(f"only {seen} file systems were found in {image}")


def check_packages(system, papers):
    # "bash.amd64 5.2.15-2+b13" a line
    its = sorted(papers.read_text().split("\n"))
    mine = sorted(f"{p['name']}.{p['architecture']} {p['version']}" for p in system["packages"])
    expect("the packages", mine, [line for line in its if line])


def debugfs(image, start, request):
    return run(["debugfs", "-R", request, f"{image}?offset={start}"])


def check_system(found, image):
    expect("what is wrong with the image", found["remarks"], [])
    [system] = found["systems"]
    [root] = [v for v in found["volumes"] if v["place"] == system["place"]]
    expect("the hostname", system["hostname"],
           debugfs(image, root["start"], "cat /etc/hostname").strip())
    fstab = [line.split()[:4] for line in debugfs(image, root["start"], "cat /etc/fstab").splitlines()
             if line.strip() and not line.startswith("#")]
    expect("fstab", [[m["device"], m["folder"], m["type"], m["options"]] for m in system["fstab"]],
           fstab)
    names = debugfs(image, root["start"], "ls -p /boot")
    kernels = sorted("boot/" + line.split("/")[5] for line in names.splitlines()
                     if "/vmlinuz-" in line)
    expect("the kernels", sorted(k["path"] for k in found["kernels"]), kernels)
    for kernel in found["kernels"]:
        expect("the kernel's version", "boot/vmlinuz-" + kernel["version"], kernel["path"])
    starts = {"/" + kernel for kernel in kernels}
    entries = [e for menu in found["menus"] for e in menu["entries"] if e["kernel"] in starts]
    if not entries or f"root=UUID={root['file_system']['uuid']}" not in entries[0]["arguments"]:
        raise Trouble(f"no menu starts the kernel with its root: {found['menus']}")
    firmwares = {loader["firmware"] for loader in found["boot_loaders"] if loader["what"] == "GRUB"}
    expect("the firmwares that GRUB is for", firmwares, {"bios", "uefi"})
    return system


def check_refusals(img, work):
    text = work / "text"
    text.write_text("a few words\n")
    (work / "empty").touch()
    for name, code, words in (("none", 3, "No such file"), ("empty", 1, "is empty"),
                              ("text", 1, "it looks like text")):
        ended = subprocess.run([img, "inspect", work / name], check=False, capture_output=True,
                               text=True)
        expect(f"the exit code for {name}", ended.returncode, code)
        if words not in ended.stderr or len(ended.stderr.splitlines()) != 1:
            raise Trouble(f"of {name} is said: {ended.stderr!r}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("img")
    parser.add_argument("image", type=Path, help="a raw image, its .packages file beside it")
    options = parser.parse_args()
    began = time.monotonic()
    found = json.loads(run([options.img, "inspect", "--json", options.image]))
    took = time.monotonic() - began
    if took > SECONDS_MAX:
        raise Trouble(f"img inspect took {took:.1f} s")
    expect("the size", found["size"], options.image.stat().st_size)
    check_partitions(found, options.image)
    check_file_systems(found, options.image)
    system = check_system(found, options.image)
    check_packages(system, options.image.with_suffix(".packages"))
    text = run([options.img, "inspect", "--packages", options.image])
    if any(package["version"] not in text for package in system["packages"]):
        raise Trouble("--packages leaves packages out")
    with tempfile.TemporaryDirectory() as work:
        check_refusals(options.img, Path(work))
    print(f"img inspect agrees with sfdisk, blkid, debugfs and the image's papers; {took:.2f} s")


if __name__ == "__main__":
    try:
        main()
    except Trouble as trouble:
        sys.exit(f"inspect_test: {trouble}")
    except subprocess.CalledProcessError as error:
        sys.exit(f"inspect_test: {error}: {error.stderr}")
