#include "broker/memory_job_queue.hpp"

#include <algorithm>

namespace img::broker {
namespace {

using jobs::BuildOrder;
using jobs::CancelOrder;
using jobs::Presence;
using jobs::Report;

constexpr std::size_t kOrdersMax = 64;    // for one worker, of at most 4 MiB each
constexpr std::size_t kWorkersMax = 100;  // in one program there is one
constexpr std::size_t kCancelsMax = 10'000;
constexpr std::size_t kPresencesMax = 10'000;
constexpr std::size_t kReportsMax = 2000;  // of at most 64 KiB each

std::unexpected<Error> full(std::string_view what) {
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
void MemoryJobQueue::Channel<Message>::deliver(const std::stop_token& stop) {
    for (;;) {
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, stop, [this] { return !waiting_.empty(); })) {
            return;  // what is still waiting would have been lost with the program anyway
        }
        const Message message = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        listeners_.tell(message);
        if (stop.stop_requested()) {
            return;
        }
    }
}

MemoryJobQueue::MemoryJobQueue()
    : cancels_(kCancelsMax), reports_(kReportsMax), presences_(kPresencesMax) {}

Result<void> MemoryJobQueue::send(const BuildOrder& order) {
    {
        const std::lock_guard lock(orders_mutex_);
        const auto waiting = orders_.find(order.worker);
        if (waiting == orders_.end()) {
            return fail(Fault::missing, "queue: there is no worker " + order.worker);
        }
        if (waiting->second.size() >= kOrdersMax) {
            return full("orders");
        }
        waiting->second.push_back(order);
    }
    orders_changed_.notify_all();
    return {};
}

/// Also takes the job's order out of the queue, where it may still wait.
Result<void> MemoryJobQueue::send(const CancelOrder& order) {
    if (order.attempt == 0 && order.worker.empty()) {
        const std::lock_guard lock(orders_mutex_);
        for (auto& [worker, waiting] : orders_) {
            std::erase_if(waiting, [&](const BuildOrder& one) { return one.id == order.id; });
        }
    }
    return cancels_.send(order) ? Result<void>() : Result<void>(full("cancels"));
}

Result<void> MemoryJobQueue::send(const Report& report) {
    return reports_.send(report) ? Result<void>() : Result<void>(full("reports"));
}

Result<void> MemoryJobQueue::send(const Presence& presence) {
    {
        const std::lock_guard lock(orders_mutex_);
        if (presence.is_gone) {
            orders_.erase(presence.worker);
        } else if (orders_.size() < kWorkersMax) {
            orders_.try_emplace(presence.worker);
        }
    }
    return presences_.send(presence) ? Result<void>() : Result<void>(full("presences"));
}

Result<std::optional<BuildOrder>> MemoryJobQueue::take(const std::string& worker,
                                                       std::chrono::milliseconds wait) {
    std::unique_lock lock(orders_mutex_);
    if (orders_.size() >= kWorkersMax && !orders_.contains(worker)) {
        return full("workers");
    }
    orders_.try_emplace(worker);
    // Looked up each time: the worker may be forgotten while one of its threads waits here.
    const auto has_order = [&] {
        const auto waiting = orders_.find(worker);
        return waiting != orders_.end() && !waiting->second.empty();
    };
    if (!orders_changed_.wait_for(lock, wait, has_order)) {
        return std::nullopt;
    }
    auto& waiting = orders_.at(worker);
    auto order = std::move(waiting.front());
    waiting.pop_front();
    return order;
}

jobs::JobQueue::Token MemoryJobQueue::on_cancel(std::function<void(const CancelOrder&)> handler) {
    return cancels_.listen(std::move(handler));
}

jobs::JobQueue::Token MemoryJobQueue::on_report(
    std::function<void(const Report&, const Receipt&)> handler) {
    return reports_.listen(
        [handler = std::move(handler)](const Report& report) { handler(report, [] {}); });
}

jobs::JobQueue::Token MemoryJobQueue::on_presence(std::function<void(const Presence&)> handler) {
    return presences_.listen(std::move(handler));
}

}  // namespace img::broker
