#include "jobs/leftovers.hpp"

#include "jobs/attempt_fence.hpp"
#include "system/fd.hpp"
#include "tests/support/fake_job_store.hpp"
#include "tests/support/some_job.hpp"
#include "tests/support/temp_folder.hpp"

#include <algorithm>
#include <fcntl.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/file.h>

namespace img::testing {
namespace {

namespace fs = std::filesystem;
using jobs::JobEvent;
using Names = std::vector<std::string>;

class LeftoversTest : public ::testing::Test {
protected:
    /// A job that came so far, whose worker has published.
    fs::path published(const std::string& name, const std::vector<JobEvent>& events) {
        const auto job = some_job(name);
        EXPECT_TRUE(store_.add(job, {}));
        for (const auto event : events) {
            EXPECT_TRUE(store_.move({.id = job.id, .event = event, .worker = "w"}).value());
        }
        const auto folder = root_.path() / job.id;
        fs::create_directories(folder);
        for (const auto& file :
             {".attempt", "a.ks", "a.log", "a.packages", "a.raw", "manifest.json"}) {
            std::ofstream(folder / file)
                << (file == std::string(".attempt") ? "0000000001\n" : "x");
        }
        return folder;
    }
    std::size_t swept() { return jobs::sweep_leftovers(store_, root_.path()).value(); }
    static Names names(const fs::path& folder) {
        Names found;
        for (const auto& entry : fs::directory_iterator(folder)) {
            found.push_back(entry.path().filename());
        }
        std::ranges::sort(found);
        return found;
    }

    TempFolder root_;
    FakeJobStore store_;
    const Names all_{".attempt", "a.ks", "a.log", "a.packages", "a.raw", "manifest.json"};
    const Names kept_{".attempt", "a.ks", "a.log"};
};

TEST_F(LeftoversTest, GoFromJobsThatEndedWithoutAnImageAndFromNoOther) {
    const auto queued = published("queued", {}),
               building = published("building", {JobEvent::start});
    const auto done = published("done", {JobEvent::start, JobEvent::succeed});
    const auto failed = published("failed", {JobEvent::start, JobEvent::fail});
    const auto cancelled = published("cancelled", {JobEvent::start, JobEvent::cancel});
    EXPECT_EQ(swept(), 2u);
    for (const auto& folder : {queued, building, done}) {
        EXPECT_EQ(names(folder), all_);
    }
    for (const auto& folder : {failed, cancelled}) {
        EXPECT_EQ(names(folder), kept_);
        EXPECT_FALSE(jobs::AttemptFence::enter(folder, 1)) << "nothing comes after";
    }
    EXPECT_EQ(swept(), 0u);
}

TEST_F(LeftoversTest, GoHoweverManyJobsThereAre) {
    const auto oldest = published("oldest", {JobEvent::cancel});
    for (int i = 0; i < 1000; ++i) {
        const auto job = some_job("job" + std::to_string(i));
        ASSERT_TRUE(store_.add(job, {}));
        ASSERT_TRUE(store_.move({.id = job.id, .event = JobEvent::cancel}));
    }
    EXPECT_EQ(swept(), 1u);
    EXPECT_EQ(names(oldest), kept_);
}

TEST_F(LeftoversTest, StayWhileSomebodyReadsThem) {
    const auto folder = published("cancelled", {JobEvent::cancel});
    {
        const system::Fd reader(::open((folder / "a.raw").c_str(), O_RDONLY | O_CLOEXEC));
        ASSERT_EQ(::flock(reader.get(), LOCK_SH), 0);
        EXPECT_EQ(swept(), 0u);
        EXPECT_EQ(names(folder), all_);
    }
    EXPECT_EQ(swept(), 1u);
}

TEST_F(LeftoversTest, StayWhileTheStoreIsAwayOrItIsStopped) {
    const auto folder = published("cancelled", {JobEvent::cancel});
    store_.is_away = true;
    EXPECT_EQ(jobs::sweep_leftovers(store_, root_.path()).error().fault, Fault::transient);
    store_.is_away = false;
    std::stop_source stop;
    stop.request_stop();
    EXPECT_FALSE(jobs::sweep_leftovers(store_, root_.path(), stop.get_token()));
    EXPECT_EQ(names(folder), all_);
}

}  // namespace
}  // namespace img::testing
