// How often something is tried again, and how long between.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace img::artifacts {

class Patience {
public:
    /// `tries` in all; each pause is twice as long as the one before.
    Patience(unsigned tries, std::chrono::milliseconds pause) : left_(tries), pause_(pause) {}

    /// False: that was the last try, or `stop`.
    bool wait(const std::stop_token& stop) {
        if (left_ <= 1 || stop.stop_requested()) {
            return false;
        }
        --left_;
        std::mutex mutex;
        std::condition_variable_any bell;
        std::unique_lock lock(mutex);
        bell.wait_for(lock, stop, pause_, [] { return false; });
        pause_ *= 2;
        return !stop.stop_requested();
    }

private:
    unsigned left_;
    std::chrono::milliseconds pause_;
};

}  // namespace img::artifacts
