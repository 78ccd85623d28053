#!/usr/bin/env python3
"""Builds every_command.ks, a kickstart with every command that acts, boots it, and looks at the
effect of each from inside. What lies beside the image is looked at before.

Exit 0: everything is as it should be; 1: something is not, and the console's transcript is kept.
"""
import argparse
import json
import signal
import subprocess
import sys
from pathlib import Path

from boot_test import GuestChecks
from guest import Guest
from image_build import build_image
from verdict import Checks, Trouble

KICKSTART = Path(__file__).with_name("every_command.ks")


def look_beside(folder, said, check):
    artifacts = {one["file"]: one["type"]
                 for one in json.loads((folder / "manifest.json").read_text())["artifacts"]}
    packed = (folder / "packed.txt").read_text() if "packed.txt" in artifacts else ""
    check("%pack laid a file beside the image, with the whole tree at hand",
          packed == "packed every beside before the first package\n", packed.strip())
    kernels = [name for name in artifacts if name.startswith("vmlinuz-")]
    check("%attachment: the kernel lies beside the image", len(kernels) == 1, str(kernels))
    check("%attachment: a file that %post wrote",
          "every" in artifacts and "release 7.1" in (folder / "every").read_text())
    check("mic2-options are told", "mic2-options: @BUILD_ID@ is 7.1" in said)
    check("%post that fails without --erroronfail is a warning",
          "warning: %post (" in said and "exit 3" in said)
    check("module and authselect are told of on Debian",
          "the image's packages know no modules" in said and "the image has no authselect" in said)
    table = subprocess.run(["sfdisk", "--json", str(folder / "every.raw")], text=True,
                           stdout=subprocess.PIPE, check=True).stdout
    parts = {part.get("name"): part for part in json.loads(table)["partitiontable"]["partitions"]}
    check("clearpart --disklabel=gpt", '"label": "gpt"' in table or '"label":"gpt"' in table)
    check("part --active", "LegacyBIOSBootable" in parts["/home"].get("attrs", ""),
          parts["/home"].get("attrs", ""))
    check("part --align", parts["/var/tmp"]["start"] % 8192 == 0, str(parts["/var/tmp"]["start"]))
    check("part --part-type",
          parts["/srv"]["type"].lower() == "3b8f8425-20e0-4f3b-907f-1a25a76f98e8")
    check("part none has room and no file system", any(
        part["size"] == 8 * 2048 for part in parts.values()))


def check_place(checks):
    checks.equal("lang", "echo $LANG", "de_DE.UTF-8")
    checks.holds("lang --addsupport", "locale -a",
                 lambda out: {"de_DE.utf8", "cs_CZ.utf8"} <= set(out.split()), "both locales")
    checks.equal("keyboard --xlayouts --switch",
                 ". /etc/default/keyboard; echo $XKBLAYOUT $XKBOPTIONS",
                 "de,us grp:alt_shift_toggle")
    checks.equal("keyboard --vckeymap", "cat /etc/vconsole.conf", "KEYMAP=de-latin1")
    checks.equal("timezone", "readlink -f /etc/localtime", "/usr/share/zoneinfo/Europe/Prague")
    checks.equal("timezone --utc", "tail -n 1 /etc/adjtime", "UTC")
    checks.holds("timesource", "timedatectl show-timesync -p SystemNTPServers",
                 lambda out: "ntp1.example.org" in out and "pool.example.org" in out, "both hosts")
    checks.equal("timesource: the service runs", "systemctl is-active systemd-timesyncd", "active")


def check_network(checks):
    checks.equal("network --hostname", "hostname --fqdn", "every.example.org")
    checks.holds("network --bootproto=dhcp --mtu", "ip -o link show | grep -v 'lo:\\|br0:\\|dummy'",
                 lambda out: "mtu 1400" in out, "mtu 1400")
    checks.holds("network: an address by DHCP", "ip -4 -o addr show scope global",
                 lambda out: "10.0.2." in out, "an address of QEMU's network")
    checks.holds("network --bridgeslaves", "ip -d link show br0",
                 lambda out: "bridge" in out and "stp_state 0" in out, "a bridge without STP")
    checks.holds("network --ip --netmask", "cat /etc/systemd/network/*br0*.network",
                 lambda out: "Address=192.0.2.5/24" in out, "the address")
    checks.holds("firewall", "nft list ruleset",
                 lambda out: all(word in out for word in ["22", "8080", "5353", "br0", "drop"]),
                 "ssh, 8080, 5353, and br0 trusted")
    checks.equal("firewall: the service runs", "systemctl is-active nftables", "active")


def check_accounts(checks):
    checks.equal("rootpw --allow-ssh", "sshd -T | grep -i ^permitrootlogin", "permitrootlogin yes")
    checks.equal("group --gid", "getent group media | cut -d: -f1,3,4", "media:1200:anna")
    checks.equal("user --groups=NAME(GID)", "getent group board | cut -d: -f1,3,4", "board:1300:anna")
    checks.equal("user --uid --gecos --homedir --shell", "getent passwd anna | cut -d: -f1,3,5-",
                 "anna:1500:Anna B. Example:/srv/anna:/bin/sh")
    checks.equal("user --homedir is the user's", "stat -c '%U' /srv/anna", "anna")
    checks.equal("user --lock", "passwd -S cora | cut -d' ' -f2", "L")
    checks.equal("user --iscrypted", "getent shadow ben | cut -d: -f2 | cut -c1-13", "$6$everysalt$")
    checks.equal("sshkey", "stat -c '%U %a' /srv/anna/.ssh /srv/anna/.ssh/authorized_keys",
                 "anna 700\nanna 600")
    checks.holds("sshkey: the key", "cat /srv/anna/.ssh/authorized_keys",
                 lambda out: out.startswith("ssh-ed25519 AAAA") and out.endswith("anna@example.org"),
                 "the line of the kickstart")


def check_system(checks):
    checks.equal("services --enabled", "systemctl is-enabled ssh serial-getty@ttyS1",
                 "enabled\nenabled")
    checks.holds("services --disabled", "systemctl is-enabled systemd-pstore apt-daily.timer; true",
                 lambda out: out == "disabled\ndisabled", "both disabled")
    checks.equal("skipx", "systemctl get-default", "multi-user.target")
    checks.equal("selinux --disabled", "ls /sys/fs/selinux 2>/dev/null; true", "")
    checks.holds("firstboot --disable", "systemctl is-enabled systemd-firstboot 2>&1; true",
                 lambda out: out in ("masked", "disabled", "static"), "nothing asks")
    checks.holds("bootloader --append", "cat /proc/cmdline",
                 lambda out: "every.command=1" in out and "quiet" in out, "the words")
    checks.holds("bootloader --timeout --password", "cat /boot/grub/grub.cfg",
                 lambda out: "set timeout=2" in out and "password_pbkdf2 root" in out
                 and "--unrestricted" in out, "a menu that asks before changes only")


def check_disk(checks):
    checks.equal("part --label --uuid", "blkid -s LABEL -s UUID -o value $(findmnt -no SOURCE /)",
                 "every-root\n6b29fc40-ca47-4067-b31d-00dd010662da")
    checks.holds("part --fsoptions", "findmnt -no OPTIONS /", lambda out: "noatime" in out, "noatime")
    checks.holds("part --mkfsoptions",
                 "tune2fs -l $(findmnt -no SOURCE /) | sed -n 's/Reserved block count: *//p'",
                 lambda out: int(out) < 9000, "one per cent")
    for folder, kind in {"/": "ext4", "/boot": "ext4", "/home": "ext3", "/var/tmp": "ext2",
                         "/data": "btrfs", "/srv": "xfs", "/exchange": "vfat"}.items():
        checks.equal(f"part {folder} is {kind}", f"findmnt -no FSTYPE {folder}", kind)
    checks.holds("part swap", "swapon --show=NAME,SIZE --noheadings --bytes",
                 lambda out: "1073737728" in out, "1 GiB less a page")
    checks.holds("part --maxsize", "lsblk -bno SIZE $(findmnt -no SOURCE /)",
                 lambda out: int(out) <= 3000 << 20, "3000 MiB at most")


def check_packages(checks):
    checks.holds("repo --save --source", "cat /etc/apt/sources.list.d/*.list",
                 lambda out: "bookworm-updates" in out and "deb-src" in out, "the saved repository")
    checks.holds("%packages: what is excluded", "dpkg-query -W -f '${Status}' nano 2>&1; true",
                 lambda out: "ok installed" not in out, "no nano")
    # Links of alternatives stay, and lead nowhere.
    checks.equal("%packages --excludedocs", "find /usr/share/man -type f -name '*.gz' | wc -l",
                 "0")
    checks.holds("%packages --inst-langs", "ls /usr/share/locale",
                 lambda out: "de" in out.split() and "fr" not in out.split(), "de, and no fr")
    checks.equal("%prepackages", "dpkg-query -W -f '${Status}' ca-certificates",
                 "install ok installed")
    checks.equal("%include", "dpkg-query -W -f '${Status}' xfsprogs", "install ok installed")
    checks.equal("dpkg finds nothing half installed", "dpkg --audit", "")


def check_scripts(checks):
    checks.equal("%pre-install", "cat /etc/pre-install", "before the first package")
    path = "/bin:/sbin:/usr/bin:/usr/sbin:/usr/local/bin:/usr/local/sbin"
    checks.equal("%post, tokens and environment", "cat /etc/every",
                 "release 7.1 of every for amd64\n8 partitions, the first is /\n"
                 f"INSTALL_ROOT is 'unset', PATH is {path}\n1777\nbeside the tree of every")
    checks.equal("%post --log", "cat /root/post.log", "a line for the log")
    checks.equal("%post keeps its lines", "cat /etc/percent", "# 100% of it")
    checks.holds("%post --interpreter", "cat /etc/python",
                 lambda out: out.startswith("from python"), "a line of Python's")
    checks.equal("%onerror did not run", "ls /etc/onerror 2>/dev/null; true", "")
    checks.equal("/tmp is everybody's", "stat -c %a /tmp", "1777")
    checks.holds("%certificate", "cat /usr/local/share/ca-certificates/every.crt",
                 lambda out: out.startswith("-----BEGIN CERTIFICATE-----"), "the certificate")


def look_inside(image, firmware, transcripts):
    with Guest(image, firmware, 1024) as guest:
        checks = GuestChecks(guest)
        try:
            guest.login("every", "root", "every-secret", 300)
            checks.say(True, "rootpw: login on the serial console", firmware)
            _, state = guest.run("systemctl is-system-running --wait", 240)
            failed = guest.run("systemctl --failed --no-legend --plain")[1]
            checks.say(state == "running" and not failed, "every unit started", failed or state)
            for look in [check_place, check_network, check_accounts, check_system, check_disk,
                         check_packages, check_scripts]:
                look(checks)
            guest.power_off(120)
        except (Trouble, BrokenPipeError) as trouble:
            checks.say(False, "boot", str(trouble))
        if checks.failed:
            transcript = transcripts / "every-command.log"
            transcript.write_text(guest.heard)
            print(f"the console of this machine: {transcript}")
    return checks


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("img", help="the program")
    parser.add_argument("--work", type=Path, default=Path("every-command"))
    parser.add_argument("--firmware", choices=["bios", "uefi"], default="bios")
    parser.add_argument("--built", action="store_true", help="look at what --work holds already")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    beside = Checks()
    if options.built:
        said = (options.work / "every.build.log").read_text()
    else:
        said = build_image(options.img, KICKSTART, options.work, "every", seconds=1200)
    look_beside(options.work, said, beside)
    inside = look_inside(options.work / "every.raw", options.firmware, options.work)
    made, failed = beside.made + inside.made, beside.failed + inside.failed
    print(f"every command: {made} checks, {failed} failed: {'FAIL' if failed else 'PASS'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
