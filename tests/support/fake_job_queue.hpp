// A JobQueue whose messages a test looks at and hands over itself.
#pragma once

#include "jobs/job_queue.hpp"
#include "jobs/listeners.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace img::testing {

class FakeJobQueue : public jobs::JobQueue {
public:
    std::atomic<bool> is_away = false;  ///< Every order fails to be sent.
    std::atomic<bool> is_deaf = false;  ///< No report can be heard.
    std::atomic<int> unheard = 0;       ///< Reports without a receipt.

    /// Orders for this worker are refused from now on.
    void forget(const std::string& worker) {
        const std::lock_guard lock(mutex_);
        gone_.insert(worker);
    }

    Result<void> send(const jobs::BuildOrder& order) override {
        {
            const std::lock_guard lock(mutex_);
            if (gone_.contains(order.worker)) {
                return fail(Fault::missing, "queue: there is no worker " + order.worker);
            }
        }
        return note(builds_, order);
    }
    Result<void> send(const jobs::CancelOrder& order) override { return note(cancels_, order); }
    /// Calls the handler before it returns, so that a test may look right after.
    Result<void> send(const jobs::Report& report) override {
        if (on_report_) {
            ++unheard;
            on_report_->call(report, [this] { --unheard; });
        }
        return {};
    }
    /// As a report: whoever listens has heard it when this returns.
    Result<void> send(const jobs::Presence& presence) override {
        if (on_presence_) {
            on_presence_->call(presence);
        }
        return {};
    }
    Result<std::optional<jobs::BuildOrder>> take(const std::string&,
                                                 std::chrono::milliseconds) override {
        return std::nullopt;
    }
    Result<void> keep(const jobs::BuildOrder&) override { return {}; }
    Token on_cancel(std::function<void(const jobs::CancelOrder&)>) override { return {}; }
    using JobQueue::on_report;
    Token on_report(std::function<void(const jobs::Report&, const Receipt&)> handler) override {
        on_report_ = std::make_shared<ReportListener>(std::move(handler));
        return jobs::token_for(on_report_, [] {});
    }
    bool hears_reports() override { return !is_deaf; }
    Token on_presence(std::function<void(const jobs::Presence&)> handler) override {
        on_presence_ = std::make_shared<jobs::Listener<const jobs::Presence&>>(std::move(handler));
        return jobs::token_for(on_presence_, [] {});
    }

    /// All orders so far, once there are `count` or ten seconds have passed.
    std::vector<jobs::BuildOrder> builds(std::size_t count) { return wait(builds_, count); }
    std::vector<jobs::CancelOrder> cancels(std::size_t count) { return wait(cancels_, count); }

private:
    template <typename Order>
    Result<void> note(std::vector<Order>& kept, const Order& order) {
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
    std::set<std::string> gone_;
    using ReportListener = jobs::Listener<const jobs::Report&, const Receipt&>;
    std::shared_ptr<ReportListener> on_report_;
    std::shared_ptr<jobs::Listener<const jobs::Presence&>> on_presence_;
};

}  // namespace img::testing
