// The fixed places and names of a VHDX, as they are read and as they are written.
#pragma once

#include "base/uuid.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace img::vdisk {

// After Microsoft's [MS-VHDX], version 8.0; numbers are little-endian.
//
//     0      64 K     128 K    192 K     256 K     1 MiB  2 MiB      3 MiB
//     | name | header | header | regions | regions | log  | metadata | block table | blocks …
//
// The header and the list of regions are there twice. Metadata is a list of items by GUID, with
// the items behind it. Blocks, and the regions, lie on whole MiB.

constexpr std::uint64_t kVhdxHeaderAt = 64 * 1024;
constexpr std::uint64_t kVhdxSecondHeaderAt = 128 * 1024;
constexpr std::uint64_t kVhdxHeaderBytes = 4096;
constexpr std::uint64_t kVhdxRegionsAt = 192 * 1024;
constexpr std::uint64_t kVhdxSecondRegionsAt = 256 * 1024;
constexpr std::uint64_t kVhdxRegionsBytes = 64 * 1024;
constexpr std::uint64_t kVhdxMetadataListBytes = 64 * 1024;
constexpr std::uint64_t kVhdxUnit = 1024 * 1024;
constexpr std::size_t kVhdxChecksumAt = 4;  // of headers and region lists: CRC-32C

constexpr std::string_view kVhdxMagic = "vhdxfile";
constexpr std::string_view kVhdxTableRegion = "2dc27766-f623-4200-9d64-115e9bfd4a08";
constexpr std::string_view kVhdxMetadataRegion = "8b7ca206-4790-4b9a-b8fe-575f050f886e";

constexpr std::string_view kVhdxFileParameters = "caa16737-fa36-4d43-b3b6-33f0aa44e76b";
constexpr std::string_view kVhdxDiskSize = "2fa54224-cd1b-4876-b211-5dbed83bf4b8";
constexpr std::string_view kVhdxDiskId = "beca12ab-b2e6-4523-93ef-c309e000c746";
constexpr std::string_view kVhdxSectorBytes = "8141bf1d-a96f-4709-ba47-f233a8faab5f";
constexpr std::string_view kVhdxPhysicalSectorBytes = "cda348c7-445d-4471-9cc9-e9885251c556";

// Of the file parameters.
constexpr std::uint32_t kVhdxFixed = 1;  ///< Blocks stay where they are even if discarded.
constexpr std::uint32_t kVhdxHasParent = 2;

/// Bits 0 to 2 of a block's entry; from bit 20 on it holds the place in MiB.
enum class VhdxState : std::uint8_t {
    not_present = 0,
    undefined = 1,
    zero = 2,
    unmapped = 3,
    fully_present = 6,
    partially_present = 7,
};

/// A GUID as it stands in the file, of one of the names above.
std::string vhdx_guid(std::string_view name);
std::string vhdx_guid(const Uuid& id);

/// Of headers and region lists; what stands in its place counts as zero.
std::uint32_t vhdx_checksum(std::string_view bytes);

/// How many blocks share a block of bits that says which of their sectors are there, and after
/// which the table therefore has one entry more ([MS-VHDX], 2.5, "chunk ratio").
constexpr std::uint64_t vhdx_chunk_blocks(std::uint64_t sector_bytes, std::uint64_t block_bytes) {
    return (std::uint64_t{1} << 23) * sector_bytes / block_bytes;
}

}  // namespace img::vdisk
