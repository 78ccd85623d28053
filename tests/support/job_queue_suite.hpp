// What every JobQueue must do, whatever carries the messages: one suite, two ends for each.
#pragma once

#include "jobs/job_queue.hpp"
#include "tests/support/heard.hpp"

#include <algorithm>
#include <atomic>
#include <fmt/format.h>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace img::testing {

/// The service's end and the worker's, of one that is empty; they may be the same object.
struct QueueEnds {
    std::shared_ptr<jobs::JobQueue> service{}, worker{};
};
using OpenQueue = std::function<QueueEnds()>;

class JobQueueSuite : public ::testing::TestWithParam<OpenQueue> {
protected:
    static constexpr auto kSoon = std::chrono::milliseconds(20);
    static constexpr auto kPatience = std::chrono::seconds(10);

    static std::string id(std::uint64_t number) { return fmt::format("{:032x}", number); }
    static jobs::BuildOrder order(std::uint64_t number, const std::string& worker = "w") {
        return {.id = id(number), .worker = worker, .request = {.name = "n"}};
    }
    static jobs::Report log(std::uint64_t offset) {
        return {.id = id(1), .worker = "w", .what = jobs::Report::Log{offset, "line\n"}};
    }

    /// From here on there is such a worker.
    void greet(const std::string& worker) {
        ASSERT_TRUE(worker_->send(jobs::Presence{.worker = worker}));
    }
    std::string take_id(const std::string& worker = "w") {
        const auto taken = worker_->take(worker, kPatience).value();
        if (!taken) {
            return "none";
        }
        EXPECT_TRUE(worker_->keep(*taken));
        return taken->id;
    }
    /// Sends it as often as it takes while the queue is full.
    void send_patiently(const jobs::BuildOrder& order) {
        const auto end = std::chrono::steady_clock::now() + kPatience;
        auto sent = service_->send(order);
        while (!sent && sent.error().fault == Fault::transient &&
               std::chrono::steady_clock::now() < end) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            sent = service_->send(order);
        }
        ASSERT_TRUE(sent) << sent.error().message;
    }

    QueueEnds ends_ = GetParam()();
    std::shared_ptr<jobs::JobQueue> service_ = std::move(ends_.service);
    std::shared_ptr<jobs::JobQueue> worker_ = std::move(ends_.worker);
};

TEST_P(JobQueueSuite, HandsOutOrdersInTheOrderOfSending) {
    greet("w");
    auto first = order(1);
    first.attempt = 2;
    first.request.kickstart = "part /\n";
    ASSERT_TRUE(service_->send(first));
    ASSERT_TRUE(service_->send(order(2)));
    const auto taken = worker_->take("w", kPatience).value();
    ASSERT_TRUE(taken);
    EXPECT_TRUE(worker_->keep(*taken));
    EXPECT_EQ(taken->id, id(1));
    EXPECT_EQ(taken->attempt, 2u);
    EXPECT_EQ(taken->worker, "w");
    EXPECT_EQ(taken->request.name, "n");
    EXPECT_EQ(taken->request.kickstart, "part /\n");
    EXPECT_EQ(take_id(), id(2));
}

TEST_P(JobQueueSuite, KnowsNoWorkerThatHasNotBeenHeardOfOrIsGone) {
    const auto unknown = service_->send(order(1));
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().fault, Fault::missing);
    greet("w");
    EXPECT_TRUE(service_->send(order(2)));
    ASSERT_TRUE(worker_->send(jobs::Presence{.worker = "w", .is_gone = true}));
    const auto gone = service_->send(order(3));
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().fault, Fault::missing);
}

TEST_P(JobQueueSuite, KnowsAWorkerThatHasAskedForAnOrder) {
    EXPECT_EQ(worker_->take("w", kSoon).value(), std::nullopt);
    EXPECT_TRUE(service_->send(order(1)));
    EXPECT_EQ(take_id(), id(1));
}

TEST_P(JobQueueSuite, WakesAWorkerThatWaits) {
    greet("w");
    std::string taken;
    {
        const std::jthread worker([&] { taken = take_id(); });
        std::this_thread::sleep_for(kSoon);
        ASSERT_TRUE(service_->send(order(1)));
    }
    EXPECT_EQ(taken, id(1));
}

TEST_P(JobQueueSuite, BringsEachOrderToItsWorkerAlone) {
    greet("a");
    greet("b");
    ASSERT_TRUE(service_->send(order(1, "b")));
    ASSERT_TRUE(service_->send(order(2, "a")));
    EXPECT_EQ(take_id("a"), id(2));
    EXPECT_EQ(take_id("b"), id(1));
    EXPECT_EQ(worker_->take("a", kSoon).value(), std::nullopt);
}

TEST_P(JobQueueSuite, GivesEachOrderToOneSlotOfTheWorker) {
    constexpr std::uint64_t kOrders = 100;
    greet("w");
    std::vector<std::string> taken;
    std::mutex mutex;
    {
        std::vector<std::jthread> slots;
        for (int i = 0; i < 4; ++i) {
            slots.emplace_back([&] {
                while (const auto one =
                           worker_->take("w", std::chrono::milliseconds(500)).value()) {
                    EXPECT_TRUE(worker_->keep(*one));
                    const std::lock_guard lock(mutex);
                    taken.push_back(one->id);
                }
            });
        }
        for (std::uint64_t i = 0; i < kOrders; ++i) {
            send_patiently(order(i));
        }
    }
    EXPECT_EQ(taken.size(), kOrders);
    std::ranges::sort(taken);
    EXPECT_EQ(std::ranges::adjacent_find(taken), taken.end());
}

TEST_P(JobQueueSuite, DeliversReportsInOrderAndWhole) {
    Heard<jobs::Report> heard;
    const auto token = service_->on_report(std::ref(heard));
    constexpr std::uint64_t kReports = 200;
    for (std::uint64_t i = 0; i < kReports; ++i) {
        ASSERT_TRUE(worker_->send(log(i)));
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
    const auto first = worker_->on_cancel(std::ref(one));
    const auto second = worker_->on_cancel(std::ref(two));
    ASSERT_TRUE(service_->send(jobs::CancelOrder{.id = id(1), .attempt = 3, .worker = "w"}));
    ASSERT_EQ(one.wait_for(1).size(), 1u);
    ASSERT_EQ(two.wait_for(1).size(), 1u);
    EXPECT_EQ(one.wait_for(1)[0].id, id(1));
    EXPECT_EQ(one.wait_for(1)[0].attempt, 3u);
    EXPECT_EQ(one.wait_for(1)[0].worker, "w");
}

TEST_P(JobQueueSuite, TellsEveryServiceWhatAWorkerSaysOfItself) {
    Heard<jobs::Presence> one, two;
    const auto first = service_->on_presence(std::ref(one));
    const auto second = service_->on_presence(std::ref(two));
    ASSERT_TRUE(worker_->send(jobs::Presence{.worker = "w", .slots = 3, .building = {"x.1"}}));
    ASSERT_EQ(one.wait_for(1).size(), 1u);
    ASSERT_EQ(two.wait_for(1).size(), 1u);
    EXPECT_EQ(one.wait_for(1)[0].worker, "w");
    EXPECT_EQ(one.wait_for(1)[0].slots, 3u);
    EXPECT_EQ(two.wait_for(1)[0].building, std::vector<std::string>{"x.1"});
}

TEST_P(JobQueueSuite, CallsNobodyAfterTheTokenIsGone) {
    for (int round = 0; round < 20; ++round) {
        auto alive = std::make_unique<std::atomic<int>>(0);
        auto token = service_->on_report([&alive](const jobs::Report&) { ++*alive; });
        const std::jthread sender([&] {
            for (std::uint64_t i = 0; i < 10; ++i) {
                ASSERT_TRUE(worker_->send(log(i)));
            }
        });
        std::this_thread::sleep_for(std::chrono::microseconds(500 * round));
        token.reset();
        alive.reset();  // a later call would be a use after free, which the sanitizer sees
    }
}

TEST_P(JobQueueSuite, LetsAHandlerSendAndLetGoOfItself) {
    Heard<jobs::Report> heard;
    const auto all = service_->on_report(std::ref(heard));
    std::atomic<int> calls = 0;
    jobs::JobQueue::Token token;
    token = service_->on_report([&](const jobs::Report&) {
        ++calls;
        EXPECT_TRUE(service_->send(log(99)));
        token.reset();
    });
    ASSERT_TRUE(worker_->send(log(1)));
    ASSERT_EQ(heard.wait_for(2).size(), 2u);
    EXPECT_EQ(calls, 1);
}

TEST_P(JobQueueSuite, EndsWhileMessagesAreStillOnTheirWay) {
    Heard<jobs::Report> heard;
    const auto token = service_->on_report([&](const jobs::Report& report) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        heard(report);
    });
    for (std::uint64_t i = 0; i < 100; ++i) {
        ASSERT_TRUE(worker_->send(log(i)));
    }
    worker_.reset();
    service_.reset();
    const auto then = heard.size();
    std::this_thread::sleep_for(kSoon);
    EXPECT_EQ(heard.size(), then);
}

}  // namespace img::testing
