// A JobQueue in memory: orders are kept for the test, reports go to whoever listens, at once.
#pragma once

#include "jobs/job_queue.hpp"

#include <deque>
#include <mutex>
#include <utility>

namespace img::testing {

class FakeJobQueue : public jobs::JobQueue {
public:
    bool is_durable() const override { return true; }
    Result<void> send(const jobs::BuildOrder& order) override {
        const std::lock_guard lock(mutex_);
        orders_.push_back(order);
        return {};
    }
    Result<void> send(const jobs::CancelOrder& order) override {
        const auto handler = std::as_const(on_cancel_);
        if (handler) {
            handler(order);
        }
        return {};
    }
    Result<void> send(const jobs::Report& report) override {
        const auto handler = std::as_const(on_report_);
        if (handler) {
            handler(report);
        }
        return {};
    }
    Result<std::optional<jobs::BuildOrder>> take(std::chrono::milliseconds /*wait*/) override {
        const std::lock_guard lock(mutex_);
        if (orders_.empty()) {
            return std::optional<jobs::BuildOrder>();
        }
        auto order = std::move(orders_.front());
        orders_.pop_front();
        return std::optional(std::move(order));
    }
    Token on_cancel(std::function<void(const jobs::CancelOrder&)> handler) override {
        on_cancel_ = std::move(handler);
        return token(on_cancel_);
    }
    Token on_report(std::function<void(const jobs::Report&)> handler) override {
        on_report_ = std::move(handler);
        return token(on_report_);
    }

private:
    template <typename Handler>
    static Token token(Handler& handler) {
        return {&handler, [](Handler* gone) { *gone = {}; }};
    }

    std::mutex mutex_;
    std::deque<jobs::BuildOrder> orders_;
    std::function<void(const jobs::CancelOrder&)> on_cancel_;
    std::function<void(const jobs::Report&)> on_report_;
};

}  // namespace img::testing
