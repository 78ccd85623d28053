#!/usr/bin/env python3
"""Gives `img build` what it cannot build: each time it must say what, where and why, exit as the
manual says, and leave nothing behind.

Needs root, to make a full disk out of a small tmpfs. Servers are on loopback.
"""
import argparse
import http.server
import os
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

REPOSITORY = "url --url=@DEBIAN_MIRROR@ --suite=bookworm --components=main\n"
ROOT = "part / --fstype=ext4 --size=600\n"
SMALL = REPOSITORY + ROOT + "%packages --exclude-weakdeps --nocore\n%end\n"
INVALID, MISSING, TRANSIENT, EXHAUSTED, BROKEN = 1, 3, 4, 5, 6

# What is asked for, the exit code, and what has to be in the answer.
CASES = {
    "an empty file": ("", INVALID, ["the file is empty"]),
    "a binary file": ("\x7fELF\x00\x01\x02", INVALID, ["case.ks"]),
    "10 MB of one line": ("a" * 10_000_000, INVALID, ["case.ks:1:"]),
    "no root partition": (REPOSITORY + "part /home --fstype=ext4 --size=9\n", INVALID,
                          ["no root partition"]),
    "no repository": (ROOT, INVALID, ["no repository"]),
    "several errors at once": ("prat /\nfrobnicate\n" + REPOSITORY, INVALID,
                               ["case.ks:1:1: error", "case.ks:2:1: error", "part"]),
    "names that look like options": (
        REPOSITORY + ROOT + "user --name=-oRoot\n%packages\n--setopt=x\n$(reboot)\n%end\n", INVALID,
        ["case.ks:3:", "case.ks:5:", "case.ks:6:"]),
    "unknown packages": (REPOSITORY + ROOT + "%packages\nbahs\nno-such-thing-here\n%end\n", MISSING,
                         ["case.ks:4: no repository has a package or group 'bahs'",
                          "did you mean 'bash'?", "case.ks:5:"]),
    "packages that exclude each other": (
        REPOSITORY + ROOT + "%packages --exclude-weakdeps\nexim4\npostfix\n%end\n", INVALID,
        ["cannot be installed together", "case.ks:4: exim4 ->", "Conflicts: postfix"]),
    "a repository that answers 404": (
        "url --url=@GONE@ --suite=bookworm\n" + ROOT, MISSING,
        ["case.ks:1: the repository is not there", "404"]),
    "a repository that is not reached": (
        "url --url=http://127.0.0.1:9/debian --suite=bookworm\n" + ROOT, TRANSIENT,
        ["case.ks:1: the repository cannot be reached"]),
    "a signature by another key": (
        REPOSITORY.strip() + " --gpgkey=/usr/share/keyrings/debian-archive-removed-keys.gpg\n" + ROOT,
        INVALID, ["case.ks:1: the repository's signature is not good", "NO_PUBKEY"]),
    "a script that fails": (SMALL + "%post --erroronfail\necho last words\nexit 3\n%end\n", BROKEN,
                            ["case.ks:5", "exit 3", "last words"]),
    "a partition too small for its content": (
        SMALL.replace("--size=600", "--size=70"), INVALID,
        ["case.ks:2: partition / of 70.0 MiB is too small for its content by", "--size="]),
}


class Gone(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_error(404)

    def log_message(self, *_):
        pass


def build(img, work, text, *more, output=None):
    kickstart = work / "case.ks"
    kickstart.write_bytes(text.encode("latin-1") if "\x7f" in text else text.encode())
    return subprocess.run([img, "build", str(kickstart), "-o", str(output or work / "out"), *more],
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600,
                          cwd=work)


def check(title, answer, code, pieces, work):
    """What is wrong with an answer; an empty list is right."""
    wrong = [f"'{piece}' is not said" for piece in pieces if piece not in answer.stdout]
    if answer.returncode != code:
        wrong.append(f"exit {answer.returncode} instead of {code}")
    out = work / "out"
    left = [path.name for path in out.iterdir()] if out.is_dir() else []
    # A log is left where there was a build to log.
    left = [name for name in left if not name.endswith(".log")]
    if left:
        wrong.append(f"left behind: {left}")
    print(f"{'FAIL' if wrong else 'ok  '} {title}")
    if wrong:
        print("     " + "\n     ".join(wrong) + "\n" + answer.stdout[-1500:])
    subprocess.run(["rm", "-rf", str(out)], check=True)
    return bool(wrong)


def full_disk(img, work):
    """The image does not fit on the disk that it is to be written to."""
    small = work / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(small)], check=True)
    try:
        answer = build(img, work, SMALL, output=small / "out")
        failed = check("a full disk", answer, EXHAUSTED, ["full"], work)
        rest = [path for path in small.rglob("*") if path.is_file() and path.suffix != ".log"]
        if rest:
            print(f"FAIL a full disk: left behind {rest}")
        return failed or bool(rest)
    finally:
        subprocess.run(["umount", str(small)], check=False)


def same_name(img, work):
    """A second image of the same name in the same folder."""
    (work / "out").mkdir()
    (work / "out/case.raw").write_text("precious")
    answer = build(img, work, SMALL)
    kept = (work / "out/case.raw").read_text() == "precious"
    (work / "out/case.raw").unlink()
    return check("an image of the same name is there", answer, INVALID,
                 ["case.raw is there already; give another folder with -o, or --replace"
                  if kept else "the old image is kept"], work)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("img", help="the img program")
    parser.add_argument("--only", default="", help="a pattern on the titles of the cases")
    options = parser.parse_args()
    img = os.path.abspath(options.img)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gone)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    failures = 0
    with tempfile.TemporaryDirectory(prefix="img-refusals-") as folder:
        work = Path(folder)
        for title, (text, code, pieces) in CASES.items():
            if re.search(options.only, title):
                text = text.replace("@GONE@", f"http://127.0.0.1:{server.server_port}/debian")
                failures += check(title, build(img, work, text), code, pieces, work)
        if re.search(options.only, "an unknown image type"):
            failures += check("an unknown image type", build(img, work, SMALL, "-t", "rwa"), INVALID,
                              ["no image type 'rwa'; did you mean 'raw'?"], work)
        if re.search(options.only, "a name that leads elsewhere"):
            failures += check("a name that leads elsewhere", build(img, work, SMALL, "-n", "../x"),
                              INVALID, ["'../x' cannot name an image"], work)
        if re.search(options.only, "a folder that is to be compressed"):
            answer = build(img, work, SMALL, "-t", "fs", "--compress", "gz", "--bmap")
            failures += check("a folder that is to be compressed", answer, INVALID,
                              ["is a folder and cannot be compressed",
                               "warning: --bmap changes nothing of an image of type fs"], work)
        if re.search(options.only, "a full disk"):
            failures += full_disk(img, work)
        if re.search(options.only, "same name"):
            failures += same_name(img, work)
    server.shutdown()
    print(f"FAIL: {failures} cases" if failures else "PASS: every refusal says what it should")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
