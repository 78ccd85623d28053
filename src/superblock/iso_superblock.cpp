#include "superblock/iso_superblock.hpp"

#include "base/byte_fields.hpp"
#include "base/byte_order.hpp"
#include "superblock/superblock.hpp"
#include "vdisk/source_part.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fmt/format.h>

namespace img::superblock {
namespace {

constexpr std::uint64_t kDescriptor = 16 * kCdSector;  // the first of them (ECMA-119, 8.1)

std::optional<int> number_at(std::string_view block, std::size_t at, std::size_t digits) {
    int value = 0;
    const auto text = block.substr(at, digits);
    const auto end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    return read.ptr == end ? std::optional(value) : std::nullopt;
}

/// Seconds since 1970; the numbers are as a calendar writes them, and nothing is checked.
std::int64_t seconds_of(int year, unsigned month, unsigned day, std::int64_t second_of_day) {
    const std::chrono::sys_days date =
        std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day);
    return std::chrono::duration_cast<std::chrono::seconds>(date.time_since_epoch()).count() +
           second_of_day;
}

/// "YYYYMMDDHHMMSScc", then the distance from Greenwich in quarters of an hour (8.4.26.1).
std::optional<std::int64_t> time_at(std::string_view block, std::size_t at) {
    const auto year = number_at(block, at, 4);
    const auto month = number_at(block, at + 4, 2);
    const auto day = number_at(block, at + 6, 2);
    const auto hour = number_at(block, at + 8, 2);
    const auto minute = number_at(block, at + 10, 2);
    const auto second = number_at(block, at + 12, 2);
    if (!year || !month || !day || !hour || !minute || !second || *year < 1 || *month < 1) {
        return std::nullopt;
    }
    const auto zone = static_cast<std::int8_t>(block.at(at + 16));
    return seconds_of(*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day),
                      *hour * 3600L + *minute * 60L + *second - zone * 900L);
}

/// The time of modification, or else of creation, in blkid's spelling: "2026-11-22-10-07-43-00".
std::string uuid_of(std::string_view block) {
    const auto digits = block.substr(time_at(block, 830) ? 830 : 813, 16);
    if (!std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) {
        return {};
    }
    std::string text(digits.substr(0, 4));
    for (std::size_t at = 4; at < digits.size(); at += 2) {
        text += fmt::format("-{}", digits.substr(at, 2));
    }
    return text;
}

}  // namespace

Result<std::optional<std::string>> iso_descriptor(const vdisk::DiskSource& part) {
    auto block = TRY(vdisk::read_bytes(part, kDescriptor, kCdSector));
    const bool there = block.front() == '\1' && block.compare(1, 5, "CD001") == 0 &&
                       get_le<std::uint16_t>(block, 128) == kCdSector;
    return there ? std::optional(std::move(block)) : std::nullopt;
}

SuperblockFinding find_iso(const vdisk::DiskSource& part) {
    const auto block = TRY(iso_descriptor(part));
    if (!block) {
        return std::nullopt;
    }
    const auto size = get_le<std::uint32_t>(*block, 80) * kCdSector;
    const auto maker = text_at(*block, 574, 128);
    return FileSystemDescription{.kind = "iso9660",
                                 .label = text_at(*block, 40, 32),
                                 .uuid = uuid_of(*block),
                                 .size_bytes = size,
                                 .used_bytes = size,
                                 .created = time_at(*block, 813),
                                 .written = time_at(*block, 830),
                                 .details = maker};
}

}  // namespace img::superblock
