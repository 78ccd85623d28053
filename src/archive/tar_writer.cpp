#include "archive/tar_writer.hpp"

#include "archive/access_list.hpp"
#include "archive/file_fault.hpp"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <sys/stat.h>

namespace img::archive {
namespace {

constexpr std::uint64_t kRecord = 512;
constexpr std::uint64_t kTapeBlock = 20 * kRecord;  // tar's blocking factor since ever
// POSIX.1-2001, pax, "ustar Interchange Format": where the fields are, and the most they hold.
constexpr std::size_t kNameMax = 100;
constexpr std::uint64_t kSevenDigits = 07777777;
constexpr std::uint64_t kElevenDigits = 077777777777;
constexpr std::size_t kChecksumAt = 148;

/// "27 path=./some/long/name\n": the number counts itself too.
std::string pax_record(std::string_view key, std::string_view value) {
    const std::size_t rest = key.size() + value.size() + 3;  // blank, "=", line end
    std::size_t size = rest + 1;
    while (rest + std::to_string(size).size() != size) {
        size = rest + std::to_string(size).size();
    }
    return fmt::format("{} {}={}\n", size, key, value);
}

char type_flag(mode_t mode) {
    switch (mode & S_IFMT) {
        case S_IFLNK: return '2';
        case S_IFCHR: return '3';
        case S_IFBLK: return '4';
        case S_IFDIR: return '5';
        case S_IFIFO: return '6';
        default: return '0';
    }
}

/// What one ustar header says.
struct Header {
    std::string name;
    std::string link;
    char type = '0';
    mode_t mode = 0;
    std::uint64_t user = 0;
    std::uint64_t group = 0;
    std::uint64_t size_bytes = 0;
    std::int64_t modified = 0;
    std::uint32_t device_major = 0;
    std::uint32_t device_minor = 0;
};

/// Octal digits and a NUL in a field of `width`; what does not fit stands in a pax record.
std::string octal(std::uint64_t value, std::size_t width, std::uint64_t most) {
    return fmt::format("{:0{}o}", value > most ? 0 : value, width - 1) + '\0';
}

std::string padded(std::string_view text, std::size_t width) {
    std::string field(text.substr(0, width));
    field.resize(width, '\0');
    return field;
}

std::string ustar(const Header& header) {
    const auto seconds = header.modified < 0 ? 0 : static_cast<std::uint64_t>(header.modified);
    std::string block = padded(header.name, kNameMax);
    block += octal(header.mode & 07777, 8, kSevenDigits);
    block += octal(header.user, 8, kSevenDigits);
    block += octal(header.group, 8, kSevenDigits);
    block += octal(header.size_bytes, 12, kElevenDigits);
    block += octal(seconds, 12, kElevenDigits);
    block += std::string(8, ' ');  // the checksum counts itself as blanks
    block += header.type;
    block += padded(header.link, kNameMax);
    block += std::string(
        "ustar\0"
        "00",
        8);
    block += padded("", 64);  // names of owner and group: numbers are enough
    block += octal(header.device_major, 8, kSevenDigits);
    block += octal(header.device_minor, 8, kSevenDigits);
    block.resize(kRecord, '\0');
    const auto sum = std::accumulate(block.begin(), block.end(), 0U, [](unsigned total, char c) {
        return total + static_cast<unsigned char>(c);
    });
    block.replace(kChecksumAt, 8, fmt::format("{:06o}", sum) + '\0' + ' ');
    return block;
}

/// What does not fit into the header's own fields.
std::string overflow_records(const Header& header, std::uint32_t nanoseconds) {
    std::string records;
    const auto add = [&](bool wanted, std::string_view key, const std::string& value) {
        records += wanted ? pax_record(key, value) : "";
    };
    add(header.name.size() > kNameMax, "path", header.name);
    add(header.link.size() > kNameMax, "linkpath", header.link);
    add(header.user > kSevenDigits, "uid", std::to_string(header.user));
    add(header.group > kSevenDigits, "gid", std::to_string(header.group));
    add(header.size_bytes > kElevenDigits, "size", std::to_string(header.size_bytes));
    const bool odd_time =
        header.modified < 0 || static_cast<std::uint64_t>(header.modified) > kElevenDigits;
    add(nanoseconds != 0 || odd_time, "mtime",
        nanoseconds == 0 ? std::to_string(header.modified)
                         : fmt::format("{}.{:09}", header.modified, nanoseconds));
    return records;
}

/// As GNU tar and libarchive name them; an access control list also stands as text, for that is
/// how both set it.
Result<std::string> attribute_records(const TreeEntry& entry) {
    std::string records;
    for (const auto& [name, value] : entry.attributes) {
        if (name == "system.posix_acl_access") {
            records += pax_record("SCHILY.acl.access", TRY(access_list_text(value)));
        } else if (name == "system.posix_acl_default") {
            records += pax_record("SCHILY.acl.default", TRY(access_list_text(value)));
        } else {
            records += pax_record("SCHILY.xattr." + name, value);
        }
    }
    return records;
}

/// The header that holds records is named after its file; readers that know pax never see it.
std::string pax_blocks(const std::string& records, const Header& header) {
    if (records.empty()) {
        return {};
    }
    const auto slash = header.name.rfind('/');
    const std::string base = header.name.substr(slash == std::string::npos ? 0 : slash + 1);
    std::string blocks = ustar({.name = "./PaxHeaders/" + (base.empty() ? "." : base),
                                .link = {},
                                .type = 'x',
                                .mode = 0644,
                                .size_bytes = records.size(),
                                .modified = header.modified});
    blocks += records;
    blocks.resize((blocks.size() + kRecord - 1) / kRecord * kRecord, '\0');
    return blocks;
}

/// GNU tar's manual, "PAX Format, Version 1.0": the number of runs, then offset and length of
/// each, a line a number, padded to a record. A run of no bytes says where the file ends.
std::string sparse_map(const std::vector<Extent>& extents, std::uint64_t size_bytes) {
    std::vector<Extent> runs = extents;
    if (runs.empty() || runs.back().start + runs.back().bytes != size_bytes) {
        runs.push_back({size_bytes, 0});
    }
    std::string map = fmt::format("{}\n", runs.size());
    for (const Extent& run : runs) {
        map += fmt::format("{}\n{}\n", run.start, run.bytes);
    }
    map.resize((map.size() + kRecord - 1) / kRecord * kRecord, '\0');
    return map;
}

}  // namespace

Result<void> TarWriter::write(std::string_view bytes) {
    at_ += bytes.size();
    return sink_.write(bytes);
}

Result<void> TarWriter::pad(std::uint64_t to_multiple_of) {
    const std::uint64_t over = at_ % to_multiple_of;
    return over == 0 ? Result<void>{}
                     : write(std::string(static_cast<std::size_t>(to_multiple_of - over), '\0'));
}

Result<void> TarWriter::add(const TreeEntry& entry,
                            std::string_view prefix,
                            const std::filesystem::path& file,
                            std::string_view first_name,
                            const BytesDone& done) {
    Header header;
    header.name = entry.name == "." ? std::string(prefix) : std::string(prefix) + entry.name;
    if (S_ISDIR(entry.mode) && !header.name.ends_with('/')) {
        header.name += '/';
    }
    header.type = type_flag(entry.mode);
    header.link = entry.target;
    header.mode = entry.mode;
    header.user = entry.user;
    header.group = entry.group;
    header.size_bytes = entry.size_bytes;
    header.modified = entry.modified;
    header.device_major = entry.device_major;
    header.device_minor = entry.device_minor;
    if (entry.first) {
        header.type = '1';
        header.link = std::string(prefix) + std::string(first_name);
        header.size_bytes = 0;
    }
    const std::string records = overflow_records(header, entry.nanoseconds) +
                                (entry.first ? "" : TRY(attribute_records(entry)));
    TRY(write(pax_blocks(records, header) + ustar(header)));
    if (header.size_bytes != 0) {
        TRY(copy_content(file, header.size_bytes, sink_, done));
        at_ += header.size_bytes;
    }
    return pad(kRecord);
}

Result<void> TarWriter::add_sparse(const std::string& name,
                                   const std::filesystem::path& file,
                                   std::int64_t modified,
                                   const BytesDone& done) {
    std::error_code error;
    const std::uint64_t size_bytes = std::filesystem::file_size(file, error);
    if (error) {
        return file_fault("read", file, error.value());
    }
    const std::vector<Extent> extents = TRY(data_extents(file, size_bytes));
    const std::string map = sparse_map(extents, size_bytes);
    Header header{.name = "./GNUSparseFile.0/" + name, .link = {}, .mode = 0644};
    header.modified = modified;
    header.size_bytes = map.size();
    for (const Extent& extent : extents) {
        header.size_bytes += extent.bytes;
    }
    const std::string records =
        pax_record("GNU.sparse.major", "1") + pax_record("GNU.sparse.minor", "0") +
        pax_record("GNU.sparse.name", name) +
        pax_record("GNU.sparse.realsize", std::to_string(size_bytes)) + overflow_records(header, 0);
    TRY(write(pax_blocks(records, header) + ustar(header) + map));
    for (const Extent& extent : extents) {
        const BytesDone in_file = [&](std::uint64_t bytes) {
            if (done) {
                done(extent.start + bytes);
            }
        };
        TRY(copy_extent(file, extent, sink_, in_file));
        at_ += extent.bytes;
    }
    return pad(kRecord);
}

Result<void> TarWriter::end() {
    TRY(write(std::string(2 * kRecord, '\0')));
    return pad(kTapeBlock);
}

}  // namespace img::archive
