#!/usr/bin/env python3
"""Builds one small image with everything that may be made beside it, and checks every paper with a
tool that did not write it: md5sum, sha1sum, sha256sum, bmaptool, zstd, dpkg's own lists.
"""
import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

KICKSTART = """# -*-mic2-options-*- -f raw --save-kernel --no-such-option -*-mic2-options-*-
url --url=@DEBIAN_MIRROR@ --suite=bookworm --components=main
bootloader --location=none
part / --fstype=ext4 --size=600
# build @BUILD_ID@
%packages --exclude-weakdeps --nocore
dash
%end
%post --erroronfail
mkdir -p /boot
echo kernel-of-a-test > /boot/vmlinuz-6.1.0-test
%end
"""
NAME = "papers"
failed = made = 0


def check(good, name, detail=""):
    global failed, made
    made += 1
    failed += not good
    print(f"{'PASS' if good else 'FAIL'}: {name}" + (f": {detail}" if detail else ""), flush=True)


def said(*argv, cwd=None):
    done = subprocess.run(argv, cwd=cwd, capture_output=True, text=True)
    return done.returncode, (done.stdout + done.stderr).strip()


def check_papers(folder):
    files = sorted(path.name for path in folder.iterdir())
    for sums, program in (("SHA256SUMS", "sha256sum"), ("SHA1SUMS", "sha1sum"),
                          ("MD5SUMS", "md5sum")):
        status, text = said(program, "--strict", "-c", sums, cwd=folder)
        names = [line.split()[1] for line in (folder / sums).read_text().splitlines()]
        check(status == 0 and f"{NAME}.raw.zst" in names, f"{program} -c {sums}",
              f"{len(names)} files" if status == 0 else text)
    status, text = said("md5sum", "--strict", "-c", f"{NAME}.raw.zst.md5sum", cwd=folder)
    check(status == 0, "md5sum -c of the image's own", text)

    manifest = json.loads((folder / "manifest.json").read_text())
    types = {artifact["file"]: artifact["type"] for artifact in manifest["artifacts"]}
    wanted = {f"{NAME}.raw.zst": "raw", f"{NAME}.bmap": "bmap", f"{NAME}.ks": "kickstart",
              f"{NAME}.packages": "packages", f"{NAME}.files": "files",
              f"{NAME}.license": "license", f"{NAME}-vmlinuz-6.1.0-test": "kernel"}
    check(types == wanted, "the manifest lists every artefact", types if types != wanted else "")
    check(manifest["image"] == f"{NAME}.raw.zst", "the manifest names the image",
          manifest["image"])
    unknown = set(files) - set(wanted) - {
        "manifest.json", "SHA256SUMS", "SHA1SUMS", "MD5SUMS", f"{NAME}.log"} - {
        f"{name}.md5sum" for name in wanted}
    check(not unknown, "nothing else is there", sorted(unknown) or "")

    kickstart = (folder / f"{NAME}.ks").read_text()
    check("# build 7\n" in kickstart, "@BUILD_ID@ is resolved in the kickstart's copy")
    check("Unpacking" in (folder / f"{NAME}.log").read_text(), "the log is there")
    kernel = (folder / f"{NAME}-vmlinuz-6.1.0-test").read_text()
    check(kernel == "kernel-of-a-test\n", "the kernel is the tree's")


def check_lists(folder):
    packages = (folder / f"{NAME}.packages").read_text().splitlines()
    dash = [line for line in packages if line.startswith("dash.amd64 ")]
    check(len(dash) == 1 and dash[0].split()[2] == "dash", "vcs: each package has its source",
          dash)
    libc = [line for line in packages if line.startswith("libc6.amd64 ")]
    check(libc and libc[0].split()[2] == "glibc", "vcs: a source of another name", libc)
    blocks = (folder / f"{NAME}.files").read_text().split("\n\n")
    of_dash = [block for block in blocks if block.startswith("dash.amd64 ")]
    check(len(of_dash) == 1 and "\n    /bin/dash" in of_dash[0], "content: files of a package")
    check(len([block for block in blocks if block]) == len(packages), "content: every package",
          len(packages))
    licenses = (folder / f"{NAME}.license").read_text()
    check(licenses.startswith("Summary:\n") and "BSD-3-clause" in licenses,
          "license: what dash's copyright file says", licenses.splitlines()[1].strip())


def check_bmap(folder, work):
    status, text = said("zstd", "-q", "-d", f"{folder}/{NAME}.raw.zst", "-o", f"{work}/plain")
    check(status == 0, "zstd takes the compression off", text)
    status, text = said("bmaptool", "copy", "--bmap", f"{folder}/{NAME}.bmap", f"{work}/plain",
                        f"{work}/copy")
    check(status == 0, "bmaptool copies and finds every digest right", text.splitlines()[-1])
    check(said("cmp", f"{work}/plain", f"{work}/copy") == (0, ""), "the copy is the image")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("img", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="img-papers-") as work:
        kickstart = Path(work) / f"{NAME}.ks"
        kickstart.write_text(KICKSTART)
        argv = [options.img, "build", kickstart, "-o", f"{work}/out", "--release", "7",
                "--record-pkgs", "name,content,license,vcs", "--md5", "--bmap", "--compress", "zst"]
        done = subprocess.run(argv, capture_output=True, text=True)
        check(done.returncode == 0, "img build", done.stderr[-2000:] if done.returncode else "")
        check("--no-such-option has no meaning here" in done.stderr,
              "an option of the mic2 line that means nothing is named")
        if done.returncode == 0:
            folder = Path(work) / "out" / "7" / "images" / NAME
            check_papers(folder)
            check_lists(folder)
            check_bmap(folder, work)
    print(f"options test: {made} checks, {failed} failed: {'FAIL' if failed else 'PASS'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
