// How much memory and disk this machine has left, and how much of the rest our builds use.
#pragma once

#include "worker/reservation.hpp"

#include <filesystem>
#include <string_view>

namespace img::worker {

/// Of this machine: memory that can be had without swapping, within the limits of our control
/// group; disk of the file system that holds `work`. What builds use is the memory of all
/// processes below this one, and the files under `work`. Fault::broken: it cannot be read.
Result<Measured> measure_room(const std::filesystem::path& work);

/// Bytes that the kernel says can be had without swapping: MemAvailable of the text of
/// /proc/meminfo; 0 where it is not in it.
std::uint64_t available_memory(std::string_view meminfo);

/// Bytes left below memory.max in the control group `path` (as /proc/self/cgroup names it) and in
/// each above it, under the cgroup2 mount `root`. Page cache that nobody works with
/// (inactive_file) counts as left. Without any limit: all that 64 bits can say.
std::uint64_t control_group_room(const std::filesystem::path& root, std::string_view path);

/// Resident bytes of every process that came of this one; pages they share are counted once in
/// each, so it is rather too much.
std::uint64_t memory_of_descendants();

/// Bytes on the disk of the plain files below `folder`; of the first 500 000, for measuring must
/// not take longer than building.
std::uint64_t disk_usage(const std::filesystem::path& folder);

}  // namespace img::worker
