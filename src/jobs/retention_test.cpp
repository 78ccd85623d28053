#include "jobs/retention.hpp"

#include "system/fd.hpp"
#include "tests/support/fake_job_store.hpp"
#include "tests/support/temp_folder.hpp"

#include <fcntl.h>
#include <fstream>
#include <gtest/gtest.h>
#include <optional>
#include <rapidcheck/gtest.h>
#include <set>
#include <sys/file.h>

namespace img::testing {
namespace {

namespace fs = std::filesystem;
using jobs::KeptImage;
using jobs::Retention;
using jobs::RetentionLimits;
using jobs::RetentionPlan;
using std::chrono::hours;

constexpr jobs::Time kNoon{hours(500'000)};

// --- The plan ---

/// The ids that go, of images that are given oldest first.
std::vector<std::string> going(const RetentionLimits& limits,
                               const std::vector<KeptImage>& images) {
    RetentionPlan plan(limits);
    for (const auto& image : images) {
        plan.count(image);
    }
    std::vector<std::string> ids;
    for (const auto& image : images) {
        if (plan.is_due(image, kNoon)) {
            plan.uncount(image);
            ids.push_back(image.id);
        }
    }
    return ids;
}

const std::vector<KeptImage> kImages{
    {.id = "1", .user = "anna", .size = 10, .finished = kNoon - hours(40)},
    {.id = "2", .user = "bert", .size = 10, .finished = kNoon - hours(30), .is_pinned = true},
    {.id = "3", .user = "anna", .size = 30, .finished = kNoon - hours(20)},
    {.id = "4", .user = "bert", .size = 10, .finished = kNoon - hours(10)},
    {.id = "5", .user = "anna", .size = 10, .finished = kNoon - hours(1)}};

using Ids = std::vector<std::string>;

TEST(RetentionPlanTest, KeepsAllWithoutLimits) {
    EXPECT_EQ(going({}, kImages), Ids{});
}

TEST(RetentionPlanTest, LetsTheOldGoButNotThePinned) {
    EXPECT_EQ(going({.age = hours(15)}, kImages), (Ids{"1", "3"}));
}

TEST(RetentionPlanTest, LetsTheOldestGoUntilTheRestFits) {
    EXPECT_EQ(going({.total_bytes = 60}, kImages), Ids{"1"});
    EXPECT_EQ(going({.total_bytes = 50}, kImages), (Ids{"1", "3"}));
    EXPECT_EQ(going({.total_count = 3}, kImages), (Ids{"1", "3"}));
}

TEST(RetentionPlanTest, HoldsEachUserToHisOwnLimits) {
    EXPECT_EQ(going({.user_bytes = 40}, kImages), Ids{"1"});
    EXPECT_EQ(going({.user_count = 1}, kImages), (Ids{"1", "3", "4"}));
}

RC_GTEST_PROP(RetentionPlanProperty, KeepsWithinTheLimitsWhatIsNotPinned, ()) {
    std::vector<KeptImage> images;
    const auto sizes =
        *rc::gen::container<std::vector<std::uint64_t>>(rc::gen::inRange<std::uint64_t>(0, 100));
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        images.push_back({.id = std::to_string(i),
                          .user = *rc::gen::element<std::string>("a", "b", "c"),
                          .size = sizes[i],
                          .is_pinned = *rc::gen::inRange(0, 5) == 0});
    }
    const RetentionLimits limits{.user_bytes = *rc::gen::inRange<std::uint64_t>(0, 500),
                                 .total_bytes = *rc::gen::inRange<std::uint64_t>(0, 1000),
                                 .user_count = *rc::gen::inRange<std::uint64_t>(0, 10),
                                 .total_count = *rc::gen::inRange<std::uint64_t>(0, 20)};
    const auto gone = going(limits, images);
    const std::set<std::string> left(gone.begin(), gone.end());
    std::uint64_t bytes = 0;
    std::uint64_t count = 0;
    bool has_unpinned = false;
    for (const auto& image : images) {
        RC_ASSERT(!image.is_pinned || !left.contains(image.id));
        if (!left.contains(image.id)) {
            bytes += image.size;
            ++count;
            has_unpinned = has_unpinned || !image.is_pinned;
        }
    }
    if (has_unpinned) {
        RC_ASSERT(limits.total_bytes == 0U || bytes <= limits.total_bytes);
        RC_ASSERT(limits.total_count == 0U || count <= limits.total_count);
    }
}

// --- What carries it out ---

class RetentionTest : public ::testing::Test {
protected:
    /// A job that was done, with its folder as a worker leaves it.
    std::string done(const std::string& name, jobs::Time finished) {
        const jobs::Job job{.id = jobs::new_job_id(), .request = {.name = name}};
        EXPECT_TRUE(store_.add(job, {}));
        EXPECT_TRUE(store_.move({.id = job.id, .event = jobs::JobEvent::start, .now = finished}));
        EXPECT_TRUE(store_.move({.id = job.id,
                                 .event = jobs::JobEvent::succeed,
                                 .image = name + ".raw",
                                 .size = 3,
                                 .now = finished}));
        fs::create_directories(root_.path() / job.id / "folder");
        for (const auto* ending : {".ks", ".log", ".raw", ".packages"}) {
            std::ofstream(root_.path() / job.id / (name + ending)) << "x\n";
        }
        std::ofstream(root_.path() / job.id / "manifest.json") << "{}\n";
        std::ofstream(root_.path() / job.id / ".attempt") << "1\n";
        return job.id;
    }
    std::set<std::string> files(const std::string& id) {
        std::set<std::string> names;
        for (const auto& entry : fs::directory_iterator(root_.path() / id)) {
            names.insert(entry.path().filename().string());
        }
        return names;
    }
    bool is_removed(const std::string& id) {
        return store_.find(id).value()->removed != jobs::Time{};
    }

    TempFolder root_;
    FakeJobStore store_;
    Retention retention_{store_, root_.path(), {.limits = {.age = hours(24)}}};
    const std::set<std::string> kept_files_{"a.ks", "a.log", "manifest.json", ".attempt"};
};

TEST_F(RetentionTest, RemovesImagesAndKeepsWhatTellsOfTheJob) {
    const auto old = done("a", kNoon - hours(25));
    const auto young = done("b", kNoon - hours(1));
    EXPECT_EQ(retention_.sweep(kNoon).value(), 1u);
    EXPECT_TRUE(is_removed(old));
    EXPECT_EQ(files(old), kept_files_);
    EXPECT_FALSE(is_removed(young));
    EXPECT_EQ(files(young).size(), 7u);
    EXPECT_TRUE(fs::is_empty(root_.path() / ".removing"));
    EXPECT_EQ(retention_.sweep(kNoon).value(), 0u);
}

TEST_F(RetentionTest, LeavesAPinnedJobAlone) {
    const auto old = done("a", kNoon - hours(25));
    ASSERT_TRUE(store_.pin(old, true).value());
    EXPECT_EQ(retention_.sweep(kNoon).value(), 0u);
    EXPECT_EQ(files(old).size(), 7u);
}

TEST_F(RetentionTest, LeavesAJobAloneWhoseFilesAreBeingSent) {
    const auto old = done("a", kNoon - hours(25));
    const system::Fd reader(::open((root_.path() / old / "a.raw").c_str(), O_RDONLY));
    ASSERT_EQ(::flock(reader.get(), LOCK_SH), 0);
    EXPECT_EQ(retention_.sweep(kNoon).value(), 0u);
    EXPECT_FALSE(is_removed(old));
    EXPECT_EQ(files(old).size(), 7u);
    ::flock(reader.get(), LOCK_UN);
    EXPECT_EQ(retention_.sweep(kNoon).value(), 1u);
}

TEST_F(RetentionTest, CompletesWhatWasCutOffAfterTheStoreKnew) {
    const auto old = done("a", kNoon - hours(25));
    fs::create_directory(root_.path() / ".removing");  // as a crash at retention.marked leaves it
    std::ofstream(root_.path() / ".removing" / old) << "";
    ASSERT_TRUE(store_.remove_image(old, kNoon).value());
    Retention without_limits(store_, root_.path(), {});
    EXPECT_TRUE(without_limits.sweep(kNoon));
    EXPECT_EQ(files(old), kept_files_);
    EXPECT_TRUE(fs::is_empty(root_.path() / ".removing"));
}

TEST_F(RetentionTest, ForgetsANoteThatTheStoreKnowsNothingOf) {
    const auto young = done("a", kNoon);
    fs::create_directory(root_.path() / ".removing");
    std::ofstream(root_.path() / ".removing" / young) << "";
    std::ofstream(root_.path() / ".removing" / "nonsense") << "";
    EXPECT_TRUE(retention_.sweep(kNoon));
    EXPECT_EQ(files(young).size(), 7u);
    EXPECT_TRUE(fs::is_empty(root_.path() / ".removing"));
}

TEST_F(RetentionTest, LeavesFilesWhereTheStoreIsAway) {
    const auto old = done("a", kNoon - hours(25));
    store_.failures = 1;
    EXPECT_FALSE(retention_.sweep(kNoon));
    EXPECT_EQ(files(old).size(), 7u);
    EXPECT_EQ(retention_.sweep(kNoon).value(), 1u);
}

TEST_F(RetentionTest, RemovesTheOthersWhereOneCannotBeRemoved) {
    const auto stuck = done("a", kNoon - hours(30));
    const auto old = done("b", kNoon - hours(25));
    fs::create_directory(root_.path() / ".removing");
    fs::create_directories(root_.path() / ".removing" / stuck /
                           "x");  // so its note cannot be written
    EXPECT_FALSE(retention_.sweep(kNoon)) << "it is said";
    EXPECT_FALSE(is_removed(stuck));
    EXPECT_TRUE(is_removed(old));
}

/// Images in a place that can be away.
class FarPlace : public jobs::ImagesElsewhere {
public:
    bool reaches(const std::string& place) const override { return place.starts_with("s3://ours"); }
    Result<void> remove(const KeptImage& image, const std::stop_token&) override {
        ++asked;
        if (failure) {
            return fail(*failure, "the far place");
        }
        removed.insert(image.id);
        return {};
    }

    std::optional<Fault> failure;
    unsigned asked = 0;
    std::set<std::string> removed;
};

class RetentionElsewhereTest : public RetentionTest {
protected:
    std::string done_far(const std::string& name,
                         jobs::Time finished,
                         const std::string& bucket = "ours") {
        const jobs::Job job{.id = jobs::new_job_id(), .request = {.name = name}};
        EXPECT_TRUE(store_.add(job, {}));
        EXPECT_TRUE(store_.move({.id = job.id, .event = jobs::JobEvent::start}));
        EXPECT_TRUE(store_.move({.id = job.id,
                                 .event = jobs::JobEvent::succeed,
                                 .place = "s3://" + bucket + "/" + job.id + "/1/",
                                 .now = finished}));
        return job.id;
    }
    bool is_noted(const std::string& id) { return fs::exists(root_.path() / ".removing" / id); }

    FarPlace far_;
    Retention knowing_{store_, root_.path(), {.limits = {.age = hours(24)}, .elsewhere = &far_}};
};

TEST_F(RetentionElsewhereTest, RemovesWhatLiesElsewhere) {
    const auto old = done_far("a", kNoon - hours(25)), young = done_far("b", kNoon - hours(1));
    const auto here = done("c", kNoon - hours(25));
    EXPECT_EQ(knowing_.sweep(kNoon).value(), 2u);
    EXPECT_TRUE(is_removed(old));
    EXPECT_TRUE(is_removed(here));
    EXPECT_EQ(far_.asked, 0u) << "that may take long";
    EXPECT_TRUE(knowing_.sweep_elsewhere({}));
    EXPECT_EQ(far_.removed, std::set{old});
    EXPECT_FALSE(is_removed(young));
    EXPECT_TRUE(fs::is_empty(root_.path() / ".removing"));
    EXPECT_TRUE(knowing_.sweep_elsewhere({}));
    EXPECT_EQ(far_.asked, 1u);
}

TEST_F(RetentionElsewhereTest, SaysOnceWhatItDoesNotReachAndLeavesItAlone) {
    const auto old = done("a", kNoon - hours(25));
    const auto far = done_far("far", kNoon - hours(30));
    const auto told = retention_.sweep(kNoon);
    ASSERT_FALSE(told);
    EXPECT_NE(told.error().message.find("s3://ours/"), std::string::npos);
    EXPECT_NE(told.error().message.find("--s3-credentials"), std::string::npos);
    EXPECT_TRUE(is_removed(old)) << "that is done all the same";
    EXPECT_EQ(retention_.sweep(kNoon).value(), 0u);
    EXPECT_FALSE(is_removed(far));
    const auto foreign = done_far("foreign", kNoon - hours(30), "theirs");
    EXPECT_FALSE(knowing_.sweep(kNoon));
    EXPECT_TRUE(is_removed(far));
    EXPECT_FALSE(is_removed(foreign));
}

TEST_F(RetentionElsewhereTest, KeepsItsNoteWhileThePlaceIsAwayAndCompletesItAfterwards) {
    const auto first = done_far("a", kNoon - hours(26)), second = done_far("b", kNoon - hours(25));
    far_.failure = Fault::transient;
    EXPECT_EQ(knowing_.sweep(kNoon).value(), 2u);
    const auto away = knowing_.sweep_elsewhere({});
    ASSERT_FALSE(away);
    EXPECT_EQ(away.error().message, "the far place");
    EXPECT_EQ(far_.asked, 1u) << "the others lie there too";
    EXPECT_TRUE(is_noted(first));
    EXPECT_TRUE(is_noted(second));
    const auto here = done("c", kNoon - hours(25));
    EXPECT_EQ(knowing_.sweep(kNoon).value(), 1u) << "what is here does not wait for it";
    EXPECT_TRUE(is_removed(here));
    EXPECT_TRUE(is_noted(first)) << "a sweep leaves it to whoever can remove it";
    far_.failure.reset();
    Retention after_a_restart(store_, root_.path(), {.elsewhere = &far_});
    EXPECT_TRUE(after_a_restart.sweep_elsewhere({}));
    EXPECT_EQ(far_.removed, (std::set{first, second}));
    EXPECT_TRUE(fs::is_empty(root_.path() / ".removing"));
}

TEST_F(RetentionElsewhereTest, RemovesTheOthersWhereOneIsRefused) {
    const auto first = done_far("a", kNoon - hours(26)), second = done_far("b", kNoon - hours(25));
    far_.failure = Fault::broken;
    ASSERT_EQ(knowing_.sweep(kNoon).value(), 2u);
    EXPECT_FALSE(knowing_.sweep_elsewhere({}));
    EXPECT_EQ(far_.asked, 2u);
    EXPECT_TRUE(is_noted(first));
    EXPECT_TRUE(is_noted(second));
}

TEST_F(RetentionElsewhereTest, LetsNothingYoungerGoForWhatIsStuckElsewhere) {
    const auto old = done_far("a", kNoon - hours(3));
    const auto here = done("b", kNoon - hours(2));
    far_.failure = Fault::transient;
    Retention one_only(store_, root_.path(), {.limits = {.total_count = 1}, .elsewhere = &far_});
    EXPECT_EQ(one_only.sweep(kNoon).value(), 1u);
    EXPECT_FALSE(one_only.sweep_elsewhere({}));
    EXPECT_EQ(one_only.sweep(kNoon).value(), 0u);
    EXPECT_TRUE(is_removed(old));
    EXPECT_FALSE(is_removed(here));
}

TEST_F(RetentionElsewhereTest, KeepsTheNoteOfWhatNobodyReachesAnyMore) {
    const auto far = done_far("a", kNoon - hours(25));
    ASSERT_EQ(knowing_.sweep(kNoon).value(), 1u);
    EXPECT_TRUE(retention_.sweep(kNoon));
    EXPECT_TRUE(retention_.sweep_elsewhere({}));
    EXPECT_TRUE(is_noted(far)) << "for the day when it is told the place again";
}

TEST_F(RetentionElsewhereTest, TouchesNoImageThatTheStoreHasNotGivenUp) {
    const auto young = done_far("a", kNoon);
    fs::create_directory(root_.path() / ".removing");  // sweep() is about to tell the store
    std::ofstream(root_.path() / ".removing" / young) << "";
    std::ofstream(root_.path() / ".removing" / "nonsense") << "";
    EXPECT_TRUE(knowing_.sweep_elsewhere({}));
    EXPECT_EQ(far_.asked, 0u);
    EXPECT_TRUE(is_noted(young));
    store_.is_away = true;
    EXPECT_EQ(knowing_.sweep_elsewhere({}).error().fault, Fault::transient);
    EXPECT_TRUE(is_noted(young));
}

}  // namespace
}  // namespace img::testing
