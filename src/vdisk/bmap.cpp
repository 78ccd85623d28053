#include "vdisk/bmap.hpp"

#include "base/byte_size.hpp"
#include "base/digest.hpp"
#include "system/files.hpp"
#include "vdisk/disk_file.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <vector>

namespace img::vdisk {
namespace {

constexpr std::uint64_t kBlock = 4096;

/// Blocks from `first` to `last`, both inside.
struct Range {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::string sha256{};
};

/// Extents as whole blocks; those that touch are one.
Result<std::vector<Range>> find_ranges(const DiskFile& file) {
    std::vector<Range> ranges;
    std::uint64_t from = 0;
    while (const auto extent = TRY(file.next_data(from))) {
        const Range range{.first = extent->start / kBlock, .last = (extent->end() - 1) / kBlock};
        if (!ranges.empty() && range.first <= ranges.back().last + 1) {
            ranges.back().last = range.last;
        } else {
            ranges.push_back(range);
        }
        from = extent->end();
    }
    return ranges;
}

Result<std::string> sha256_of(const DiskFile& file, const Range& range) {
    Sha256 digest;
    std::vector<std::byte> buffer(kMiB);
    const std::uint64_t end = std::min((range.last + 1) * kBlock, file.size());
    for (std::uint64_t at = range.first * kBlock; at < end;) {
        const auto part = std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), end - at));
        TRY(file.read(at, part));
        digest.add(as_text(part));
        at += part.size();
    }
    return digest.hex();
}

std::string print_range(const Range& range) {
    const std::string blocks = range.first == range.last
                                   ? std::to_string(range.first)
                                   : fmt::format("{}-{}", range.first, range.last);
    return fmt::format("        <Range chksum=\"{}\"> {} </Range>\n", range.sha256, blocks);
}

/// `checksum`: of the map, 64 zeros while that is being counted.
std::string print_map(std::uint64_t size,
                      const std::vector<Range>& ranges,
                      std::string_view checksum) {
    std::uint64_t mapped = 0;
    std::string list;
    for (const Range& range : ranges) {
        mapped += range.last - range.first + 1;
        list += print_range(range);
    }
    return fmt::format(
        "<?xml version=\"1.0\" ?>\n<bmap version=\"2.0\">\n"
        "    <ImageSize> {} </ImageSize>\n    <BlockSize> {} </BlockSize>\n"
        "    <BlocksCount> {} </BlocksCount>\n    <MappedBlocksCount> {} </MappedBlocksCount>\n"
        "    <ChecksumType> sha256 </ChecksumType>\n"
        "    <BmapFileChecksum> {} </BmapFileChecksum>\n"
        "    <BlockMap>\n{}    </BlockMap>\n</bmap>\n",
        size, kBlock, (size + kBlock - 1) / kBlock, mapped, checksum, list);
}

}  // namespace

Result<void> write_bmap(const std::filesystem::path& raw_image,
                        const std::filesystem::path& bmap_file) {
    const DiskFile file = TRY(DiskFile::open(raw_image));
    if (file.size() == 0) {
        return file.wrong("it is empty, and there is nothing to map");
    }
    std::vector<Range> ranges = TRY(find_ranges(file));
    for (Range& range : ranges) {
        range.sha256 = TRY(sha256_of(file, range));
    }
    const std::string blank = print_map(file.size(), ranges, std::string(64, '0'));
    return system::write_file(bmap_file, print_map(file.size(), ranges, sha256_hex(blank)));
}

}  // namespace img::vdisk
