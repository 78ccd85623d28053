// Archives, packed or not, gone through once: what matters of their files is kept.
#pragma once

#include "base/result.hpp"
#include "inspect/file_tree.hpp"
#include "vdisk/disk_source.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace img::inspect {

struct ArchiveContent {
    std::string format{};  ///< "tar", "cpio".
    std::uint64_t files = 0;
    std::uint64_t content_bytes = 0;   ///< Of all its files together.
    std::unique_ptr<FileTree> tree;    ///< Only files that an inspection asks for.
    std::vector<std::string> disks{};  ///< Names of virtual disks in it, as an OVA has.
    std::vector<std::string> remarks{};
};

/// tar or cpio, in any compression that libarchive takes off. Fault::invalid: it is neither.
/// Bounded in entries, in what is kept and in what is unpacked on the way.
Result<ArchiveContent> read_archive(const vdisk::DiskSource& source);

}  // namespace img::inspect
