#include "kickstart/command_table.hpp"

#include <array>

namespace img::kickstart {
namespace {

constexpr std::string_view kDialogue = "nobody is asked anything while an image is made";
constexpr std::string_view kAfterwards = "nothing is restarted after an image is made";
constexpr std::string_view kHardware = "an image is made without looking at the machine's hardware";
constexpr std::string_view kAttached = "an image is made in a file, not on a disk of the network";
constexpr std::string_view kAnew = "an image is always installed anew";

/// Commands that talk to an installer, which an image build does not have.
constexpr std::array<Command, 44> kCommands{{
    without_effect("text", "FC3", kDialogue, "", "--non-interactive@F26"),
    without_effect("graphical", "FC3", kDialogue, "", "--non-interactive@F26"),
    without_effect("cmdline", "FC3", kDialogue),
    without_effect("autostep", "FC3-F39", kDialogue, "[WORD…]", kAnything),
    without_effect("interactive", "FC3-F14", kDialogue, "[WORD…]", kAnything),
    without_effect("mouse", "FC3-FC6", kDialogue, "[WORD…]", kAnything),
    without_effect("vnc", "FC3", kDialogue, "[WORD…]", kAnything),
    without_effect("rdp", "F43", kDialogue, "", "--username=NAME --password=TEXT"),
    without_effect(
        "method", "FC3-F39", "packages come from the url and repo lines", "[WORD…]", kAnything),
    without_effect("eula", "F20", kDialogue, "", "--agreed --agree --accepted --accept"),
    without_effect("key", "RHEL5-RHEL6", kDialogue, "[KEY]", kAnything),
    without_effect("lilocheck", "FC3-FC3", "LILO is not used"),
    without_effect("langsupport", "FC3-FC6", "write lang --addsupport", "[WORD…]", kAnything),
    without_effect("install", "FC3-F33", kAnew, "[WORD…]", kAnything),
    not_possible("upgrade", "FC3-F27", kAnew, "[WORD…]", kAnything),
    without_effect("reboot", "FC3", kAfterwards, "[WORD…]", kAnything),
    without_effect("poweroff", "FC3", kAfterwards, "[WORD…]", kAnything),
    without_effect("halt", "FC3", kAfterwards, "[WORD…]", kAnything),
    without_effect("shutdown", "FC3", kAfterwards, "[WORD…]", kAnything),
    without_effect("logging",
                   "FC6",
                   "the log is on the job's page",
                   "",
                   "--host=HOST --port=PORT --level={debug,info,warning,error,critical}@FC6-F39"),
    without_effect("monitor", "FC3-F17", kHardware, "[WORD…]", kAnything),
    without_effect("device", "FC3-F33", kHardware, "[WORD…]", kAnything),
    without_effect("deviceprobe", "FC3-F33", kHardware, "[WORD…]", kAnything),
    without_effect("dmraid", "FC6-F33", kHardware, "[WORD…]", kAnything),
    without_effect("multipath", "FC6-F33", kHardware, "[WORD…]", kAnything),
    without_effect("driverdisk",
                   "FC3",
                   kHardware,
                   "[PARTITION]",
                   "--source=URL --biospart=PART@FC4 --type=FSTYPE@FC3-F13"),
    without_effect("updates", "F7", "it is for the installer itself", "[URL]"),
    not_possible("rescue", "F10", "it makes no image", "", "--nomount --romount"),
    without_effect("unsupported_hardware", "RHEL6-RHEL7", kHardware),
    without_effect("fcoe", "F12", kAttached, "", "--nic=NAME --dcb@F13 --autovlan@F28"),
    without_effect("iscsi",
                   "FC6",
                   kAttached,
                   "",
                   "--target=NAME --ipaddr=ADDRESS --port=N --user=NAME --password=TEXT "
                   "--reverse-user=NAME@F10 --reverse-password=TEXT@F10 --iface=NAME@F17"),
    without_effect("iscsiname", "FC6", kAttached, "NAME"),
    without_effect(
        "zfcp",
        "FC3",
        kAttached,
        "",
        "--devnum=DEVICE --wwpn=NAME --fcplun=NAME --scsiid=TEXT@FC3-F13 --scsilun=TEXT@FC3-F13"),
    without_effect("nvdimm", "F28", kAttached, "[WORD…]", kAnything),
    without_effect("zipl",
                   "F32",
                   "images are made for amd64, which knows no zipl",
                   "",
                   "--secure-boot --no-secure-boot --force-secure-boot"),
    without_effect("cdrom", "FC3", "packages come from the url and repo lines"),
    without_effect("mediacheck", "FC4", "packages come from the url and repo lines"),
    not_possible("ostreesetup",
                 "F21",
                 "an image is made of packages, not of a commit",
                 "",
                 "--osname=NAME --remote=NAME --url=URL --ref=NAME --nogpg"),
    not_possible(
        "ostreecontainer",
        "F38",
        "an image is made of packages, not of a container",
        "",
        "--stateroot=NAME --url=URL --transport=NAME --remote=NAME --no-signature-verification"),
    not_possible("bootc",
                 "F43",
                 "an image is made of packages, not of a container",
                 "",
                 "--stateroot=NAME --source-imgref=NAME --target-imgref=NAME"),
    not_possible("liveimg",
                 "F19",
                 "an image is made of packages, not of another image",
                 "",
                 "--url=URL --proxy=URL --noverifyssl --checksum=SHA256"),
    not_possible("harddrive",
                 "FC3",
                 "packages come from the url and repo lines",
                 "",
                 "--partition=PART --biospart=PART@FC3-F32 --dir=FOLDER"),
    not_possible("nfs",
                 "FC3",
                 "packages come from the url and repo lines",
                 "",
                 "--server=HOST --dir=FOLDER --opts=[TEXT]@FC6"),
    not_possible("hmc", "F28", "packages come from the url and repo lines"),
}};

}  // namespace

std::span<const Command> installer_commands() {
    return kCommands;
}

}  // namespace img::kickstart
