"""A QEMU guest that is spoken to over its serial console, and that dies with us.

Everything waits with a deadline. TCG only: a /dev/kvm that exists proves nothing.
"""
import ctypes
import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from verdict import Trouble

OVMF_CODE = Path("/usr/share/OVMF/OVMF_CODE_4M.fd")
OVMF_VARS = Path("/usr/share/OVMF/OVMF_VARS_4M.fd")
PR_SET_PDEATHSIG = 1
# Colours, cursor moves, titles: what GRUB, the kernel and systemd paint with.
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()=>].?|\r")


def die_with_parent(how=signal.SIGKILL):
    """In a child that is about to be another program: `how` is the signal that it gets."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, how)


# How a medium is attached: what qemu takes for a drive with the id "medium".
BUSES = {
    "virtio": ["-device", "virtio-blk-pci,drive=medium,bootindex=0"],
    "data": ["-device", "virtio-blk-pci,drive=medium"],  # where qemu starts a kernel itself
    "sata": ["-device", "ide-hd,drive=medium,bus=ide.0,bootindex=0"],
    "ide": ["-device", "piix3-ide,id=piix", "-device", "ide-hd,drive=medium,bus=piix.0,bootindex=0"],
    "pvscsi": ["-device", "pvscsi,id=scsi", "-device", "scsi-hd,drive=medium,bootindex=0"],
    "cdrom": ["-device", "ide-cd,drive=medium,bus=ide.0,bootindex=0"],
    "usb": ["-device", "qemu-xhci", "-device", "usb-storage,drive=medium,bootindex=0"],
}


class Guest:
    """`image` is not changed unless `keep`; `format` is qemu's name of the file's."""

    def __init__(self, image, firmware, memory_mib=1024, format="raw", bus="virtio", keep=False,
                 more=()):
        self.heard = ""      # the whole transcript, without escapes
        self.read_to = 0     # what expect() has already consumed
        self._folder = tempfile.mkdtemp(prefix="img-guest-")
        argv = ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-M", "q35",
                "-m", str(memory_mib), "-smp", "2", "-display", "none", "-monitor", "none",
                "-serial", "stdio", "-no-reboot",
                "-drive", f"file={image},format={format},if=none,id=medium," + (
                    "readonly=on" if bus == "cdrom" else
                    # The machine's own disk need not hear of every sync of the guest's.
                    "cache=unsafe,snapshot=" + ("off" if keep else "on")),
                *BUSES[bus],
                "-netdev", "user,id=net,restrict=on", "-device", "virtio-net-pci,netdev=net",
                "-device", "virtio-rng-pci", *more]
        if firmware == "uefi":
            for file in (OVMF_CODE, OVMF_VARS):
                if not file.exists():
                    raise Trouble(f"{file} is missing: install the package ovmf")
            variables = Path(self._folder) / "vars.fd"
            shutil.copy(OVMF_VARS, variables)
            argv += ["-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={OVMF_CODE}",
                     "-drive", f"if=pflash,format=raw,unit=1,file={variables}"]
        # qemu keeps the overlay of snapshot=on in TMPDIR.
        environment = dict(os.environ, TMPDIR=self._folder)
        try:
            self.process = subprocess.Popen(
                argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                env=environment, preexec_fn=die_with_parent, start_new_session=True)
        except FileNotFoundError:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise Trouble("there is no qemu-system-x86_64: install the package qemu-system-x86")
        os.set_blocking(self.process.stdout.fileno(), False)
        self._raw = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _listen(self, seconds):
        """Takes what there is, waiting up to `seconds` for it. False at the console's end."""
        output = self.process.stdout
        if not select.select([output], [], [], max(seconds, 0))[0]:
            return True
        chunk = output.read(65536)
        if chunk is None:
            return True
        # An escape sequence or a character may be cut in two: the whole is decoded again.
        self._raw += chunk
        self.heard = ESCAPES.sub("", self._raw.decode("utf-8", "replace"))
        return bool(chunk)

    def expect(self, pattern, seconds, what):
        """Waits for `pattern` in what has not been consumed yet, and gives back its match."""
        deadline = time.monotonic() + seconds
        while True:
            match = re.compile(pattern, re.M).search(self.heard, self.read_to)
            if match:
                self.read_to = match.end()
                return match
            if time.monotonic() >= deadline:
                raise Trouble(f"no {what} within {seconds:.0f} s")
            if not self._listen(min(1.0, deadline - time.monotonic())):
                raise Trouble(f"the machine went off before {what} "
                              f"(qemu's exit: {self.process.wait(10)})")

    def type(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def login(self, host, user, password, seconds):
        self.expect(rf"^{re.escape(host)} login: ", seconds, f"login prompt of {host}")
        self.type(user + "\n")
        # "Password: ", or the same in the image's language.
        self.expect(r"^Pass\w*: ?$", 60, "question for the password")
        self.type(password + "\n")
        # The shell is there when it computes. login(1) throws away what is typed too early, so it
        # is asked again. No echo, no prompt, no kernel lines from then on.
        deadline = time.monotonic() + 180
        match = None
        while match is None:
            # The answer begins with what the line begins with: half of it may have been thrown away.
            self.type("ready=42; stty -echo; PS1= PS2=; export PAGER=cat SYSTEMD_PAGER=; "
                      "dmesg -n 1; echo logged-in-$((ready))\n")
            try:
                match = self.expect(rf"logged-in-42|^{re.escape(host)} login: ", 10,
                                    f"shell of {user}")
            except Trouble:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
        if match.group() != "logged-in-42":
            raise Trouble(f"{user} was not let in with the password of the kickstart")
        self._count = 0

    def run(self, command, seconds=60):
        """(exit status, output) of a shell command in the guest."""
        self._count += 1
        mark = f"img-{self._count}"
        # The marks are computed, so that an echo of this line does not look like them.
        self.type(f"n={self._count}; echo; echo begin-img-$n; {{ {command}\n}} 2>&1; "
                  f"echo end-img-$n:$?:\n")
        self.expect(rf"begin-{mark}\n", seconds, f"start of `{command}`")
        start = self.read_to
        match = self.expect(rf"end-{mark}:(\d+):", seconds, f"end of `{command}`")
        return int(match.group(1)), self.heard[start:match.start()].strip()

    def power_off(self, seconds):
        self.type("systemctl poweroff\n")
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self._listen(1.0):
                return self.process.wait(20)
        raise Trouble(f"the machine did not power off within {seconds:.0f} s")
