// How much room a folder's content takes, and how large a file system must be to hold it.
#pragma once

#include "base/result.hpp"
#include "volume/file_system.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace img::volume {

struct ContentSize {
    std::uint64_t bytes = 0;         ///< Of files and folders, each rounded up to 4 KiB.
    std::uint64_t inodes = 0;        ///< Hard links of one file count once.
    std::uint64_t linked_bytes = 0;  ///< What its further hard links would take as copies.
    std::uint64_t linked_inodes = 0;
    std::vector<std::string> with_capabilities{};  ///< Files, as paths inside the folder.
    std::vector<std::string> sockets{};            ///< Which no mkfs can store.
};

/// Looks at every name below `folder`, the folder included, and follows no symbolic link.
/// Fault::missing: there is no such folder; Fault::broken: part of it cannot be read.
Result<ContentSize> measure(const std::filesystem::path& folder);

/// A size in bytes at which the file system surely holds the content: its own tables, its journal
/// and a margin are in it. FileSystem::none and swap need nothing.
std::uint64_t needed_bytes(FileSystem kind, const ContentSize& content);

}  // namespace img::volume
