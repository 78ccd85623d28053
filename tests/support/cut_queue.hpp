// A JobQueue that a test cuts off and joins again, as a broker that is away for a while.
#pragma once

#include "jobs/job_queue.hpp"

#include <atomic>

namespace img::testing {

/// Passes everything on to a real queue, but for what is sent while it is cut off.
class CutQueue : public jobs::JobQueue {
public:
    explicit CutQueue(jobs::JobQueue& queue) : queue_(queue) {}

    std::atomic<bool> is_cut = false;
    std::atomic<unsigned> kept = 0;  ///< Orders, by keep().

    Result<void> send(const jobs::BuildOrder& order) override { return pass(order); }
    Result<void> send(const jobs::CancelOrder& order) override { return pass(order); }
    Result<void> send(const jobs::Report& report) override { return pass(report); }
    Result<void> send(const jobs::Presence& presence) override { return pass(presence); }
    Result<std::optional<jobs::BuildOrder>> take(const std::string& worker,
                                                 std::chrono::milliseconds wait) override {
        return queue_.take(worker, wait);
    }
    Result<void> keep(const jobs::BuildOrder& order) override {
        ++kept;
        return queue_.keep(order);
    }
    Token on_cancel(std::function<void(const jobs::CancelOrder&)> handler) override {
        return queue_.on_cancel(std::move(handler));
    }
    using JobQueue::on_report;
    Token on_report(std::function<void(const jobs::Report&, const Receipt&)> handler) override {
        return queue_.on_report(std::move(handler));
    }
    bool hears_reports() override { return queue_.hears_reports(); }
    Token on_presence(std::function<void(const jobs::Presence&)> handler) override {
        return queue_.on_presence(std::move(handler));
    }

private:
    template <typename Message>
    Result<void> pass(const Message& message) {
        return is_cut ? fail(Fault::transient, "the queue is cut off") : queue_.send(message);
    }

    jobs::JobQueue& queue_;
};

}  // namespace img::testing
