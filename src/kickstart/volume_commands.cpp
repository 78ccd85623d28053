#include "kickstart/command_table.hpp"

#include <array>

namespace img::kickstart {
namespace {

constexpr std::string_view kNoVolumes =
    "LVM, RAID and volumes of btrfs need a kernel, and an image is made without one; write part "
    "lines instead";
constexpr std::string_view kNoOldDisk = "an image begins empty: there is nothing on it to use";

/// Storage that only a running kernel can make.
constexpr std::array<Command, 7> kCommands{{
    not_possible(
        "volgroup",
        "FC3",
        kNoVolumes,
        "[NAME…]",
        "--noformat --useexisting --pesize=N --reserved-space=N@F16 --reserved-percent=N@F16"),
    not_possible(
        "logvol",
        "FC3",
        kNoVolumes,
        "MOUNTPOINT",
        "--fstype=NAME --grow --maxsize=MIB --name=NAME --noformat --percent=PERCENT --recommended "
        "--size=MIB --useexisting --vgname=NAME --bytes-per-inode=N@FC4-F13 --fsoptions=[TEXT]@FC4 "
        "--encrypted@F9 --passphrase=[TEXT]@F9 --fsprofile=NAME@F9 --escrowcert=URL@F12 "
        "--backuppassphrase@F12 --label=[TEXT]@F15 --resize@F17 --hibernation@F18 "
        "--cipher=NAME@F18 "
        "--thinpool@F20 --thin@F20 --poolname=NAME@F20 --chunksize=KIB@F20 --metadatasize=MIB@F20 "
        "--profile=NAME@F21 --mkfsoptions=[TEXT]@F23 --cachesize=MIB@F23 "
        "--cachemode={writeback,writethrough}@F23 --cachepvs=PV,…@F23 --luks-version=NAME@F29 "
        "--pbkdf=NAME@F29 --pbkdf-memory=N@F29 --pbkdf-time=N@F29 --pbkdf-iterations=N@F29"),
    not_possible(
        "raid",
        "FC3",
        kNoVolumes,
        "[WORD…]",
        "--device=NAME --fstype=NAME --level=NAME --noformat --spares=N --useexisting "
        "--bytes-per-inode=N@FC4-F13 --fsoptions=[TEXT]@FC4 --encrypted@F9 --passphrase=[TEXT]@F9 "
        "--fsprofile=NAME@F9 --escrowcert=URL@F12 --backuppassphrase@F12 --label=[TEXT]@F15 "
        "--cipher=NAME@F18 --mkfsoptions=[TEXT]@F23 --chunksize=KIB@F25 --luks-version=NAME@F29 "
        "--pbkdf=NAME@F29 --pbkdf-memory=N@F29 --pbkdf-time=N@F29 --pbkdf-iterations=N@F29"),
    not_possible("btrfs", "F17", kNoVolumes, "MOUNTPOINT VOLUME…", kAnything),
    not_possible("mount", "F27", kNoOldDisk, "DEVICE MOUNTPOINT…", kAnything),
    not_possible(
        "snapshot", "F26", kNoVolumes, "VOLUME", "--name=NAME --when={pre-install,post-install}"),
    without_effect("ignoredisk",
                   "FC3",
                   "an image has only the disks that part lines name",
                   "",
                   "--drives=[DISK,…] --only-use=[DISK,…]@F8 --interactive@F14-F33"),
}};

}  // namespace

std::span<const Command> volume_commands() {
    return kCommands;
}

}  // namespace img::kickstart
