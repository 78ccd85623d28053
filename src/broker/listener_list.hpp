// Everybody in this program who wants to hear messages of one kind.
#pragma once

#include "jobs/job_queue.hpp"
#include "jobs/listeners.hpp"

#include <list>
#include <memory>
#include <mutex>
#include <vector>

namespace img::broker {

/// Tokens may outlive it.
template <typename... Messages>
class ListenerList {
public:
    jobs::JobQueue::Token add(std::function<void(const Messages&...)> handler) {
        auto listener = std::make_shared<Listener>(std::move(handler));
        const std::lock_guard lock(shared_->mutex);
        const auto place = shared_->all.insert(shared_->all.end(), listener);
        return jobs::token_for(listener, [shared = shared_, place] {
            const std::lock_guard forgetting(shared->mutex);
            shared->all.erase(place);
        });
    }

    /// False: nobody was there to hear it.
    bool tell(const Messages&... messages) const {
        std::vector<std::shared_ptr<Listener>> now;
        {
            const std::lock_guard copying(shared_->mutex);
            now.assign(shared_->all.begin(), shared_->all.end());
        }
        for (const auto& listener : now) {
            listener->call(messages...);
        }
        return !now.empty();
    }

    bool is_empty() const {
        const std::lock_guard lock(shared_->mutex);
        return shared_->all.empty();
    }

private:
    using Listener = jobs::Listener<const Messages&...>;
    struct Shared {
        std::mutex mutex;
        std::list<std::shared_ptr<Listener>> all;
    };
    std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace img::broker
