// Which user and group ids a sandbox has, and what they are outside.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace img::system {

/// A line of /proc/PID/uid_map.
struct IdExtent {
    std::uint32_t inside = 0;
    std::uint32_t outside = 0;
    std::uint32_t count = 0;

    bool operator==(const IdExtent&) const = default;
};

struct IdMaps {
    std::vector<IdExtent> users, groups;
};

/// For root: every id is itself. For an ordinary user: 0 is the user, and 1 to 65535 are the
/// user's subordinate ids. Fault::missing: the user has none; the sentence says how to get them.
Result<IdMaps> id_maps_for_us();

/// The first range of at least 65535 ids that a subuid(5) file gives to the user, or nothing.
IdExtent subordinate_range(std::string_view file_text, std::string_view user, uid_t uid);

/// Gives the process its ids; as an ordinary user by newuidmap and newgidmap (package uidmap).
Result<void> apply_id_maps(pid_t pid, const IdMaps& maps);

}  // namespace img::system
