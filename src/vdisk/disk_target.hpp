// What a virtual disk's file is to be, whatever its format, and what became of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace img::vdisk {

struct DiskTarget {
    std::filesystem::path file;
    std::string subformat{};  ///< As qemu-img names it: "streamOptimized"; empty: the usual one.
    /// UUIDs and content ids follow from it. Empty: from the disk's content, by a SHA-256 of its
    /// size and of the blocks that are not all zeros, so that the same disk gets the same ids
    /// whatever file it is read from.
    std::string seed{};
    std::int64_t epoch = 0;  ///< Every time stamp that is written, seconds since 1970.
    /// Hears how far it is, in bytes of the disk; called from the thread that writes.
    std::function<void(std::uint64_t done_bytes, std::uint64_t total_bytes)> progress{};
    std::stop_token stop{};  ///< Asked once a block.
};

struct WrittenDisk {
    std::vector<std::filesystem::path> files{};  ///< The one to open first.
    std::uint64_t written_bytes = 0;             ///< The rest of them is holes.
};

}  // namespace img::vdisk
