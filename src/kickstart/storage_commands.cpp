#include "kickstart/bounds.hpp"
#include "kickstart/command_table.hpp"
#include "syntax/quote.hpp"
#include "syntax/values.hpp"

#include <algorithm>
#include <array>

namespace img::kickstart {
namespace {

using syntax::in_quotes;
using syntax::label_bytes_max;
using syntax::parse_disk_name;
using syntax::parse_file_system;
using syntax::parse_guid;
using syntax::parse_label;
using syntax::parse_mount_point;
using syntax::parse_number;
using syntax::parse_plain_name;
using syntax::parse_printable;
using syntax::parse_uuid;

// 1 PiB, in MiB: far above any disk image, and far below what overflows in bytes.
constexpr std::uint64_t kMebibytesMax = std::uint64_t{1} << 30;
constexpr std::uint64_t kAlignKibMax = std::uint64_t{1} << 20;  // 1 GiB
constexpr unsigned kTimeoutMax = 3600;                          // seconds

Result<std::uint64_t> parse_mebibytes(std::string_view text) {
    return parse_number(text, kMebibytesMax);
}

Result<std::optional<std::uint64_t>> parse_mebibytes_at_most(std::string_view text) {
    const auto mebibytes = TRY(parse_mebibytes(text));
    return std::optional(mebibytes);
}

Result<std::optional<std::uint64_t>> parse_align(std::string_view text) {
    const auto kib = TRY(parse_number(text, kAlignKibMax));
    if (kib == 0) {
        return fail(Fault::invalid, "0 is no alignment; it is in KiB");
    }
    return std::optional(kib);
}

Result<std::optional<unsigned>> parse_timeout(std::string_view text) {
    const auto seconds = TRY(parse_number(text, kTimeoutMax));
    return std::optional(static_cast<unsigned>(seconds));
}

/// They become one word of fstab.
Result<std::string> parse_mount_options(std::string_view text) {
    auto options = TRY(parse_printable(text));
    if (options.find_first_of(" #\\") != std::string::npos) {
        return fail(Fault::invalid, fmt::format("{} holds a blank, # or \\; write mount options "
                                                "with commas between",
                                                in_quotes(text)));
    }
    return options;
}

/// Words for mkfs, which runs outside the image: none of them may name a file of the machine, as
/// `mke2fs -d /root` would. So no "/" and a "." only between digits.
Result<std::string> parse_mkfs_options(std::string_view text) {
    auto options = TRY(parse_printable(text));
    const auto digit = [&](std::size_t i) {
        return i < options.size() && options[i] >= '0' && options[i] <= '9';
    };
    for (std::size_t i = 0; i < options.size(); ++i) {
        const bool dot = options[i] == '.' && !(i > 0 && digit(i - 1) && digit(i + 1));
        if (dot || std::string_view("/\\\"'`$;&|<>()*?~").contains(options[i])) {
            return fail(Fault::invalid,
                        fmt::format("{} holds {}: options of mkfs cannot name files",
                                    in_quotes(text), in_quotes(options.substr(i, 1))));
        }
    }
    return options;
}

Result<std::string> parse_table_kind(std::string_view text) {
    if (text == "gpt" || text == "msdos") {
        return std::string(text);
    }
    if (text == "mbr" || text == "dos") {
        return std::string("msdos");
    }
    return fail(Fault::invalid,
                fmt::format("{} is no partition table; use gpt or msdos", in_quotes(text)));
}

/// --disabled says the same as --location=none.
Result<std::string> nowhere(std::string_view /*nothing*/) {
    return std::string("none");
}

// What mkfs takes in one word, said in an option of its own.
Result<void> add_bytes_per_inode(Partition& part, std::string_view text) {
    const auto bytes = TRY(parse_number(text, std::uint64_t{64} << 20));  // mke2fs' own bound
    part.mkfsoptions += fmt::format("{}-i {}", part.mkfsoptions.empty() ? "" : " ", bytes);
    return {};
}
Result<void> add_profile(Partition& part, std::string_view text) {
    const auto profile = TRY(parse_plain_name(text));
    part.mkfsoptions += fmt::format("{}-T {}", part.mkfsoptions.empty() ? "" : " ", profile);
    return {};
}

/// The options about encryption, which `part` and `autopart` share.
template <typename T>
OptionTable<T> with_encryption(OptionTable<T> table) {
    constexpr std::string_view kNoCrypt = "IMG does not encrypt partitions";
    table.add({
        refused("--encrypted", kNoCrypt, "F9"),
        ignored("--passphrase=[TEXT]", kNoCrypt, "F9"),
        ignored("--escrowcert=[URL]", kNoCrypt, "F12"),
        ignored("--backuppassphrase", kNoCrypt, "F12"),
        ignored("--cipher=[NAME]", kNoCrypt, "F18"),
        ignored("--luks-version=[NAME]", kNoCrypt, "F29"),
        ignored("--pbkdf=[NAME]", kNoCrypt, "F29"),
        ignored("--pbkdf-memory=N", kNoCrypt, "F29"),
        ignored("--pbkdf-time=N", kNoCrypt, "F29"),
        ignored("--pbkdf-iterations=N", kNoCrypt, "F29"),
        ignored("--hw-passphrase=[TEXT]", kNoCrypt, "F41"),
    });
    return table;
}

const OptionTable<Partition>& part_options() {
    static constexpr std::string_view kNoOld = "an image has no older partitions";
    static constexpr std::string_view kPlaced = "IMG places partitions itself";
    static const auto table = with_encryption(OptionTable<Partition>{
        takes<&Partition::size_mib, parse_mebibytes>("--size=MIB"),
        takes<&Partition::max_size_mib, parse_mebibytes_at_most>("--maxsize=MIB"),
        flag<&Partition::grow>("--grow"),
        takes<&Partition::fstype, parse_file_system>("--fstype=[NAME]"),
        takes<&Partition::fstype, parse_file_system>("--type=[NAME]"),
        takes<&Partition::disk, parse_disk_name>("--ondisk=DISK"),
        takes<&Partition::disk, parse_disk_name>("--ondrive=DISK"),
        takes<&Partition::label, parse_label>("--label=[TEXT]", "FC4"),
        takes<&Partition::uuid, parse_uuid>("--uuid=UUID", "mic"),
        takes<&Partition::fsoptions, parse_mount_options>("--fsoptions=[OPTION,…]", "FC4"),
        takes<&Partition::mkfsoptions, parse_mkfs_options>("--mkfsoptions=[WORDS]", "F23"),
        takes<&Partition::mkfsoptions, parse_mkfs_options>("--extoptions=[WORDS]", "mic"),
        calls<add_bytes_per_inode>("--bytes-per-inode=BYTES", "FC4-F13"),
        calls<add_profile>("--fsprofile=NAME", "F9"),
        takes<&Partition::part_type, parse_guid>("--part-type=GUID", "mic"),
        takes<&Partition::align_kib, parse_align>("--align=KIB", "mic"),
        flag<&Partition::active>("--active", "FC3-F33"),
        flag<&Partition::recommended>("--recommended"),
        flag<&Partition::recommended>("--hibernation", "F18"),
        flag<&Partition::primary>("--asprimary"),
        ignored("--noformat", "partitions of an image are always new"),
        ignored("--onbiosdisk=DISK", "an image's disks have the names that --ondisk gives them"),
        ignored("--start=SECTOR", kPlaced, "FC3-F13"),
        ignored("--end=SECTOR", kPlaced, "FC3-F13"),
        refused("--onpart=PART", kNoOld),
        refused("--usepart=PART", kNoOld),
        refused("--resize", kNoOld, "F17"),
        refused("--exclude-from-image", "every partition of an image is in it", "Tizen"),
    });
    return table;
}

void read_mount_point(const CommandLine& line,
                      const Word& word,
                      Partition& part,
                      Reporter& report) {
    part.where = line.where(word);
    if (word.text == "swap" || word.text == "biosboot") {
        part.mount_point = word.text;
        if (!part.fstype.empty() && part.fstype != word.text) {
            report.refuse(part.where, "part {} cannot have --fstype={}", word.text, part.fstype);
        }
    } else if (word.text.starts_with("pv.") || word.text.starts_with("raid.") ||
               word.text.starts_with("btrfs.")) {
        report.refuse(part.where,
                      "part {}: LVM, RAID and btrfs over several partitions are not "
                      "possible; give each partition a mount point",
                      in_quotes(word.text));
    } else if (!word.text.empty() && word.text != "none" && word.text[0] != '/') {
        report.refuse(part.where,
                      "part: {} is no mount point; write /FOLDER, swap, none or biosboot",
                      in_quotes(word.text));
    } else if (!word.text.empty() && word.text != "none") {
        store_word<parse_mount_point>(line, word, part.mount_point, report);
        if (!part.mount_point.empty() && (part.fstype == "swap" || part.fstype == "biosboot")) {
            report.refuse(part.where, "part {} cannot have --fstype={}, which cannot be mounted",
                          part.mount_point, part.fstype);
        }
    }
}

/// What options say about one another. `name` is the partition's, for messages.
void check_part(const Partition& part,
                std::string_view name,
                const Given& given,
                Reporter& report) {
    // A --size that does not do has been reported already.
    const bool sized = given.has("--size") && (part.size_mib != 0 || !given.clean);
    if (!sized && !part.grow && !part.recommended) {
        report.refuse(part.where, "part {} needs --size or --grow", name);
    }
    if (part.recommended && !part.grow && part.size_mib == 0) {
        report.note(part.where,
                    "part {} has no --size but --recommended or --hibernation: 1 GiB is given",
                    name);
    }
    if (part.max_size_mib && *part.max_size_mib < part.size_mib) {
        report.refuse(part.where, "part {}: --maxsize={} is less than --size={}", name,
                      *part.max_size_mib, part.size_mib);
    } else if (part.max_size_mib && !part.grow) {
        report.warning(part.where, "part {}: --maxsize without --grow has no effect", name);
    }

    const bool special = part.mount_point == "swap" || part.mount_point == "biosboot";
    const std::string& kind = special ? part.mount_point : part.fstype;
    const bool fat = kind == "vfat" || kind == "efi";
    if (const auto most = label_bytes_max(kind); part.label.size() > most) {
        report.refuse(part.where, "part {}: label {} has {} bytes; {} takes at most {}", name,
                      in_quotes(part.label), part.label.size(), kind.empty() ? "ext4" : kind, most);
    }
    if (!part.uuid.empty() && fat != (part.uuid.size() == 9)) {
        report.refuse(part.where, "part {}: --uuid={} is not of the form that {} has", name,
                      part.uuid, kind.empty() ? "ext4" : kind);
    }
}

void read_part(const CommandLine& line, Reading& reading) {
    Partition part;
    part.where = line.where();
    const auto given = part_options().read(line, part, reading.report);
    std::string name = "without a mount point";
    if (const Word* word = only_positional(line, given, reading.report)) {
        read_mount_point(line, *word, part, reading.report);
        name = part.mount_point.empty() ? in_quotes(word->text) : part.mount_point;
    }
    if (given.has("--mkfsoptions") && (given.has("--noformat") || given.has("--fsprofile"))) {
        reading.report.error(
            part.where, "part {} has --mkfsoptions and --noformat or --fsprofile; keep one", name);
    }
    if (given.has("--resize") && !(given.has("--onpart") || given.has("--usepart"))) {
        reading.report.error(part.where, "part {}: --resize needs --onpart", name);
    }
    check_part(part, name, given, reading.report);
    auto& all = reading.document.partitions;
    if (has_room(all.size(), kPartitionsMax, "partitions", line.where(), reading.report)) {
        all.push_back(std::move(part));
    }
}

Result<void> set_md5_password(Bootloader& bootloader, std::string_view text) {
    bootloader.password = TRY(parse_printable(text));
    bootloader.crypted = true;
    return {};
}

const OptionTable<Bootloader>& bootloader_options() {
    static constexpr std::string_view kInstaller = "IMG installs the boot loader itself";
    static constexpr std::string_view kGrub = "images start with GRUB";
    static constexpr std::string_view kWithBoot = "the boot loader lies on the disk of /boot";
    static const OptionTable<Bootloader> table{
        takes<&Bootloader::append, parse_printable>("--append=[WORDS]"),
        takes<&Bootloader::timeout, parse_timeout>("--timeout=SECONDS", "F8"),
        takes<&Bootloader::ptable, parse_table_kind>("--ptable={gpt,msdos}", "mic"),
        takes<&Bootloader::location, parse_printable>("--location={mbr,partition,none,boot}"),
        takes<&Bootloader::location, nowhere>("--disabled", "F21"),
        takes<&Bootloader::default_kernel, parse_plain_name>("--default=[KERNEL]", "F8"),
        takes<&Bootloader::menus, parse_printable>("--menus=[MENU;…]", "mic"),
        takes<&Bootloader::password, parse_printable>("--password=[TEXT]"),
        calls<set_md5_password>("--md5pass=[TEXT]"),
        flag<&Bootloader::crypted>("--iscrypted", "F15"),
        flag<&Bootloader::no_mbr>("--nombr", "F21"),
        ignored("--boot-drive=DISK", kWithBoot, "F17"),
        ignored("--driveorder=[DISK,…]", kWithBoot),
        ignored("--upgrade", kInstaller, "FC3-F33"),
        ignored("--leavebootorder", "an image does not touch the firmware's settings", "F18"),
        ignored("--extlinux", kGrub, "F19"),
        ignored("--sdboot", kGrub, "F39"),
        ignored("--useLilo", kGrub, "FC3-FC3"),
        ignored("--lba32", kGrub, "FC3-F13"),
        ignored("--linear", kGrub, "FC3-FC3"),
        ignored("--nolinear", kGrub, "FC3-FC3"),
        ignored("--hvargs=[WORDS]", "images start without a hypervisor", "RHEL5-RHEL5"),
    };
    return table;
}

void read_bootloader(const CommandLine& line, Reading& reading) {
    Bootloader bootloader;
    bootloader.where = line.where();
    const auto given = bootloader_options().read(line, bootloader, reading.report);
    refuse_positionals(line, given, reading.report);
    if (given.has("--sdboot") && given.has("--extlinux")) {
        reading.report.error(line.where(), "bootloader has both --sdboot and --extlinux; keep one");
    }
    if (bootloader.crypted && !bootloader.password.empty() &&
        !bootloader.password.starts_with("grub.pbkdf2.")) {
        reading.report.refuse(line.where(),
                              "bootloader: GRUB reads passwords as grub2-mkpasswd-pbkdf2 writes "
                              "them, grub.pbkdf2.…; write that, or the plain one");
    }
    keep_later(line, std::move(bootloader), reading.document.bootloader, reading.report);
}

struct AutoPartLine {
    AutoPart autopart;
    std::string scheme;
};

Result<void> set_root_type(AutoPartLine& line, std::string_view text) {
    line.autopart.fstype = TRY(parse_file_system(text));
    return {};
}

const OptionTable<AutoPartLine>& autopart_options() {
    static constexpr std::string_view kOne = "there is one partition, for /";
    static const auto table = with_encryption(OptionTable<AutoPartLine>{
        takes<&AutoPartLine::scheme, parse_plain_name>("--type={lvm,btrfs,plain,partition,thinp}",
                                                       "F17"),
        calls<set_root_type>("--fstype=[NAME]", "F21"),
        ignored("--nolvm", kOne, "F16"),
        ignored("--nohome", kOne, "F26"),
        ignored("--noboot", kOne, "F26"),
        ignored("--noswap", kOne, "F26"),
        dropped("--hibernation", "write part swap --size=…", "F38"),
    });
    return table;
}

void read_autopart(const CommandLine& line, Reading& reading) {
    AutoPartLine said;
    said.autopart.where = line.where();
    const auto given = autopart_options().read(line, said, reading.report);
    refuse_positionals(line, given, reading.report);
    if (said.scheme == "btrfs") {
        if (!said.autopart.fstype.empty()) {
            reading.report.error(line.where(), "autopart has both --type=btrfs and --fstype");
        }
        said.autopart.fstype = "btrfs";
    } else if (said.scheme == "lvm" || said.scheme == "thinp") {
        reading.report.warning(line.where(),
                               "autopart --type={}: an image is made without a kernel, which "
                               "leaves no place for volumes; / becomes a plain partition",
                               said.scheme);
    }
    keep_later(line, std::move(said.autopart), reading.document.autopart, reading.report);
}

const OptionTable<ReqPart>& reqpart_options() {
    static const OptionTable<ReqPart> table{flag<&ReqPart::add_boot>("--add-boot")};
    return table;
}

void read_reqpart(const CommandLine& line, Reading& reading) {
    ReqPart reqpart;
    reqpart.where = line.where();
    const auto given = reqpart_options().read(line, reqpart, reading.report);
    refuse_positionals(line, given, reading.report);
    keep_later(line, std::move(reqpart), reading.document.reqpart, reading.report);
}

const OptionTable<ClearPart>& clearpart_options() {
    static constexpr std::string_view kEmpty = {};  // said by the note of the command
    static const OptionTable<ClearPart> table{
        takes<&ClearPart::ptable, parse_table_kind>("--disklabel=[NAME]", "F21"),
        ignored("--all", kEmpty),
        ignored("--linux", kEmpty),
        ignored("--none", kEmpty),
        ignored("--initlabel", kEmpty),
        ignored("--drives=[DISK,…]", kEmpty),
        ignored("--list=[PART,…]", kEmpty, "F17"),
        ignored("--cdl", kEmpty, "F28"),
    };
    return table;
}

void read_clearpart(const CommandLine& line, Reading& reading) {
    ClearPart clearpart;
    clearpart.where = line.where();
    const auto given = clearpart_options().read(line, clearpart, reading.report);
    refuse_positionals(line, given, reading.report);
    if (clearpart.ptable.empty()) {
        reading.report.note(line.where(),
                            "clearpart has no effect on an image but for --disklabel: an image "
                            "begins empty");
    }
    keep_later(line, std::move(clearpart), reading.document.clearpart, reading.report);
}

constexpr std::string_view kPart = "a partition of the image";
constexpr std::string_view kBootloader = "how the image starts";

constexpr std::array<Command, 8> kCommands{{
    {.name = "part",
     .history = "FC3",
     .note = kPart,
     .words = "MOUNTPOINT",
     .read = read_part,
     .rows = [] { return part_options().rows(); }},
    {.name = "partition",
     .history = "FC3",
     .note = kPart,
     .words = "MOUNTPOINT",
     .read = read_part,
     .rows = [] { return part_options().rows(); }},
    {.name = "autopart",
     .history = "FC3",
     .note = "one partition for /, as large as its content and the disk ask for, beside those that "
             "firmware needs",
     .read = read_autopart,
     .rows = [] { return autopart_options().rows(); }},
    {.name = "reqpart",
     .history = "F23",
     .note = "the partitions that firmware needs, which an image always has; with --add-boot one "
             "for /boot",
     .read = read_reqpart,
     .rows = [] { return reqpart_options().rows(); }},
    {.name = "clearpart",
     .history = "FC3",
     .note = "the kind of partition table; there is nothing to clear in an image",
     .read = read_clearpart,
     .rows = [] { return clearpart_options().rows(); }},
    {.name = "bootloader",
     .history = "FC3",
     .note = kBootloader,
     .read = read_bootloader,
     .rows = [] { return bootloader_options().rows(); }},
    {.name = "lilo",
     .history = "FC3-FC3",
     .note = kBootloader,
     .read = read_bootloader,
     .rows = [] { return bootloader_options().rows(); }},
    {.name = "zerombr",
     .history = "FC3",
     .effect = Effect::none,
     .note = "an image begins empty",
     .words = "[WORD…]",
     .options = "…"},
}};

}  // namespace

std::span<const Command> storage_commands() {
    return kCommands;
}

}  // namespace img::kickstart
