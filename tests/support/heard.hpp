// What a handler was told, from whichever thread, and a way to wait for it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <vector>

namespace img::testing {

template <typename Message>
class Heard {
public:
    void operator()(const Message& message) {
        {
            const std::lock_guard lock(mutex_);
            messages_.push_back(message);
        }
        changed_.notify_all();
    }
    /// All messages so far, once there are `count` of them or ten seconds have passed.
    std::vector<Message> wait_for(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::seconds(10),
                          [&] { return messages_.size() >= count; });
        return messages_;
    }
    std::size_t size() {
        const std::lock_guard lock(mutex_);
        return messages_.size();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Message> messages_;
};

}  // namespace img::testing
