#include "worker/work_folder.hpp"

#include "jobs/job.hpp"
#include "tests/support/temp_folder.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <optional>

namespace img::worker {
namespace {

namespace fs = std::filesystem;

const std::string kId = "0123456789abcdef0123456789abcdef";

TEST(WorkFolder, IsEmptyAndGoesWithItsOwner) {
    const testing::TempFolder work;
    fs::path path;
    {
        const auto folder = WorkFolder::make(work.path(), kId, 2).value();
        path = folder.path();
        EXPECT_EQ(path.filename(), kId + ".2");
        EXPECT_TRUE(fs::is_empty(path));
        std::ofstream(path / "file") << "x";
    }
    EXPECT_FALSE(fs::exists(path));
}

TEST(WorkFolder, IsNotTakenFromAnotherBuild) {
    const testing::TempFolder work;
    const auto folder = WorkFolder::make(work.path(), kId, 1).value();
    std::ofstream(folder.path() / "file") << "x";
    const auto second = WorkFolder::make(work.path(), kId, 1);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().fault, Fault::transient);
    EXPECT_TRUE(fs::exists(folder.path() / "file"));
}

TEST(LeftOver, GoesWhereNobodyHoldsItAndOnlyWhatIsOurs) {
    const testing::TempFolder work;
    const auto used = WorkFolder::make(work.path(), kId, 1).value();
    fs::create_directories(work.path() / (kId + ".7") / "out");
    fs::create_directories(work.path() / "precious");
    EXPECT_TRUE(remove_left_over(work.path()).empty());
    EXPECT_TRUE(fs::exists(used.path()));
    EXPECT_FALSE(fs::exists(work.path() / (kId + ".7")));
    EXPECT_TRUE(fs::exists(work.path() / "precious"));
    EXPECT_TRUE(remove_left_over(work.path() / "nowhere").empty());
}

}  // namespace
}  // namespace img::worker
