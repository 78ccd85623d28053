// What a worker says of itself: where it is, what it can build, and whether it has room.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace img::jobs {

/// Sent when a worker starts, every 10 s, whenever a slot is taken or freed, and when it stops.
/// Three that do not come mean that it is gone.
struct Presence {
    std::string worker{};  ///< Another one each time the program starts.
    std::string host{};    ///< For people.
    std::string version{};
    unsigned slots = 1;  ///< Builds at a time.
    unsigned free = 1;   ///< Slots that could begin a build now: room in memory and on disk.
    /// Why a free slot cannot be used, "disk: 2 GB free, a build needs 4 GB".
    std::string shortage{};
    std::vector<std::string> architectures{"amd64"};
    std::vector<std::string> image_types{};  ///< Empty: all.
    /// For executors that boot guests; ours needs none, and never says so.
    bool has_kvm = false;
    bool is_leaving = false;  ///< Finishes what it has and takes nothing more.
    bool is_gone = false;     ///< Its last word.
    /// The attempts that it is building: <id>.<attempt>.
    std::vector<std::string> building{};
};

}  // namespace img::jobs
