// How a chip of flash memory is divided, and what UBI leaves of it for volumes: arithmetic only.
#pragma once

#include "base/byte_size.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace img::volume {

/// A chip, or the part of one (an MTD partition) that an image is for:
///
///     erase block   |EC header| … |VID header| … |data, a logical erase block        |
///     offset        0             vid_header_offset()  data_offset()          peb_bytes
///
/// Both headers are UBI's, 64 bytes each; each lies at the start of a unit that can be written by
/// itself, and so does the data.
struct FlashGeometry {
    std::uint64_t peb_bytes = 128 * kKiB;  ///< Of a physical erase block.
    std::uint64_t page_bytes = 2048;       ///< The least that is written at once; NOR: 1.
    std::uint64_t subpage_bytes = 2048;    ///< The same for UBI's headers, where pages have parts.
    std::uint64_t blocks = 1024;           ///< Erase blocks, bad ones counted.
    /// Of these, kept for blocks that go bad. Empty: 20 of 1024, rounded up, as Linux keeps
    /// (CONFIG_MTD_UBI_BEB_LIMIT); none where pages are of one byte, as NOR flash has no bad
    /// blocks.
    std::optional<std::uint64_t> reserved_blocks{};

    std::uint64_t vid_header_offset() const;
    std::uint64_t data_offset() const;
    std::uint64_t leb_bytes() const { return peb_bytes - data_offset(); }
    std::uint64_t bad_block_reserve() const;
    /// Logical erase blocks that volumes can have: without the reserve, the two that hold UBI's
    /// table of volumes, one for wear-levelling, one for changing a block as a whole.
    std::uint64_t usable_lebs() const;
    bool is_nor() const { return page_bytes == 1; }
    bool operator==(const FlashGeometry&) const = default;
};

/// Fault::invalid: there is no such chip, or none that UBI and UBIFS can use; the sentence says
/// why.
Result<void> check_geometry(const FlashGeometry& geometry);

struct FlashProfile {
    std::string_view name;
    std::string_view what;  ///< A line for people.
    FlashGeometry geometry;
};

/// By name; the first is what is taken where nobody says which.
std::span<const FlashProfile> flash_profiles();

/// Fault::invalid: no such profile; the sentence names the nearest one, or all.
Result<FlashProfile> find_flash_profile(std::string_view name);

}  // namespace img::volume
