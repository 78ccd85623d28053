#include "worker/presence_sender.hpp"

#include <algorithm>

namespace img::worker {
namespace {

constexpr auto kRetryPause = std::chrono::milliseconds(1'000);

}  // namespace

PresenceSender::PresenceSender(jobs::JobQueue& queue, Look look, std::chrono::milliseconds pause)
    : queue_(queue),
      look_(std::move(look)),
      pause_(pause),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

PresenceSender::~PresenceSender() {
    thread_ = {};
    auto last = look_();
    last.free = 0;
    last.is_leaving = last.is_gone = true;
    // Where the queue is away the service learns it by silence.
    (void)queue_.send(last);
}

void PresenceSender::ring() {
    const std::lock_guard lock(mutex_);
    is_rung_ = true;
    changed_.notify_one();
}

void PresenceSender::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        const bool is_sent = queue_.send(look_()).has_value();
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, stop, is_sent ? pause_ : std::min(pause_, kRetryPause),
                          [this] { return is_rung_; });
        is_rung_ = false;
    }
}

}  // namespace img::worker
