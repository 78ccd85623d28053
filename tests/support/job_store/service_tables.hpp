// What every JobStore keeps for services: leases, workers, messages that were refused.
#pragma once

#include "tests/support/job_store/fixture.hpp"

#include <atomic>
#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <vector>

namespace img::testing {

TEST_P(JobStoreSuite, GivesALeaseToOneHolderAtATime) {
    EXPECT_TRUE(store_->hold("dispatcher", "a", at(100), at(200)).value());
    EXPECT_FALSE(store_->hold("dispatcher", "b", at(199), at(299)).value());
    EXPECT_TRUE(store_->hold("dispatcher", "a", at(150), at(250)).value()) << "renewed";
    EXPECT_FALSE(store_->hold("dispatcher", "b", at(249), at(349)).value());
    EXPECT_TRUE(store_->hold("another", "b", at(150), at(250)).value());
    EXPECT_TRUE(store_->hold("dispatcher", "b", at(250), at(350)).value()) << "it has ended";
    EXPECT_FALSE(store_->hold("dispatcher", "a", at(300), at(400)).value());
}

TEST_P(JobStoreSuite, LetsALeaseGoForItsHolderOnly) {
    ASSERT_TRUE(store_->hold("dispatcher", "a", at(100), at(200)).value());
    ASSERT_TRUE(store_->let_go("dispatcher", "b"));
    EXPECT_FALSE(store_->hold("dispatcher", "b", at(100), at(200)).value());
    ASSERT_TRUE(store_->let_go("dispatcher", "a"));
    EXPECT_TRUE(store_->hold("dispatcher", "b", at(100), at(200)).value());
}

TEST_P(JobStoreSuite, GivesALeaseToOneOfManyWhoWantIt) {
    std::atomic<int> winners = 0;
    {
        std::vector<std::jthread> programs;
        for (int i = 0; i < 8; ++i) {
            programs.emplace_back([&, i] {
                const auto won =
                    store_->hold("dispatcher", "imgd" + std::to_string(i), at(100), at(200));
                winners += won && *won ? 1 : 0;
            });
        }
    }
    EXPECT_EQ(winners, 1);
}

TEST_P(JobStoreSuite, KnowsWorkersAsTheyLastSaidOfThemselves) {
    jobs::Presence anna{.worker = "anna-1",
                        .host = "anna",
                        .version = "1.0",
                        .slots = 4,
                        .free = 2,
                        .shortage = "disk: 2 GB free, a build needs 4 GB",
                        .architectures = {"amd64", "arm64"},
                        .image_types = {"raw"},
                        .has_kvm = true,
                        .building = {"0123456789abcdef0123456789abcdef.1"}};
    ASSERT_TRUE(store_->note(anna, at(1'000)));
    ASSERT_TRUE(store_->note(jobs::Presence{.worker = "bert-1", .host = "bert"}, at(1'000)));
    anna.free = 1;
    ASSERT_TRUE(store_->note(anna, at(11'000)));
    const auto workers = store_->workers(at(12'000)).value();
    ASSERT_EQ(workers.size(), 2u);
    EXPECT_EQ(workers[0].worker, "anna-1");
    EXPECT_EQ(workers[0].host, "anna");
    EXPECT_EQ(workers[0].version, "1.0");
    EXPECT_EQ(workers[0].slots, 4u);
    EXPECT_EQ(workers[0].free, 1u);
    EXPECT_EQ(workers[0].shortage, anna.shortage);
    EXPECT_EQ(workers[0].architectures, anna.architectures);
    EXPECT_EQ(workers[0].image_types, anna.image_types);
    EXPECT_TRUE(workers[0].has_kvm);
    EXPECT_EQ(workers[0].building, anna.building);
    EXPECT_EQ(workers[1].worker, "bert-1");
}

TEST_P(JobStoreSuite, ForgetsAWorkerThatWasSilentForAMinute) {
    ASSERT_TRUE(store_->note(jobs::Presence{.worker = "w", .is_gone = true}, at(1'000)));
    const auto gone = store_->workers(at(60'999)).value();
    ASSERT_EQ(gone.size(), 1u);
    EXPECT_TRUE(gone[0].is_gone);
    EXPECT_TRUE(store_->workers(at(61'000)).value().empty());
    ASSERT_TRUE(store_->note(jobs::Presence{.worker = "w"}, at(70'000)));
    EXPECT_EQ(store_->workers(at(71'000)).value().size(), 1u) << "it is back";
}

TEST_P(JobStoreSuite, KeepsTheThousandMessagesThatWereRefusedLast) {
    for (int i = 0; i < 1'005; ++i) {
        ASSERT_TRUE(store_->note(jobs::RefusedMessage{.at = at(i + 1),
                                                      .queue = "image_queue",
                                                      .reference = "r" + std::to_string(i),
                                                      .reason = "no JSON",
                                                      .excerpt = "\xff{"}));
    }
    const auto newest = store_->refused(2).value();
    ASSERT_EQ(newest.size(), 2u);
    EXPECT_EQ(newest[0].reference, "r1004");
    EXPECT_EQ(newest[0].at, at(1'005));
    EXPECT_EQ(newest[0].queue, "image_queue");
    EXPECT_EQ(newest[0].reason, "no JSON");
    EXPECT_TRUE(newest[0].excerpt.ends_with("{")) << newest[0].excerpt;
    EXPECT_EQ(newest[1].reference, "r1003");
    const auto all = store_->refused(5'000).value();
    ASSERT_EQ(all.size(), 1'000u);
    EXPECT_EQ(all.back().reference, "r5");
}

}  // namespace img::testing
