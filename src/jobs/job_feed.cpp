#include "jobs/job_feed.hpp"

#include <vector>

namespace img::jobs {

std::shared_ptr<void> JobFeed::watch(const std::string& id, std::function<void()> changed) {
    auto listener = std::make_shared<Listener<>>(std::move(changed));
    const std::lock_guard lock(watchers_->mutex);
    const auto place = watchers_->by_job.emplace(id, listener);
    return token_for(listener, [watchers = watchers_, place] {
        const std::lock_guard forgetting(watchers->mutex);
        watchers->by_job.erase(place);
    });
}

void JobFeed::announce(const std::string& id) {
    std::vector<std::shared_ptr<Listener<>>> listeners;
    {
        const std::lock_guard lock(watchers_->mutex);
        const auto [first, last] = watchers_->by_job.equal_range(id);
        for (auto at = first; at != last; ++at) {
            listeners.push_back(at->second);
        }
    }
    for (const auto& listener : listeners) {
        listener->call();  // outside the lock: a watcher may watch something else
    }
}

void JobFeed::announce_all(std::chrono::milliseconds pause) {
    std::vector<std::shared_ptr<Listener<>>> listeners;
    {
        const std::lock_guard lock(watchers_->mutex);
        const auto now = std::chrono::steady_clock::now();
        if (now - watchers_->all_told < pause) {
            return;
        }
        watchers_->all_told = now;
        for (const auto& [id, listener] : watchers_->by_job) {
            listeners.push_back(listener);
        }
    }
    for (const auto& listener : listeners) {
        listener->call();
    }
}

}  // namespace img::jobs
