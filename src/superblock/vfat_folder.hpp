// Folders and files of a FAT file system, chain by chain.
#pragma once

#include "base/result.hpp"
#include "superblock/vfat_geometry.hpp"
#include "vdisk/disk_source.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace img::superblock {

/// Entries of a folder beyond this are left out.
constexpr std::size_t kVfatEntriesMax = 4096;

struct VfatEntry {
    std::string name{};  ///< The long one, or "GRUB.CFG" in the case that its maker marked.
    bool folder = false;
    bool label = false;  ///< No file: the name is the file system's label.
    std::uint32_t first_cluster = 0;
    std::uint32_t size_bytes = 0;
};

/// Reads chains of clusters; `part` outlives it.
class VfatReader {
public:
    VfatReader(const vdisk::DiskSource& part, VfatGeometry geometry)
        : part_(&part), geometry_(std::move(geometry)) {}

    /// What stands in the folder that begins in `first_cluster`; 0: the root. At most
    /// kVfatEntriesMax.
    Result<std::vector<VfatEntry>> folder(std::uint32_t first_cluster) const;

    /// At most `bytes_max` bytes of the chain that begins in `first_cluster`.
    Result<std::string> content(std::uint32_t first_cluster, std::size_t bytes_max) const;

    /// Where the first `size_bytes` of the chain stand, if its clusters follow one another.
    Result<std::optional<vdisk::Extent>> place(std::uint32_t first_cluster,
                                               std::uint64_t size_bytes) const;

    /// Clusters that no chain uses, counted in the FAT; FAT32: as its information sector says.
    Result<std::optional<std::uint64_t>> free_clusters() const;

private:
    Result<std::uint32_t> next(std::uint32_t cluster) const;
    bool in_use(std::uint32_t cluster) const;
    std::uint64_t start_of(std::uint32_t cluster) const;

    const vdisk::DiskSource* part_;
    VfatGeometry geometry_;
    mutable std::string window_;  ///< The piece of the FAT that was read last.
    mutable std::uint64_t window_start_ = 0;
};

}  // namespace img::superblock
