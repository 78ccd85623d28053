// What must hold where several programs use one database at once: each has a store of its own.
#pragma once

#include "store/store.hpp"
#include "tests/support/some_job.hpp"

#include <atomic>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace img::testing {

/// Gives the URL of an empty database that several stores can be opened on.
using MakeDatabase = std::function<std::string()>;

class SharedStoreSuite : public ::testing::TestWithParam<MakeDatabase> {
protected:
    using Store = jobs::JobStore;
    static constexpr int kPrograms = 3, kThreads = 3;

    SharedStoreSuite() {
        for (int i = 0; i < kPrograms; ++i) {
            stores_.push_back(store::open_job_store(url_).value());
        }
    }
    /// Runs action(store, number) in several threads of each program at once.
    void race(const std::function<void(Store&, int)>& action) {
        std::vector<std::jthread> threads;
        for (int i = 0; i < kPrograms * kThreads; ++i) {
            threads.emplace_back([&, i] { action(*stores_[i % kPrograms], i); });
        }
    }

    std::string url_ = GetParam()();
    std::vector<std::unique_ptr<Store>> stores_;
};

TEST_P(SharedStoreSuite, MakesOneJobOfOneReference) {
    for (int round = 0; round < 10; ++round) {
        auto request = some_job("r" + std::to_string(round)).request;
        request.reference = "reference " + std::to_string(round);
        request.is_fresh = true;
        std::atomic<int> made = 0;
        std::set<std::string> ids;
        std::mutex mutex;
        race([&](Store& store, int i) {
            auto job = some_job("");
            job.request = request;
            job.request.priority = i;
            const auto added = store.add(job, at(0));
            ASSERT_TRUE(added) << added.error().message;
            made += added->is_joined ? 0 : 1;
            const std::lock_guard lock(mutex);
            ids.insert(added->id);
        });
        EXPECT_EQ(made, 1);
        EXPECT_EQ(ids.size(), 1u);
    }
    EXPECT_EQ(stores_[0]->count(jobs::JobState::queued).value(), 10u);
}

TEST_P(SharedStoreSuite, MakesOneJobOfOneRequest) {
    for (int round = 0; round < 10; ++round) {
        const auto request = some_job("debian" + std::to_string(round)).request;
        std::atomic<int> made = 0;
        race([&](Store& store, int i) {
            auto job = some_job("");
            job.request = request;
            job.request.reference = std::to_string(round) + " " + std::to_string(i);
            const auto added = store.add(job, at(0));
            ASSERT_TRUE(added) << added.error().message;
            made += added->is_joined ? 0 : 1;
        });
        EXPECT_EQ(made, 1);
    }
    EXPECT_EQ(stores_[0]->outbox(100).value().size(), 10u);
    EXPECT_TRUE(stores_[1]->find_reference("9 8").value());
}

TEST_P(SharedStoreSuite, GivesANameToOneUnfinishedJobOfAUser) {
    for (int round = 0; round < 10; ++round) {
        std::atomic<int> made = 0, refused = 0;
        race([&](Store& store, int) {
            const auto added = store.add(some_job("debian" + std::to_string(round)), at(0));
            made += added ? 1 : 0;
            refused += !added && added.error().fault == Fault::invalid ? 1 : 0;
        });
        EXPECT_EQ(made, 1);
        EXPECT_EQ(refused, kPrograms * kThreads - 1);
    }
}

TEST_P(SharedStoreSuite, LetsOneOfAllStartAJob) {
    for (int round = 0; round < 10; ++round) {
        const auto job = some_job("debian" + std::to_string(round));
        ASSERT_TRUE(stores_[0]->add(job, at(0)));
        std::atomic<int> winners = 0;
        race([&](Store& store, int i) {
            const auto moved = store.move({.id = job.id,
                                           .event = jobs::JobEvent::start,
                                           .worker = "worker" + std::to_string(i),
                                           .now = at(2'000),
                                           .lease_end = at(32'000)});
            ASSERT_TRUE(moved) << moved.error().message;
            winners += moved->has_value() ? 1 : 0;
        });
        EXPECT_EQ(winners, 1);
    }
    EXPECT_EQ(stores_[1]->count(jobs::JobState::building).value(), 10u);
}

TEST_P(SharedStoreSuite, GivesALeaseToOneAtATime) {
    for (int round = 0; round < 10; ++round) {
        std::atomic<int> winners = 0;
        race([&](Store& store, int i) {
            const auto held =
                store.hold("dispatcher", std::to_string(i), at(round * 100), at(round * 100 + 100));
            ASSERT_TRUE(held) << held.error().message;
            winners += *held ? 1 : 0;
        });
        EXPECT_EQ(winners, 1) << "each round begins when the lease of the one before has ended";
    }
}

TEST_P(SharedStoreSuite, ShowsJobsAndMessagesInTheOrderOfTheirNumbers) {
    constexpr int kEach = 30;
    std::set<std::string> jobs_seen, notices_seen;
    std::jthread reader([&](const std::stop_token& stop) {
        std::int64_t last = 0;
        bool is_last_look = false;
        while (!is_last_look) {
            is_last_look = stop.stop_requested();
            const auto waiting = stores_[0]->queued(last, 1'000).value();
            for (const auto& job : waiting) {
                jobs_seen.insert(job.id);
                last = job.row;
            }
            const auto rows = stores_[0]->outbox(1'000).value();
            for (const auto& row : rows) {
                notices_seen.insert(std::get<jobs::StatusNotice>(row.message).job.id);
            }
            if (!rows.empty()) {
                EXPECT_TRUE(stores_[0]->sent(rows.back().row));
            }
        }
    });
    race([&](Store& store, int i) {
        for (int j = 0; j < kEach; ++j) {
            const auto name = std::to_string(i) + "-" + std::to_string(j);
            EXPECT_TRUE(store.add(some_job(name), at(0)));
        }
    });
    reader.request_stop();
    reader.join();
    constexpr std::size_t all = kPrograms * kThreads * kEach;
    EXPECT_EQ(jobs_seen.size(), all) << "one came to be seen behind a higher number";
    EXPECT_EQ(notices_seen.size(), all) << "one was taken for sent that nobody had seen";
}

TEST_P(SharedStoreSuite, IsMigratedByOneOfManyThatStartAtOnce) {
    const auto url = GetParam()();
    std::vector<std::jthread> programs;
    for (int i = 0; i < 4; ++i) {
        programs.emplace_back([&] {
            const auto opened = store::open_job_store(url);
            EXPECT_TRUE(opened) << opened.error().message;
        });
    }
}

}  // namespace img::testing
