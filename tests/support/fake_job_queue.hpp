<<<<<<< HEAD
// A JobQueue whose messages a test looks at and hands over itself.
#pragma once

#include "jobs/job_queue.hpp"
#include "jobs/listeners.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <vector>
=======
// A JobQueue in memory: orders are kept for the test, reports go to whoever listens, at once.
#pragma once

#include "jobs/job_queue.hpp"

#include <deque>
#include <mutex>
#include <utility>
>>>>>>> h-web

namespace img::testing {

class FakeJobQueue : public jobs::JobQueue {
public:
<<<<<<< HEAD
    std::atomic<bool> durable = false;
    std::atomic<bool> is_away = false;  ///< Every send fails.

    Result<void> send(const jobs::BuildOrder& order) override { return keep(builds_, order); }
    Result<void> send(const jobs::CancelOrder& order) override { return keep(cancels_, order); }
    /// Calls the handler before it returns, so that a test may look right after.
    Result<void> send(const jobs::Report& report) override {
        if (on_report_) {
            on_report_->call(report);
        }
        return {};
    }
    Result<std::optional<jobs::BuildOrder>> take(std::chrono::milliseconds) override {
        return std::nullopt;
    }
    bool is_durable() const override { return durable; }
    Token on_cancel(std::function<void(const jobs::CancelOrder&)>) override { return {}; }
    Token on_report(std::function<void(const jobs::Report&)> handler) override {
        on_report_ = std::make_shared<jobs::Listener<const jobs::Report&>>(std::move(handler));
        return jobs::token_for(on_report_, [] {});
    }

    /// All orders so far, once there are `count` or ten seconds have passed.
    std::vector<jobs::BuildOrder> builds(std::size_t count) { return wait(builds_, count); }
    std::vector<jobs::CancelOrder> cancels(std::size_t count) { return wait(cancels_, count); }

private:
    template <typename Order>
    Result<void> keep(std::vector<Order>& kept, const Order& order) {
        const std::lock_guard lock(mutex_);
        if (is_away) {
            return fail(Fault::transient, "the queue is away");
        }
        kept.push_back(order);
        changed_.notify_all();
        return {};
    }
    template <typename Order>
    std::vector<Order> wait(const std::vector<Order>& kept, std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::seconds(10), [&] { return kept.size() >= count; });
        return kept;
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<jobs::BuildOrder> builds_;
    std::vector<jobs::CancelOrder> cancels_;
    std::shared_ptr<jobs::Listener<const jobs::Report&>> on_report_;
=======
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
>>>>>>> h-web
};

}  // namespace img::testing
