"""A guest with a simulated NAND chip: Debian's generic kernel, whose modules have nandsim, UBI,
UBIFS and JFFS2, started with an initramfs of busybox and mtd-utils.

The packages come through the machine's apt configuration, as any user of apt gets them, and are
kept unpacked in a folder between runs.
"""
import functools
import re
import shutil
import subprocess
from pathlib import Path

from guest import Guest, Trouble

# In this order of dependence for the rest depmod knows.
MODULES = ["virtio_pci", "virtio_blk", "nandsim", "ubi", "zstd_compress", "lzo", "deflate", "zstd",
           "ubifs", "jffs2"]
TOOLS = ["ubiformat", "ubiattach", "flash_erase", "nandwrite"]
INIT = """#!/bin/sh
/bin/busybox --install -s /bin
export PATH=/bin:/sbin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /mnt
while read -r module; do insmod "$module" $(sed -n "s|^$(basename "$module") ||p" /options); done </modules
dmesg -n 1
stty -echo
PS1= PS2=
echo flash-guest-ready
exec setsid cttyhack sh
"""


def run(*argv, **more):
    return subprocess.run([str(word) for word in argv], check=True, stdout=subprocess.PIPE,
                          timeout=300, **more).stdout.decode()


@functools.cache
def kernel_package():
    """What linux-image-amd64 stands for today."""
    found = re.search(r"Depends: (linux-image-\S+)", run("apt-cache", "depends", "linux-image-amd64"))
    if not found:
        raise Trouble("apt knows no linux-image-amd64: run apt-get update")
    return found[1]


def unpacked(folder, package):
    """The content of a package, fetched once."""
    tree = folder / package
    if not tree.exists():
        folder.mkdir(parents=True, exist_ok=True)
        run("apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", package, cwd=folder)
        deb = max(folder.glob(f"{package}_*.deb"))
        run("dpkg-deb", "-x", deb, f"{tree}.part")
        deb.unlink()
        Path(f"{tree}.part").rename(tree)
    return tree


def modules_in_order(tree):
    """Files of the modules that are built as such, each behind those it needs."""
    version = next((tree / "lib/modules").iterdir()).name
    base = tree / "lib/modules" / version
    if not (base / "modules.dep").exists():
        run("depmod", "-b", tree, version)
    needs = dict(line.split(":", 1) for line in (base / "modules.dep").read_text().splitlines())
    by_name = {Path(path).name.partition(".")[0].replace("-", "_"): path for path in needs}
    order = []
    for name in MODULES:
        path = by_name.get(name)
        for one in [*reversed(needs.get(path, "").split()), path]:
            if one and one not in order:
                order.append(one)
    return [base / path for path in order]


def make_initramfs(packages, nandsim, extra, file):
    """`nandsim`: its parameters; `extra`: name -> text, laid into the root."""
    root = file.with_suffix(".root")
    shutil.rmtree(root, ignore_errors=True)
    for name in ("bin", "sbin", "lib/modules", "proc", "sys", "dev", "etc"):
        (root / name).mkdir(parents=True)
    shutil.copy(unpacked(packages, "busybox-static") / "bin/busybox", root / "bin/busybox")
    (root / "bin/sh").symlink_to("busybox")
    for tool in TOOLS:
        copy_program(shutil.which(tool, path="/usr/sbin:/sbin:/usr/bin"), root)
    modules = modules_in_order(unpacked(packages, kernel_package()))
    for module in modules:
        shutil.copy(module, root / "lib/modules")
    (root / "modules").write_text("".join(f"/lib/modules/{one.name}\n" for one in modules))
    (root / "options").write_text(f"nandsim.ko {nandsim}\n")
    for name, text in extra.items():
        (root / name).write_text(text)
    (root / "init").write_text(INIT)
    (root / "init").chmod(0o755)
    names = run("find", ".", cwd=root)
    with open(file, "wb") as out:
        subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], input=names.encode(), cwd=root,
                       stdout=out, check=True, timeout=60)
    shutil.rmtree(root)


def copy_program(program, root):
    """With the libraries that ldd names."""
    if program is None:
        raise Trouble("mtd-utils is not installed")
    shutil.copy(program, root / "bin")
    for library in re.findall(r"(/\S+) \(0x", run("ldd", program)):
        target = root / library.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, target)


class FlashGuest(Guest):
    """`image` is /dev/vda, `more_images` are /dev/vdb and so on; none of them is changed."""

    def __init__(self, packages, initramfs, image, more_images=()):
        kernel = next((unpacked(packages, kernel_package()) / "boot").glob("vmlinuz-*"))
        more = ["-kernel", str(kernel), "-initrd", str(initramfs),
                "-append", "console=ttyS0 quiet panic=-1"]
        for one in more_images:
            more += ["-drive", f"file={one},format=raw,if=virtio,readonly=on"]
        super().__init__(image, "bios", memory_mib=1024, bus="data", more=more)
        self._count = 0

    def wait(self, seconds=120):
        self.expect("flash-guest-ready", seconds, "shell of the initramfs")
