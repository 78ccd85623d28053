#include "broker/memory_job_queue.hpp"

#include <algorithm>
#include <vector>

namespace img::broker {
namespace {

using jobs::BuildOrder;
using jobs::CancelOrder;
using jobs::Report;

constexpr std::size_t kOrdersMax = 1000;  // of at most 4 MiB each; the rest waits in the outbox
constexpr std::size_t kCancelsMax = 10'000;
constexpr std::size_t kReportsMax = 2000;  // of at most 64 KiB each

Result<void> full(std::string_view what) {
    return fail(Fault::transient, "queue: it is full of " + std::string(what) + ", try again");
}

}  // namespace

template <typename Message>
MemoryJobQueue::Channel<Message>::Channel(std::size_t most)
    : most_(most), thread_([this](const std::stop_token& stop) { deliver(stop); }) {}

template <typename Message>
bool MemoryJobQueue::Channel<Message>::send(const Message& message) {
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.size() >= most_) {
            return false;
        }
        waiting_.push_back(message);
    }
    changed_.notify_one();
    return true;
}

template <typename Message>
jobs::JobQueue::Token MemoryJobQueue::Channel<Message>::listen(
    std::function<void(const Message&)> handler) {
    auto listener = std::make_shared<Listener>(std::move(handler));
    const std::lock_guard lock(listeners_->mutex);
    const auto place = listeners_->all.insert(listeners_->all.end(), listener);
    return jobs::token_for(listener, [listeners = listeners_, place] {
        const std::lock_guard forgetting(listeners->mutex);
        listeners->all.erase(place);
    });
}

template <typename Message>
void MemoryJobQueue::Channel<Message>::deliver(const std::stop_token& stop) {
    for (;;) {
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, stop, [this] { return !waiting_.empty(); })) {
            return;  // what is still waiting would have been lost with the program anyway
        }
        const Message message = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        std::vector<std::shared_ptr<Listener>> now;
        {
            const std::lock_guard copying(listeners_->mutex);
            now.assign(listeners_->all.begin(), listeners_->all.end());
        }
        for (const auto& listener : now) {
            listener->call(message);
        }
        if (stop.stop_requested()) {
            return;
        }
    }
}

MemoryJobQueue::MemoryJobQueue() : cancels_(kCancelsMax), reports_(kReportsMax) {}

Result<void> MemoryJobQueue::send(const BuildOrder& order) {
    {
        const std::lock_guard lock(orders_mutex_);
        if (orders_.size() >= kOrdersMax) {
            return full("orders");
        }
        orders_.push_back(order);
    }
    orders_changed_.notify_one();
    return {};
}

/// Also takes the job's order out of the queue, where one may have waited for days.
Result<void> MemoryJobQueue::send(const CancelOrder& order) {
    if (order.attempt == 0 && order.worker.empty()) {
        const std::lock_guard lock(orders_mutex_);
        std::erase_if(orders_, [&](const BuildOrder& waiting) { return waiting.id == order.id; });
    }
    return cancels_.send(order) ? Result<void>() : full("cancels");
}

Result<void> MemoryJobQueue::send(const Report& report) {
    return reports_.send(report) ? Result<void>() : full("reports");
}

Result<std::optional<BuildOrder>> MemoryJobQueue::take(std::chrono::milliseconds wait) {
    std::unique_lock lock(orders_mutex_);
    if (!orders_changed_.wait_for(lock, wait, [this] { return !orders_.empty(); })) {
        return std::nullopt;
    }
    auto order = std::move(orders_.front());
    orders_.pop_front();
    return order;
}

jobs::JobQueue::Token MemoryJobQueue::on_cancel(std::function<void(const CancelOrder&)> handler) {
    return cancels_.listen(std::move(handler));
}

jobs::JobQueue::Token MemoryJobQueue::on_report(std::function<void(const Report&)> handler) {
    return reports_.listen(std::move(handler));
}

}  // namespace img::broker
