// What every JobQueue must do, whatever carries the messages: one suite, a URL for each.
#pragma once

#include "jobs/job_queue.hpp"
#include "tests/support/heard.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace img::testing {

using OpenQueue = std::function<std::unique_ptr<jobs::JobQueue>()>;

class JobQueueSuite : public ::testing::TestWithParam<OpenQueue> {
protected:
    static constexpr auto kSoon = std::chrono::milliseconds(20);

    std::string take_id() {
        const auto order = queue_->take(std::chrono::seconds(5)).value();
        return order ? order->id : "none";
    }
    static jobs::Report log(std::uint64_t offset) {
        return {.id = "a", .worker = "w", .what = jobs::Report::Log{offset, "line\n"}};
    }

    std::unique_ptr<jobs::JobQueue> queue_ = GetParam()();
};

TEST_P(JobQueueSuite, HandsOutOrdersInTheOrderOfSending) {
    ASSERT_TRUE(queue_->send(jobs::BuildOrder{.id = "a", .attempt = 2, .request = {.name = "n"}}));
    ASSERT_TRUE(queue_->send(jobs::BuildOrder{.id = "b"}));
    const auto first = queue_->take(std::chrono::seconds(5)).value();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->id, "a");
    EXPECT_EQ(first->attempt, 2u);
    EXPECT_EQ(first->request.name, "n");
    EXPECT_EQ(take_id(), "b");
}

TEST_P(JobQueueSuite, HasNothingAfterTheWaitWhenNothingWasSent) {
    EXPECT_EQ(queue_->take(kSoon).value(), std::nullopt);
}

TEST_P(JobQueueSuite, WakesAWorkerThatWaits) {
    std::string taken;
    {
        const std::jthread worker([&] { taken = take_id(); });
        std::this_thread::sleep_for(kSoon);
        ASSERT_TRUE(queue_->send(jobs::BuildOrder{.id = "a"}));
    }
    EXPECT_EQ(taken, "a");
}

TEST_P(JobQueueSuite, GivesEachOrderToOneWorker) {
    constexpr int kOrders = 200;
    std::vector<std::string> taken;
    std::mutex mutex;
    {
        std::vector<std::jthread> workers;
        for (int i = 0; i < 4; ++i) {
            workers.emplace_back([&] {
                while (const auto order = queue_->take(std::chrono::milliseconds(300)).value()) {
                    const std::lock_guard lock(mutex);
                    taken.push_back(order->id);
                }
            });
        }
        for (int i = 0; i < kOrders; ++i) {
            ASSERT_TRUE(queue_->send(jobs::BuildOrder{.id = std::to_string(i)}));
        }
    }
    EXPECT_EQ(taken.size(), static_cast<std::size_t>(kOrders));
    std::ranges::sort(taken);
    EXPECT_EQ(std::ranges::adjacent_find(taken), taken.end());
}

TEST_P(JobQueueSuite, DeliversReportsInOrderAndWhole) {
    Heard<jobs::Report> heard;
    const auto token = queue_->on_report(std::ref(heard));
    constexpr std::uint64_t kReports = 500;
    for (std::uint64_t i = 0; i < kReports; ++i) {
        ASSERT_TRUE(queue_->send(log(i)));
    }
    const auto reports = heard.wait_for(kReports);
    ASSERT_EQ(reports.size(), kReports);
    for (std::uint64_t i = 0; i < kReports; ++i) {
        EXPECT_EQ(std::get<jobs::Report::Log>(reports[i].what).offset, i);
    }
    EXPECT_EQ(reports[0].worker, "w");
    EXPECT_EQ(std::get<jobs::Report::Log>(reports[0].what).text, "line\n");
}

TEST_P(JobQueueSuite, TellsEveryWorkerOfACancel) {
    Heard<jobs::CancelOrder> one, two;
    const auto first = queue_->on_cancel(std::ref(one));
    const auto second = queue_->on_cancel(std::ref(two));
    ASSERT_TRUE(queue_->send(jobs::CancelOrder{.id = "a", .attempt = 3, .worker = "w"}));
    ASSERT_EQ(one.wait_for(1).size(), 1u);
    ASSERT_EQ(two.wait_for(1).size(), 1u);
    EXPECT_EQ(one.wait_for(1)[0].id, "a");
    EXPECT_EQ(one.wait_for(1)[0].attempt, 3u);
    EXPECT_EQ(one.wait_for(1)[0].worker, "w");
}

TEST_P(JobQueueSuite, CallsNobodyAfterTheTokenIsGone) {
    for (int round = 0; round < 50; ++round) {
        auto alive = std::make_unique<std::atomic<int>>(0);
        auto token = queue_->on_report([&alive](const jobs::Report&) { ++*alive; });
        const std::jthread sender([&] {
            for (std::uint64_t i = 0; i < 20; ++i) {
                ASSERT_TRUE(queue_->send(log(i)));
            }
        });
        std::this_thread::sleep_for(std::chrono::microseconds(100 * round));
        token.reset();
        alive.reset();  // a later call would be a use after free, which the sanitizer sees
    }
}

TEST_P(JobQueueSuite, LetsAHandlerSendAndLetGoOfItself) {
    Heard<jobs::Report> heard;
    const auto all = queue_->on_report(std::ref(heard));
    std::atomic<int> calls = 0;
    jobs::JobQueue::Token token;
    token = queue_->on_report([&](const jobs::Report&) {
        ++calls;
        EXPECT_TRUE(queue_->send(log(99)));
        token.reset();
    });
    ASSERT_TRUE(queue_->send(log(1)));
    ASSERT_EQ(heard.wait_for(2).size(), 2u);
    EXPECT_EQ(calls, 1);
}

TEST_P(JobQueueSuite, EndsWhileMessagesAreStillOnTheirWay) {
    Heard<jobs::Report> heard;
    const auto token = queue_->on_report([&](const jobs::Report& report) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        heard(report);
    });
    for (std::uint64_t i = 0; i < 200; ++i) {
        ASSERT_TRUE(queue_->send(log(i)));
    }
    queue_.reset();
    const auto then = heard.size();
    std::this_thread::sleep_for(kSoon);
    EXPECT_EQ(heard.size(), then);
}

}  // namespace img::testing
