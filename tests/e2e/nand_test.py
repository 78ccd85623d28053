#!/usr/bin/env python3
"""Builds nand_test.ks for flash memory, reads every byte that has a meaning, and attaches the images
to a simulated chip: every volume is mounted by Debian's kernel, and each of its files is the tree's.

    tests/e2e/nand_test.py build/release/bin/img [--work FOLDER]

Exit 0: everything is as it should be; 1: something is not.
"""
import argparse
import json
import shutil
import signal
import struct
import sys
from pathlib import Path

from flash_formats import BLOB_LAYOUTS, Ubi, read_blob, read_osip, ubifs_superblock
from flash_guest import FlashGuest, make_initramfs
from image_build import build_image
from verdict import Checks, Trouble

KICKSTART = Path(__file__).with_name("nand_test.ks")
PEB, LEB, VID, DATA = 131072, 129024, 512, 2048  # of the profile slc-2k
# A chip of 128 MiB of that form, 20 a1 00 15, twice: for UBI, and by its partitions for JFFS2.
NANDSIM = ("first_id_byte=0x20 second_id_byte=0xaa third_id_byte=0x00 fourth_id_byte=0x15 "
           "parts=1024")


def build(img, kind, work, *options):
    """Gives back the folder of the image."""
    folder = work / "-".join([kind, *options[1:]])
    build_image(img, KICKSTART, folder, "flash", "-t", kind, *options, seconds=900)
    return folder


def check_ubi(folder, check):
    manifest = json.loads((folder / "manifest.json").read_text())
    image = (folder / "flash.ubi").read_bytes()
    ubi = Ubi(image, PEB)
    check("every erase block has sound headers, the table of volumes is there twice", True,
          f"{len(image) // PEB} blocks")
    check("headers and data are where the chip can have them",
          (ubi.vid_offset, ubi.data_offset) == (VID, DATA), f"{ubi.vid_offset}, {ubi.data_offset}")
    check("the volumes are those of the kickstart", sorted(ubi.volumes) == ["home", "rootfs"],
          str(sorted(ubi.volumes)))
    check("/ has the room that was asked for", ubi.reserved["rootfs"] == -(-96 * 2**20 // LEB),
          str(ubi.reserved["rootfs"]))
    check("/home takes what is left", ubi.autoresize == {"home"}, str(ubi.autoresize))
    for name, volume in ubi.volumes.items():
        min_io, leb, _, most, _ = ubifs_superblock(volume)
        check(f"{name} is a UBIFS of this chip", (min_io, leb) == (2048, LEB), f"{min_io}, {leb}")
        check(f"{name} may grow as far as it has to", most >= ubi.reserved[name], str(most))
    check("the line that boots it",
          (folder / "flash-cmdline.txt").read_text() ==
          "ubi.mtd=rootfs,512 root=ubi0:rootfs rootfstype=ubifs rw console=ttyS0\n")
    check("the manifest names the image first", manifest["artifacts"][0]["file"] == "flash.ubi")
    return image


def check_mrst(folder, subformat, check):
    """A blob, and a disk with it in front."""
    layout, _, osip = subformat.partition("-")
    boot = (folder / "flash-boot.bin").read_bytes()
    blob = read_osip(boot) if osip else boot
    line, stub, kernel, initrd = read_blob(blob, layout, sector=512 if osip else 1)
    check(f"{subformat}: the command line is that of the tree",
          line == "ro root=/dev/mmcblk0p2 console=ttyMFD2", line)
    check(f"{subformat}: stub, kernel and initrd have their places",
          stub.rstrip(b"\0") == b"s" * 1000 and len(kernel) == 518 + 20001
          and len(initrd) == 30003)
    disk = (folder / "flash.img").read_bytes()
    length = BLOB_LAYOUTS[layout][1] + len(kernel) + len(initrd)  # less what fills its last sector
    (start1, count1), (start2, count2) = (struct.unpack("<II", disk[at:at + 8])
                                          for at in (454, 470))
    check(f"{subformat}: two partitions end with cylinders of 64 sectors, without a gap",
          start1 == 16 and start1 + count1 == start2 and start2 % 64 == 0
          and (start2 + count2) * 512 == len(disk), f"{start1}+{count1}, {start2}+{count2}")
    check(f"{subformat}: partition 1 begins with the blob, which its boot loader reads itself",
          disk[start1 * 512:][:length] == blob[:length], f"{length} bytes")
    root = disk[start2 * 512:(start2 + count2) * 512]
    check(f"{subformat}: partition 2 is an ext3 of 96 MiB",
          root[0x438:0x43a] == b"\x53\xef" and root[0x45c] & 4 and len(root) == 96 * 2**20)


def check_every_mrst(img, work, check):
    """Each layout with and without an OSIP, read by a reader that knows no line of the writer."""
    for layout in BLOB_LAYOUTS:
        for subformat in (layout, f"{layout}-osip"):
            folder = build(img, "mrstnand", work, "--subformat", subformat)
            check_mrst(folder, subformat, check)
            shutil.rmtree(folder)


def check_in_guest(guest, size, check):
    """/home and / as volumes of UBI; then / as JFFS2."""
    def run(name, command, seconds=300, wanted=lambda output: True):
        status, output = guest.run(command, seconds)
        check(name, status == 0 and wanted(output), output[-300:] if status else "")

    run("ubiformat takes the image", f"ubiformat /dev/mtd0 -q -y -f - -s 512 -S {size} < /dev/vda")
    run("ubi attaches it, and finds no block that is bad in any way",
        "ubiattach -m 0 -O 512 && dmesg | grep 'ubi0: good PEBs'",
        wanted=lambda output: "bad PEBs: 0, corrupted PEBs: 0" in output)
    run("/home has become larger", "dmesg | grep 're-sized from'",
        wanted=lambda output: '"home"' in output)
    run("both volumes are mounted", "mount -t ubifs ubi0:rootfs /mnt && "
        "mount -t ubifs ubi0:home /mnt/home")
    run("every file is that of the tree", "cd /mnt && sha256sum -c -s /nand.sha256; s=$?; cd /; "
        "(exit $s)")
    run("fstab says the volumes", "grep '^ubi0:' /mnt/etc/fstab",
        wanted=lambda output: "ubi0:rootfs" in output and "ubi0:home" in output)
    run("a file is written and read again", "echo kept >/mnt/home/new && sync && umount /mnt/home && "
        "mount -t ubifs ubi0:home /mnt/home && cat /mnt/home/new",
        wanted=lambda output: output == "kept")
    run("all is unmounted", "umount /mnt/home && umount /mnt && dmesg | grep -c 'UBIFS error'; "
        "test $(dmesg | grep -c 'UBIFS error') = 0")
    run("nandwrite takes the JFFS2",
        "flash_erase -q /dev/mtd1 0 0 && nandwrite -q -p /dev/mtd1 - < /dev/vdb")
    run("it is mounted, and every file is that of the tree",
        "mount -t jffs2 mtd1 /mnt && cd /mnt && sha256sum -c -s /jffs2.sha256; s=$?; cd /; "
        "(exit $s)")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("img")
    parser.add_argument("--work", type=Path, required=True)
    options = parser.parse_args()
    signal.alarm(1500)
    options.work.mkdir(parents=True, exist_ok=True)
    check = Checks()
    try:
        nand = build(options.img, "nand", options.work)
        image = check_ubi(nand, check)
        jffs2 = build(options.img, "jffs2", options.work)
        check_every_mrst(options.img, options.work, check)
        initramfs = options.work / "initramfs.cpio"
        make_initramfs(options.work.parent / "packages", NANDSIM,
                       {"nand.sha256": (nand / "files.sha256").read_text(),
                        "jffs2.sha256": (jffs2 / "files.sha256").read_text()}, initramfs)
        with FlashGuest(options.work.parent / "packages", initramfs, nand / "flash.ubi",
                        [jffs2 / "flash.jffs2"]) as guest:
            try:
                guest.wait()
                check_in_guest(guest, len(image), check)
            except Trouble:
                print(guest.heard[-3000:])
                raise
    except (Trouble, ValueError) as error:
        check(str(error), False)
    print(f"{check.made - check.failed} of {check.made} checks passed")
    return 1 if check.failed else 0


if __name__ == "__main__":
    sys.exit(main())
