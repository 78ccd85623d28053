// The header of a qcow2 file and the words of its tables, as they are read and as they are written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace img::vdisk {

// After docs/interop/qcow2.txt of QEMU 7.2, version 3; numbers are big-endian, places in bytes.
//
//     | header | first table | second table | cluster | cluster | … | counts | table of counts |
//
// Everything is a whole number of clusters of 64 KiB. An entry of the first table (L1) says where
// a second table (L2) is, an entry of that where a cluster of the disk is. The counts say how often
// each cluster of the file is used.

constexpr std::string_view kQcow2Magic = "QFI\xfb";
constexpr std::size_t kQcow2HeaderBytes = 112;  // as it is written; version 2 has 72 of it

constexpr std::uint64_t kQcow2PlaceMask = 0x00fffffffffffe00;   // bits 9 to 55 of an entry
constexpr std::uint64_t kQcow2Copied = std::uint64_t{1} << 63;  // its count is exactly one
constexpr std::uint64_t kQcow2Deflated = std::uint64_t{1} << 62;
constexpr std::uint64_t kQcow2Zeros = 1;  // of an L2 entry: reads as zeros whatever is there

enum Qcow2Feature : std::uint64_t {  // those that a reader has to know
    kQcow2Dirty = 1U << 0,           ///< The counts may be wrong; they do not matter for reading.
    kQcow2Corrupt = 1U << 1,
    kQcow2ExternalData = 1U << 2,
    kQcow2OtherCompression = 1U << 3,
    kQcow2Subclusters = 1U << 4,
};

struct Qcow2Header {
    std::uint32_t version = 3;
    std::uint64_t backing_name_at = 0;
    std::uint32_t cluster_bits = 16;
    std::uint64_t size_bytes = 0;
    std::uint32_t encryption = 0;
    std::uint32_t l1_entries = 0;
    std::uint64_t l1_at = 0;
    std::uint64_t counts_table_at = 0;
    std::uint32_t counts_table_clusters = 0;
    std::uint64_t features = 0;
    std::uint8_t compression = 0;  ///< 0 deflate, 1 zstd.

    bool operator==(const Qcow2Header&) const = default;
};

std::string print_qcow2_header(const Qcow2Header& header);
/// `bytes`: kQcow2HeaderBytes of them; version 2 has no features.
Qcow2Header parse_qcow2_header(std::string_view bytes);

}  // namespace img::vdisk
