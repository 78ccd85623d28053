// Archives, packed or not, gone through once: what matters of their files is kept.
#pragma once

#include "base/result.hpp"
#include "filetree/archive_stream.hpp"
#include "filetree/filetree.hpp"
#include "vdisk/disk_source.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace img::filetree {

struct ArchiveContent {
    std::string format{};  ///< "tar", "cpio".
    std::uint64_t files = 0;
    std::uint64_t content_bytes = 0;   ///< Of all its files together.
    std::unique_ptr<FileTree> tree;    ///< Only files of which bytes are kept.
    std::vector<std::string> disks{};  ///< Names of virtual disks in it, as an OVA has.
    std::vector<std::string> remarks{};
};

/// How many bytes of a file are kept, from its beginning; 0: the tree goes without it. The path has
/// no slash at its beginning.
using BytesKept = std::function<std::size_t(std::string_view path)>;

/// tar or cpio, packed as ArchiveStream has it. Fault::invalid: it is neither. Bounded in entries,
/// in what is kept, and by `inflated_max` in what is unpacked on the way.
Result<ArchiveContent> read_archive(const vdisk::DiskSource& source,
                                    const std::string& packing,
                                    const BytesKept& bytes_kept,
                                    std::uint64_t inflated_max = kInflatedMax);

}  // namespace img::filetree
