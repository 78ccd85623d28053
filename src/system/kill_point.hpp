// Places where a test ends the program as a power cut would.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace img::system {

/// Every place, by module and by what has just happened there. tests/e2e/kill_points_test.py runs
/// through all of them on every kind of store and broker.
inline constexpr std::array<std::string_view, 31> kKillPoints{
    // the service
    "submit.folder-made", "submit.row-added", "door.job-added", "assign.chosen", "assign.sent",
    "again.moved", "start.moved", "beat.heard", "log.written", "finish.log-closed", "finish.moved",
    "status.sent", "cancel.moved", "lost.fenced", "lost.moved", "upload.received",
    "upload.published", "retention.marked", "retention.removed", "leftovers.closed",
    // a worker
    "take.taken", "take.started", "take.kept", "build.begun", "beat.sent", "publish.synchronised",
    "publish.part", "publish.object", "publish.half", "publish.done", "finish.sent"};

/// A name of the list above; any other does not compile.
class KillPoint {
public:
    consteval KillPoint(const char* name) : name_(name) {
        if (std::ranges::find(kKillPoints, name_) == kKillPoints.end()) {
            throw "no such kill point: add it to kKillPoints";
        }
    }
    std::string_view name() const { return name_; }

private:
    std::string_view name_;
};

/// Ends the program by SIGKILL if IMG_KILL_AT in its environment is "<name>", or "<name>:<n>" for
/// the n-th time that it passes here. Without that variable it is one comparison.
void kill_point(KillPoint point);

}  // namespace img::system
