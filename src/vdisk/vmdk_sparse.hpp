// The header of a VMDK's sparse extent, as it is read and as it is written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace img::vdisk {

// After VMware's "Virtual Disk Format 5.0"; numbers are little-endian, places are in sectors.
//
//     monolithicSparse:
//     | header | descriptor | grain directory, tables | the same again | grain | grain | …
//
//     streamOptimized, which can be written and read in one go:
//     | header | descriptor | marker, grain, deflated | … | marker, table | marker, directory
//     | marker, footer | end-of-stream marker |
//
// A grain is 64 KiB of the disk; a table says where 512 of them are, the directory where the
// tables are.

constexpr std::size_t kVmdkHeaderBytes = 512;
constexpr std::string_view kVmdkMagic = "KDMV";
/// Instead of the directory's place: a footer at the file's end says it.
constexpr std::uint64_t kDirectoryAtEnd = 0xffffffffffffffff;

enum VmdkFlag : std::uint32_t {
    kNewlineTest = 1U << 0,
    kSecondDirectory = 1U << 1,
    kCompressed = 1U << 16,
    kMarkers = 1U << 17,
};

enum class VmdkMarker : std::uint32_t { end_of_stream = 0, table = 1, directory = 2, footer = 3 };

struct VmdkHeader {
    std::uint32_t version = 1;
    std::uint32_t flags = kNewlineTest;
    std::uint64_t sectors = 0;
    std::uint64_t grain_sectors = 128;
    std::uint64_t descriptor_at = 0;
    std::uint64_t descriptor_sectors = 0;
    std::uint32_t table_entries = 512;
    std::uint64_t second_directory_at = 0;
    std::uint64_t directory_at = 0;
    std::uint64_t data_at = 0;  ///< "Overhead": what lies before the first grain.

    bool operator==(const VmdkHeader&) const = default;
};

/// 512 bytes each.
std::string print_vmdk_header(const VmdkHeader& header);
VmdkHeader parse_vmdk_header(std::string_view bytes);

}  // namespace img::vdisk
