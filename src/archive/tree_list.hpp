// What is in a folder, in one order and with what makes each thing what it is.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace img::archive {

/// A name in the tree. Names of one file (hard links) share everything but `name`.
struct TreeEntry {
    std::string name;        ///< Below the folder: "usr/bin/ping"; the folder itself: ".".
    mode_t mode = 0;         ///< Type and permissions.
    std::uint64_t user = 0;  ///< Ids as this process sees them.
    std::uint64_t group = 0;
    std::uint64_t size_bytes = 0;    ///< Of a regular file; else 0.
    std::int64_t modified = 0;       ///< Seconds.
    std::uint32_t nanoseconds = 0;   ///< Beside them.
    std::uint32_t device_major = 0;  ///< Of a device node.
    std::uint32_t device_minor = 0;
    std::string target;  ///< Of a symbolic link.
    /// Extended ones, sorted by name: "security.capability".
    std::vector<std::pair<std::string, std::string>> attributes;
    std::uint64_t file = 0;              ///< Which file it is: from 1 on, in the order of names.
    std::uint32_t links = 1;             ///< Names that the file has in this tree.
    bool last_link = true;               ///< No later entry is the same file.
    std::optional<std::size_t> first{};  ///< An earlier entry of the same file.
};

struct TreeList {
    std::vector<TreeEntry> entries;    ///< A folder before what is in it, names by their bytes.
    std::uint64_t content_bytes = 0;   ///< Of regular files, each once.
    std::vector<std::string> sockets;  ///< Left out: they live with the process that made them.
};

/// The whole of a folder; symbolic links are not followed. Nothing is younger than `epoch`
/// (seconds). Fault::missing: there is no such folder; Fault::broken: part of it cannot be read.
Result<TreeList> list_tree(const std::filesystem::path& folder, std::int64_t epoch);

}  // namespace img::archive
