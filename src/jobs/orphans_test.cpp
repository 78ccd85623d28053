#include "jobs/orphans.hpp"

#include "tests/support/fake_job_store.hpp"
#include "tests/support/temp_folder.hpp"

#include <fstream>
#include <gtest/gtest.h>

namespace img::testing {
namespace {

namespace fs = std::filesystem;
using std::chrono::minutes;

class OrphansTest : public ::testing::Test {
protected:
    /// What a submit leaves that was cut off, so long ago.
    fs::path cut_off(minutes ago, const std::string& id = jobs::new_job_id()) {
        const auto folder = root_.path() / id;
        fs::create_directories(folder);
        std::ofstream(folder / "debian.ks") << "part / --size 1\n";
        age(folder, ago);
        return folder;
    }
    void age(const fs::path& folder, minutes ago) {
        fs::last_write_time(folder, std::chrono::file_clock::from_sys(now_) - ago);
    }
    std::size_t swept() { return jobs::sweep_orphans(store_, root_.path(), now_).value(); }

    TempFolder root_;
    FakeJobStore store_;
    const jobs::Time now_ =
        std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
};

TEST_F(OrphansTest, GoWhenTheyAreOlderThanAnySubmit) {
    const auto old = cut_off(minutes(61)), young = cut_off(minutes(59));
    const auto empty = root_.path() / jobs::new_job_id();  // cut off before the kickstart
    fs::create_directory(empty);
    age(empty, minutes(61));
    EXPECT_EQ(swept(), 2u);
    EXPECT_FALSE(fs::exists(old));
    EXPECT_FALSE(fs::exists(empty));
    EXPECT_TRUE(fs::exists(young / "debian.ks"));
}

TEST_F(OrphansTest, StayWhereTheyHaveARow) {
    const jobs::Job job{.id = jobs::new_job_id(), .request = {.name = "debian"}};
    ASSERT_TRUE(store_.add(job, {}));
    const auto folder = cut_off(minutes(600), job.id);
    EXPECT_EQ(swept(), 0u);
    EXPECT_TRUE(fs::exists(folder / "debian.ks"));
}

TEST_F(OrphansTest, StayWhileTheStoreIsAway) {
    const auto folder = cut_off(minutes(600));
    store_.is_away = true;
    const auto away = jobs::sweep_orphans(store_, root_.path(), now_);
    ASSERT_FALSE(away);
    EXPECT_EQ(away.error().fault, Fault::transient);
    EXPECT_TRUE(fs::exists(folder / "debian.ks"));
    store_.is_away = false;
    std::stop_source stop;
    stop.request_stop();
    EXPECT_FALSE(jobs::sweep_orphans(store_, root_.path(), now_, stop.get_token()));
    EXPECT_TRUE(fs::exists(folder / "debian.ks"));
}

TEST_F(OrphansTest, StayWhereThereIsMoreThanASubmitLeaves) {
    std::vector<fs::path> folders;
    for (const auto* file : {"debian.raw", "debian.log", ".attempt", "manifest.json", "other.ks"}) {
        folders.push_back(cut_off(minutes(600)));
        std::ofstream(folders.back() / file) << "x";
        age(folders.back(), minutes(600));
    }
    folders.push_back(cut_off(minutes(600)));
    fs::create_directory(folders.back() / "folder.ks");
    age(folders.back(), minutes(600));
    EXPECT_EQ(swept(), 0u) << "the rows may have been lost";
    for (const auto& folder : folders) {
        EXPECT_TRUE(fs::exists(folder / "debian.ks")) << folder;
    }
}

TEST_F(OrphansTest, AreNothingButFoldersNamedAsJobsAre) {
    const std::string id = jobs::new_job_id();
    std::vector<fs::path> others;
    for (const auto& name :
         {std::string("kickstarts"), "." + id, id.substr(1), id + "0", "X" + id.substr(1)}) {
        others.push_back(cut_off(minutes(600), name));
    }
    const auto file = root_.path() / jobs::new_job_id();
    std::ofstream(file) << "x";
    age(file, minutes(600));
    const TempFolder away;
    std::ofstream(away.path() / "debian.ks") << "x";
    const auto link = root_.path() / jobs::new_job_id();
    fs::create_directory_symlink(away.path(), link);
    age(away.path(), minutes(600));
    EXPECT_EQ(swept(), 0u);
    for (const auto& other : others) {
        EXPECT_TRUE(fs::exists(other / "debian.ks")) << other;
    }
    EXPECT_TRUE(fs::exists(file));
    EXPECT_TRUE(fs::is_symlink(link));
    EXPECT_TRUE(fs::exists(away.path() / "debian.ks"));
}

TEST_F(OrphansTest, AreNotThereWithoutAWwwRoot) {
    EXPECT_FALSE(jobs::sweep_orphans(store_, root_.path() / "none", now_));
}

}  // namespace
}  // namespace img::testing
