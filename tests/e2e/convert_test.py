#!/usr/bin/env python3
"""Converts a bootable raw disk by `img convert`, and boots each file that comes of it by itself.

One boot for each format, with the firmware and the bus that its users have; two guests at a time.
Exit 0: every one of them came up as the raw disk does; 1: not, and why.
"""
import argparse
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from guest import die_with_parent

HERE = Path(__file__).resolve().parent
# type, subformat, firmware, bus. Debian's cloud kernel, which the example has, knows no SATA: so IDE
# in VirtualBox, and PVSCSI in VMware as our .vmx says it. Debian's OVMF has no driver for either.
BOOTS = [("vdi", "dynamic", "bios", "ide"), ("vmdk", "streamOptimized", "bios", "pvscsi"),
         ("qcow2", "compressed", "uefi", "virtio")]
GUEST_MIB = 512
GUESTS = 2
LOGIN_SECONDS = 600
TESTERS = []  # every boot_test.py that was started


def convert(options, folder, kind, subformat):
    """Runs one conversion, has qemu-img compare the result, and gives its path."""
    made = folder / f"{kind}-{subformat}.{kind}"
    begun = time.monotonic()
    ended = subprocess.run([options.img, "convert", options.image, kind, "--subformat", subformat,
                            "-o", made], capture_output=True, text=True, timeout=600)
    if ended.returncode != 0 or ended.stdout != f"{made}\n":
        raise RuntimeError(f"img convert to {kind}: exit {ended.returncode}: {ended.stderr.strip()}")
    seconds = time.monotonic() - begun
    compared = subprocess.run(["qemu-img", "compare", "-f", "raw", "-F", kind, options.image, made],
                              capture_output=True, text=True, timeout=600)
    if compared.returncode != 0:
        raise RuntimeError(f"{made.name} is another disk: {compared.stdout}{compared.stderr}")
    size = made.stat().st_size >> 20
    print(f"PASS: {kind} {subformat} is the same disk: {size} MiB after {seconds:.1f} s", flush=True)
    return made


def boot(options, made, firmware, bus):
    """Exit status of boot_test.py for the file itself, whose lines are passed on as they come."""
    argv = [sys.executable, HERE / "boot_test.py", made, "--format", made.suffix[1:],
            "--firmware", firmware, "--bus", bus, "--memory", str(GUEST_MIB),
            "--timeout", str(LOGIN_SECONDS), "--transcripts", options.transcripts / made.suffix[1:]]
    begun = time.monotonic()
    # It ends with us, and its guest with it.
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True,
                          preexec_fn=lambda: die_with_parent(signal.SIGTERM)) as tester:
        TESTERS.append(tester)
        for line in tester.stdout:
            print(f"{made.name}: {line}", end="", flush=True)
    print(f"{made.name}: {time.monotonic() - begun:.0f} s", flush=True)
    return tester.returncode


def stop(*_):
    """A signal ends the guests, and with them the threads that wait for them."""
    for tester in TESTERS:
        tester.terminate()
    sys.exit(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("img", type=Path, help="the program")
    parser.add_argument("image", type=Path, help="a raw disk that boots; it is not changed")
    parser.add_argument("--transcripts", type=Path, default=Path("."))
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, stop)
    failed = 0
    with tempfile.TemporaryDirectory(prefix="img-convert-", dir=options.image.parent) as name:
        try:
            made = [convert(options, Path(name), kind, subformat)
                    for kind, subformat, _, _ in BOOTS]
        except (RuntimeError, subprocess.TimeoutExpired) as trouble:
            print(f"FAIL: {trouble}")
            return 1
        with ThreadPoolExecutor(GUESTS) as pool:
            boots = [pool.submit(boot, options, file, firmware, bus)
                     for file, (_, _, firmware, bus) in zip(made, BOOTS)]
            for future in boots:
                failed += future.result() != 0
    print(f"convert test: {len(BOOTS)} formats, {failed} failed: {'FAIL' if failed else 'PASS'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
