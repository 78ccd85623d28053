// Tells those who watch a job that there is something new of it.
#pragma once

#include "jobs/listeners.hpp"

#include <chrono>
#include <map>
#include <string>

namespace img::jobs {

/// Watchers are told *that* something changed and look for themselves, so a slow one costs
/// nothing and a missed call loses nothing. Safe to call from several threads.
class JobFeed {
public:
    /// Called after each change of the job, from the thread that made it: be quick. Nothing is
    /// called any more once the token is gone; the token may outlive the feed.
    std::shared_ptr<void> watch(const std::string& id, std::function<void()> changed);
    void announce(const std::string& id);
    /// To all watchers of every job, but only if that was not done within `pause`: for changes that
    /// another program makes, of which nobody tells us.
    void announce_all(std::chrono::milliseconds pause);

private:
    struct Watchers {
        std::mutex mutex;
        std::multimap<std::string, std::shared_ptr<Listener<>>> by_job;
        std::chrono::steady_clock::time_point all_told{};
    };
    std::shared_ptr<Watchers> watchers_ = std::make_shared<Watchers>();
};

}  // namespace img::jobs
