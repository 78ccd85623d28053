#include "kickstart/bounds.hpp"
#include "kickstart/command_table.hpp"
#include "kickstart/quote.hpp"
#include "kickstart/values.hpp"

#include <algorithm>
#include <array>

namespace img::kickstart {
namespace {

// 1 PiB, in MiB: far above any disk image, and far below what overflows in bytes.
constexpr std::uint64_t kMebibytesMax = std::uint64_t{1} << 30;
constexpr std::uint64_t kAlignKibMax = std::uint64_t{1} << 20;  // 1 GiB
constexpr unsigned kTimeoutMax = 3600;                          // seconds

Result<std::uint64_t> parse_mebibytes(std::string_view text) {
    return parse_number(text, kMebibytesMax);
}

Result<std::uint64_t> parse_align(std::string_view text) {
    const auto kib = TRY(parse_number(text, kAlignKibMax));
    if (kib == 0) {
        return fail(Fault::invalid, "0 is no alignment; it is in KiB");
    }
    return kib;
}

Result<unsigned> parse_timeout(std::string_view text) {
    return static_cast<unsigned>(TRY(parse_number(text, kTimeoutMax)));
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
    return fail(Fault::invalid,
                fmt::format("{} is no partition table; use gpt or msdos", in_quotes(text)));
}

Result<std::string> parse_location(std::string_view text) {
    static const std::array<std::string_view, 4> known{"mbr", "partition", "boot", "none"};
    if (std::ranges::find(known, text) == known.end()) {
        return fail(Fault::invalid, fmt::format("{} is no place for a boot loader; use mbr, "
                                                "partition, boot or none",
                                                in_quotes(text)));
    }
    return std::string(text);
}

/// --disabled says the same as --location=none.
Result<std::string> nowhere(std::string_view /*nothing*/) {
    return std::string("none");
}

const OptionTable<Partition>& part_options() {
    static const std::string_view no_old = "an image has no older partitions";
    static const std::string_view no_crypt = "IMG does not encrypt partitions";
    static const OptionTable<Partition> table{
        takes<&Partition::size_mib, parse_mebibytes>("--size"),
        takes<&Partition::max_size_mib, parse_mebibytes>("--maxsize"),
        flag<&Partition::grow>("--grow"),
        takes<&Partition::fstype, parse_file_system>("--fstype"),
        takes<&Partition::fstype, parse_file_system>("--type"),
        takes<&Partition::disk, parse_disk_name>("--ondisk"),
        takes<&Partition::disk, parse_disk_name>("--ondrive"),
        takes<&Partition::label, parse_label>("--label", Takes::value_or_empty),
        takes<&Partition::uuid, parse_uuid>("--uuid"),
        takes<&Partition::fsoptions, parse_mount_options>("--fsoptions", Takes::value_or_empty),
        takes<&Partition::mkfsoptions, parse_mkfs_options>("--mkfsoptions", Takes::value_or_empty),
        takes<&Partition::mkfsoptions, parse_mkfs_options>("--extoptions", Takes::value_or_empty),
        takes<&Partition::part_type, parse_guid>("--part-type"),
        takes<&Partition::align_kib, parse_align>("--align"),
        flag<&Partition::active>("--active"),
        ignored("--asprimary", Takes::nothing, "a GPT has only primary partitions"),
        ignored("--noformat", Takes::nothing, "partitions of an image are always new"),
        ignored("--onbiosdisk", Takes::value, "an image has one disk"),
        ignored("--bytes-per-inode", Takes::value, "write --mkfsoptions=\"-i …\""),
        ignored("--fsprofile", Takes::value, "write --mkfsoptions=\"-T …\""),
        ignored("--start", Takes::value, "IMG places partitions itself"),
        ignored("--end", Takes::value, "IMG places partitions itself"),
        dropped("--recommended", Takes::nothing, "IMG does not know the memory; write --size"),
        dropped("--hibernation", Takes::nothing, "IMG does not know the memory; write --size"),
        refused("--onpart", Takes::value, no_old),
        refused("--usepart", Takes::value, no_old),
        refused("--resize", Takes::nothing, no_old),
        refused("--encrypted", Takes::nothing, no_crypt),
        refused("--passphrase", Takes::value, no_crypt),
        refused("--escrowcert", Takes::value, no_crypt),
        refused("--backuppassphrase", Takes::nothing, no_crypt),
        refused("--cipher", Takes::value, no_crypt),
        refused("--luks-version", Takes::value, no_crypt),
    };
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
            report.error(part.where, "part {} cannot have --fstype={}", word.text, part.fstype);
        }
    } else if (word.text.starts_with("pv.") || word.text.starts_with("raid.") ||
               word.text.starts_with("btrfs.")) {
        report.error(part.where,
                     "part {}: LVM, RAID and btrfs over several partitions are not "
                     "possible; give each partition a mount point",
                     in_quotes(word.text));
    } else if (!word.text.empty() && word.text != "none") {
        store_word<parse_mount_point>(line, word, part.mount_point, report);
        if (!part.mount_point.empty() && (part.fstype == "swap" || part.fstype == "biosboot")) {
            report.error(part.where, "part {} cannot have --fstype={}, which cannot be mounted",
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
    if (!sized && !part.grow) {
        report.error(part.where, "part {} needs --size or --grow", name);
    }
    if (part.max_size_mib && *part.max_size_mib < part.size_mib) {
        report.error(part.where, "part {}: --maxsize={} is less than --size={}", name,
                     *part.max_size_mib, part.size_mib);
    } else if (part.max_size_mib && !part.grow) {
        report.warning(part.where, "part {}: --maxsize without --grow has no effect", name);
    }

    const bool special = part.mount_point == "swap" || part.mount_point == "biosboot";
    const std::string& kind = special ? part.mount_point : part.fstype;
    const bool fat = kind == "vfat" || kind == "efi";
    if (const auto most = label_bytes_max(kind); part.label.size() > most) {
        report.error(part.where, "part {}: label {} has {} bytes; {} takes at most {}", name,
                     in_quotes(part.label), part.label.size(), kind.empty() ? "ext4" : kind, most);
    }
    if (!part.uuid.empty() && fat != (part.uuid.size() == 9)) {
        report.error(part.where, "part {}: --uuid={} is not of the form that {} has", name,
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
    check_part(part, name, given, reading.report);
    auto& all = reading.document.partitions;
    if (has_room(all.size(), kPartitionsMax, "partitions", line.where(), reading.report)) {
        all.push_back(std::move(part));
    }
}

const OptionTable<Bootloader>& bootloader_options() {
    static const std::string_view installer = "IMG installs the boot loader itself";
    static const std::string_view no_password = "IMG sets no password for the boot menu";
    static const OptionTable<Bootloader> table{
        takes<&Bootloader::append, parse_printable>("--append", Takes::value_or_empty),
        takes<&Bootloader::timeout, parse_timeout>("--timeout"),
        takes<&Bootloader::ptable, parse_table_kind>("--ptable"),
        takes<&Bootloader::location, parse_location>("--location"),
        ignored("--boot-drive", Takes::value, "an image has one disk"),
        ignored("--driveorder", Takes::value_or_empty, "an image has one disk"),
        ignored("--default", Takes::value, "the newest kernel is the default"),
        ignored("--menus", Takes::value_or_empty, "IMG writes the menu itself"),
        ignored("--upgrade", Takes::nothing, installer),
        ignored("--useLilo", Takes::nothing, installer),
        ignored("--lba32", Takes::nothing, installer),
        ignored("--linear", Takes::nothing, installer),
        ignored("--extlinux", Takes::nothing, installer),
        ignored("--sdboot", Takes::nothing, installer),
        ignored("--leavebootorder", Takes::nothing, installer),
        ignored("--nombr", Takes::nothing, installer),
        takes<&Bootloader::location, nowhere>("--disabled", Takes::nothing),
        refused("--password", Takes::value, no_password),
        refused("--md5pass", Takes::value, no_password),
        refused("--iscrypted", Takes::nothing, no_password),
    };
    return table;
}

void read_bootloader(const CommandLine& line, Reading& reading) {
    Bootloader bootloader;
    bootloader.where = line.where();
    const auto given = bootloader_options().read(line, bootloader, reading.report);
    refuse_positionals(line, given, reading.report);
    if (reading.document.bootloader) {
        warn_of_replacement(line, reading.document.bootloader->where, reading.report);
    }
    reading.document.bootloader = std::move(bootloader);
}

constexpr std::string_view kNoVolumes =
    "the file systems of an image are filled without a kernel, which leaves no place for it; use "
    "part";

constexpr std::array<Command, 11> kCommands{{
    {"part", Effect::acts, read_part, {}},
    {"partition", Effect::acts, read_part, {}},
    {"bootloader", Effect::acts, read_bootloader, {}},
    {"clearpart", Effect::none, nullptr, "an image begins empty"},
    {"zerombr", Effect::none, nullptr, "an image begins empty"},
    {"ignoredisk", Effect::none, nullptr, "an image has one disk"},
    {"autopart", Effect::refused, nullptr, "write a part line for each partition"},
    {"logvol", Effect::refused, nullptr, kNoVolumes},
    {"volgroup", Effect::refused, nullptr, kNoVolumes},
    {"raid", Effect::refused, nullptr, kNoVolumes},
    {"btrfs", Effect::refused, nullptr, kNoVolumes},
}};

}  // namespace

std::span<const Command> storage_commands() {
    return kCommands;
}

}  // namespace img::kickstart
