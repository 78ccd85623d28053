#include "jobs/schedule.hpp"

#include "tests/support/queue_simulation.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace img::testing {
namespace {

using jobs::Presence;
using jobs::QueuedJob;
using jobs::Schedule;
using jobs::Time;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Time kNoon{std::chrono::hours(500'000)};

class ScheduleTest : public ::testing::Test {
protected:
    void add(const std::string& user, const std::string& id, int priority = 0) {
        add(job(user, id, priority));
    }
    void add(const QueuedJob& job) { schedule_.add(job); }
    QueuedJob job(const std::string& user, const std::string& id, int priority = 0) {
        return {.row = ++row_,
                .id = id,
                .user = user,
                .name = id,
                .image_type = "raw",
                .architecture = "amd64",
                .priority = priority,
                .created = now_};
    }
    void worker(const std::string& name, unsigned free, std::vector<std::string> types = {}) {
        schedule_.hear({.worker = name, .slots = free, .free = free, .image_types = types}, now_);
    }
    /// The ids of all that go now, in their order.
    std::vector<std::string> going() {
        std::vector<std::string> ids;
        while (const auto given = schedule_.next(now_)) {
            ids.push_back(given->job.id);
            last_worker_ = given->worker;
        }
        return ids;
    }
    /// The first one begins and ends; then there is a free slot again.
    std::string build_one(std::chrono::milliseconds took = minutes(5)) {
        const auto given = schedule_.next(now_);
        if (!given) {
            return "";
        }
        schedule_.started(given->job, given->worker, now_, now_);
        now_ += took;
        worker(given->worker, 1);
        schedule_.remove(given->job.id, now_);
        schedule_.learn({given->job.name, given->job.image_type, took});
        return given->job.id;
    }
    void know(std::chrono::milliseconds took, const std::string& name = "any") {
        for (int i = 0; i < 3; ++i) {
            schedule_.learn({name, "raw", took});
        }
    }
    std::string why(const std::string& id) {
        const auto outlook = schedule_.outlooks(now_).find(id);
        return outlook ? outlook->why : "";
    }
    using Ids = std::vector<std::string>;

    Time now_ = kNoon;
    std::int64_t row_ = 0;
    std::string last_worker_;
    Schedule schedule_{{.weights = {{"double", 2.0}}}};
};

TEST_F(ScheduleTest, GivesOnlyAsManyAsThereAreSlots) {
    add("anna", "a1");
    add("anna", "a2");
    add("anna", "a3");
    EXPECT_EQ(going(), Ids{});
    worker("w", 2);
    EXPECT_EQ(going(), (Ids{"a1", "a2"}));
    EXPECT_EQ(going(), Ids{});
}

TEST_F(ScheduleTest, AUserWithAHundredJobsDoesNotHoldUpOneWithOne) {
    for (int i = 0; i < 100; ++i) {
        add("many", fmt::format("m{}", i));
    }
    add("one", "o");
    worker("w", 1);
    EXPECT_EQ(build_one(), "m0");
    EXPECT_EQ(build_one(), "o");
    EXPECT_EQ(build_one(), "m1");
}

TEST_F(ScheduleTest, GivesTwiceTheTimeToAWeightOfTwo) {
    for (int i = 0; i < 30; ++i) {
        add("double", fmt::format("d{}", i));
        add("single", fmt::format("s{}", i));
    }
    worker("w", 1);
    int doubles = 0;
    for (int i = 0; i < 30; ++i) {
        doubles += build_one(minutes(1)).starts_with('d') ? 1 : 0;
    }
    EXPECT_NEAR(doubles, 20, 2);
}

TEST_F(ScheduleTest, ChargesSlotTimeNotJobs) {
    for (int i = 0; i < 20; ++i) {
        add("long", fmt::format("l{}", i));
        add("short", fmt::format("s{}", i));
    }
    worker("w", 1);
    int shorts = 0;
    for (int i = 0; i < 16; ++i) {
        const auto given = schedule_.next(now_);
        ASSERT_TRUE(given);
        const bool is_short = given->job.user == "short";
        schedule_.started(given->job, given->worker, now_, now_);
        now_ += is_short ? minutes(1) : minutes(7);
        worker("w", 1);
        schedule_.remove(given->job.id, now_);
        shorts += is_short ? 1 : 0;
    }
    EXPECT_GE(shorts, 12) << "seven short ones weigh as much as a long one";
}

TEST_F(ScheduleTest, TakesAUsersMostUrgentFirstThenTheOldest) {
    add("anna", "old");
    now_ += seconds(1);
    add("anna", "young");
    add("anna", "urgent", 1);
    add("anna", "unimportant", -3);
    worker("w", 4);
    EXPECT_EQ(going(), (Ids{"urgent", "old", "young", "unimportant"}));
}

TEST_F(ScheduleTest, LetsAnUnimportantJobGoOnceItHasWaitedLongEnough) {
    add("anna", "unimportant", -1);
    now_ += jobs::kPriorityStep + seconds(1);
    add("anna", "new");
    worker("w", 1);
    EXPECT_EQ(going(), Ids{"unimportant"});
}

TEST_F(ScheduleTest, NobodyWaitsForEverBehindAStreamOfNewUsers) {
    worker("w", 1);
    schedule_.charge("poor", std::chrono::hours(100), now_, now_);
    add("poor", "p");
    for (int i = 0; i < 12; ++i) {
        add(fmt::format("new{}", i), fmt::format("n{}", i));
        const auto id = build_one(minutes(5));
        if (id == "p") {
            EXPECT_GE(now_ - kNoon, jobs::kOverdue);
            return;
        }
    }
    FAIL() << "the job never went";
}

TEST_F(ScheduleTest, SendsAJobOnlyToWhomCanBuildIt) {
    auto flash = job("anna", "flash");
    flash.image_type = "nand";
    auto arm = job("anna", "arm");
    arm.architecture = "arm64";
    add(flash);
    add(arm);
    add("anna", "plain");
    worker("raw-only", 1, {"raw"});
    EXPECT_EQ(going(), Ids{"plain"});
    schedule_.hear({.worker = "arm", .architectures = {"arm64"}}, now_);
    EXPECT_EQ(going(), Ids{"arm"});
    EXPECT_EQ(last_worker_, "arm");
    worker("all", 1);
    EXPECT_EQ(going(), Ids{"flash"});
}

TEST_F(ScheduleTest, KeepsTheVersatileWorkerFree) {
    worker("a-all", 1);
    worker("raw", 1, {"raw"});
    auto flash = job("anna", "flash");
    flash.image_type = "nand";
    add(flash);
    add("anna", "plain", 1);
    EXPECT_EQ(going(), (Ids{"plain", "flash"}));
}

TEST_F(ScheduleTest, KeepsTheLastSlotForShortJobs) {
    know(minutes(10));
    know(seconds(30), "short");
    add("anna", "long1");
    add("bert", "long2");
    worker("w", 2);
    EXPECT_EQ(going(), Ids{"long1"});
    EXPECT_EQ(why("long2"), "the last free slot is kept for short jobs, of at most 120 s");
    auto quick = job("anna", "quick");
    quick.name = "short";
    add(quick);
    EXPECT_EQ(going(), Ids{"quick"});
}

TEST_F(ScheduleTest, KeepsNoSlotWhereThereIsOneOrNothingIsKnown) {
    worker("w", 2);
    add("anna", "unknown1");
    add("anna", "unknown2");
    EXPECT_EQ(going(), (Ids{"unknown1", "unknown2"}));
    Schedule one({});
    one.learn({"any", "raw", minutes(10)});
    one.add(job("anna", "long"));
    one.hear({.worker = "w"}, now_);
    EXPECT_TRUE(one.next(now_));
}

TEST_F(ScheduleTest, GivesAnOrderAgainThatNobodyBegan) {
    add("anna", "a");
    worker("w", 1);
    EXPECT_EQ(going(), Ids{"a"});
    now_ += seconds(29);
    worker("w", 1);
    schedule_.settle(now_);
    EXPECT_EQ(going(), Ids{});
    now_ += seconds(1);
    schedule_.settle(now_);
    EXPECT_EQ(going(), Ids{"a"});
}

TEST_F(ScheduleTest, GivesAnOrderAgainWhoseWorkerIsGone) {
    add("anna", "a");
    worker("w1", 1);
    EXPECT_EQ(going(), Ids{"a"});
    worker("w2", 1);
    schedule_.hear({.worker = "w1", .is_gone = true}, now_);
    schedule_.settle(now_);
    EXPECT_EQ(going(), Ids{"a"});
    EXPECT_EQ(last_worker_, "w2");
}

TEST_F(ScheduleTest, ForgetsAWorkerThatIsSilent) {
    worker("w", 1);
    now_ += jobs::kWorkerSilenceMax + seconds(1);
    schedule_.settle(now_);
    add("anna", "a");
    EXPECT_EQ(going(), Ids{});
    EXPECT_EQ(why("a"), "no worker is there: start img-worker");
}

TEST_F(ScheduleTest, DoesNotCountAnOrderTwiceThatThePresenceKnows) {
    add("anna", "a");
    add("anna", "b");
    schedule_.hear({.worker = "w", .slots = 2, .free = 1}, now_);
    EXPECT_EQ(going(), Ids{"a"});
    schedule_.hear({.worker = "w", .slots = 2, .free = 1, .building = {"a.1"}}, now_);
    EXPECT_EQ(going(), Ids{"b"});
}

TEST_F(ScheduleTest, ALeavingWorkerGetsNothing) {
    add("anna", "a");
    schedule_.hear({.worker = "w", .free = 1, .is_leaving = true}, now_);
    EXPECT_EQ(going(), Ids{});
    EXPECT_EQ(why("a"), "every worker is about to stop: start img-worker");
}

TEST_F(ScheduleTest, SaysWhyAJobWaits) {
    worker("w1", 1);
    worker("w2", 1);
    worker("w3", 1, {"raw"});
    for (const auto* id : {"a1", "a2", "a3"}) {
        add("anna", id);
        const auto given = schedule_.next(now_);
        ASSERT_TRUE(given);
        schedule_.started(given->job, given->worker, now_, now_);
    }
    for (int i = 0; i < 4; ++i) {
        auto flash = job(fmt::format("u{}", i), fmt::format("f{}", i));
        flash.image_type = "nand";
        add(flash);
    }
    auto flash = job("anna", "mine");
    flash.image_type = "nand";
    add(flash);
    EXPECT_EQ(why("mine"),
              "2 of 3 workers are busy and the third does not build nand; 4 jobs of others are "
              "ahead, because you have had 3 builds in the last hour");
    EXPECT_EQ(why("f0"), "2 of 3 workers are busy and the third does not build nand");
}

TEST_F(ScheduleTest, SaysThatAWorkerHasNoRoom) {
    schedule_.hear({.worker = "w",
                    .host = "kiln",
                    .slots = 2,
                    .free = 0,
                    .shortage = "disk: 2 GB free, a build needs 4 GB"},
                   now_);
    add("anna", "a");
    EXPECT_EQ(why("a"), "worker kiln has no room: disk: 2 GB free, a build needs 4 GB");
}

TEST_F(ScheduleTest, SaysThatNoWorkerCanBuildIt) {
    worker("w", 1, {"raw"});
    auto flash = job("anna", "f");
    flash.image_type = "nand";
    flash.architecture = "arm64";
    add(flash);
    EXPECT_EQ(why("f"), "no worker builds nand for arm64: start one that does");
    EXPECT_FALSE(schedule_.outlooks(now_).find("f")->begins);
}

TEST_F(ScheduleTest, ForetellsPlaceAndTime) {
    for (int i = 1; i <= 11; ++i) {
        schedule_.learn({"debian", "raw", seconds(60 * i)});
    }
    worker("w", 1);
    for (int i = 0; i < 4; ++i) {
        auto one = job("anna", fmt::format("a{}", i));
        one.name = "debian";
        add(one);
    }
    ASSERT_EQ(going(), Ids{"a0"});
    const auto outlooks = schedule_.outlooks(now_);
    EXPECT_EQ(outlooks.size(), 3u);
    EXPECT_FALSE(outlooks.find("a0"));
    const auto third = *outlooks.find("a2");
    EXPECT_EQ(third.position, 1u);
    EXPECT_EQ(third.begins->from, now_ + minutes(2 + 2));
    EXPECT_EQ(third.begins->to, now_ + minutes(10 + 10));
    EXPECT_EQ(third.ends->from, now_ + minutes(2 + 2 + 2));
    EXPECT_EQ(third.ends->to, now_ + minutes(10 + 10 + 10));
}

TEST_F(ScheduleTest, ForetellsByABuildThatBeganBeforeThereWasAnyPast) {
    worker("w", 1);
    add("anna", "first");
    ASSERT_EQ(going(), Ids{"first"});
    schedule_.started(job("anna", "first"), "w", now_, now_);
    know(minutes(5));
    add("anna", "next");
    now_ += minutes(1);
    const auto next = *schedule_.outlooks(now_).find("next");
    EXPECT_EQ(next.begins->from, now_ + minutes(4));
    EXPECT_EQ(next.begins->to, now_ + minutes(4));
}

TEST_F(ScheduleTest, ForetellsNoEndOfABuildThatTakesLongerThanAnyBefore) {
    know(minutes(5));
    worker("w", 1);
    add("anna", "first");
    ASSERT_EQ(going(), Ids{"first"});
    schedule_.started(job("anna", "first"), "w", now_, now_);
    add("anna", "next");
    EXPECT_EQ(why("next"), "the only worker is busy");
    now_ += minutes(6);
    const auto next = *schedule_.outlooks(now_).find("next");
    EXPECT_EQ(next.begins->from, now_);
    EXPECT_TRUE(next.begins->is_open());
    EXPECT_EQ(next.ends->from, now_ + minutes(5));
    EXPECT_TRUE(next.ends->is_open());
    EXPECT_EQ(next.why,
              "the only worker is busy; when builds that are under way will end is not known");
}

TEST_F(ScheduleTest, ForetellsTheOrderInWhichJobsReallyGo) {
    know(minutes(5));
    schedule_.charge("carl", minutes(12), now_ - minutes(12), now_);
    worker("w", 1);
    for (int i = 0; i < 5; ++i) {
        add("anna", fmt::format("a{}", i));
        add("carl", fmt::format("c{}", i));
        add("double", fmt::format("d{}", i));
    }
    const auto outlooks = schedule_.outlooks(now_);
    for (std::uint64_t i = 0; i < 15; ++i) {
        const auto given = schedule_.next(now_);
        ASSERT_TRUE(given);
        EXPECT_EQ(outlooks.find(given->job.id)->position, i) << given->job.id;
        schedule_.started(given->job, given->worker, now_ - minutes(5), now_);
        worker("w", 1);
        schedule_.remove(given->job.id, now_);
    }
}

TEST_F(ScheduleTest, RunningJobsOfARestartCountAgainstTheirWorkersSlots) {
    schedule_.started(job("anna", "running"), "w", now_ - minutes(1), now_);
    schedule_.hear({.worker = "w", .slots = 2, .free = 1, .building = {"running.1"}}, now_);
    EXPECT_EQ(schedule_.pool().slots(), 2u);
    add("anna", "a");
    EXPECT_EQ(going(), Ids{"a"});
    EXPECT_EQ(schedule_.running(), 2u);
}

TEST_F(ScheduleTest, TheSameJobTwiceIsOne) {
    const auto one = job("anna", "a");
    add(one);
    add(one);
    EXPECT_EQ(schedule_.waiting(), 1u);
    worker("w", 2);
    EXPECT_EQ(going(), Ids{"a"});
    add(one);
    EXPECT_EQ(schedule_.waiting(), 0u) << "it is on its way";
    auto again = one;
    again.attempt = 2;
    schedule_.remove("a", now_);
    add(again);
    EXPECT_EQ(schedule_.waiting(), 1u);
}

/// 10^6 events run in bench/; here enough of them to pass several rebases of FairShare.
TEST(ScheduleSimulation, IsFairToUsersOfVeryDifferentLoads) {
    const auto result = QueueSimulation(unequal_users(), 3, 4).run(400'000);
    EXPECT_GE(result.worst_index, 0.9);
    EXPECT_GT(result.builds, 10'000u);
    EXPECT_LT(result.longest_single_wait, minutes(60));
    RecordProperty("worst_index", std::to_string(result.worst_index));
    fmt::print("worst index of six hours {:.4f}, {} builds, longest single wait {} s\n",
               result.worst_index, result.builds, result.longest_single_wait.count() / 1000);
}

}  // namespace
}  // namespace img::testing
