#include "jobs/job_log.hpp"

#include "tests/support/temp_folder.hpp"

#include <fstream>
#include <gtest/gtest.h>

namespace img::jobs {
namespace {

class JobLogTest : public ::testing::Test {
protected:
    JobLog open(unsigned attempt) { return JobLog::open(file_, attempt).value(); }
    std::string text() const {
        std::ifstream in(file_);
        return {std::istreambuf_iterator(in), {}};
    }

    testing::TempFolder folder_;
    std::filesystem::path file_ = folder_.path() / "debian.log";
};

TEST_F(JobLogTest, TakesEachByteOnce) {
    auto log = open(1);
    ASSERT_TRUE(log.write(0, "abc"));
    ASSERT_TRUE(log.write(0, "abc"));
    ASSERT_TRUE(log.write(1, "bcde"));
    EXPECT_EQ(text(), "abcde");
}

TEST_F(JobLogTest, SaysHowMuchIsMissing) {
    auto log = open(1);
    ASSERT_TRUE(log.write(0, "ab"));
    ASSERT_TRUE(log.write(10, "k\n"));
    ASSERT_TRUE(log.write(12, "m\n"));
    ASSERT_TRUE(log.write(12, "m\n"));
    EXPECT_EQ(text(), "ab\n--- 8 bytes of the log were lost here ---\nk\nm\n");
    ASSERT_TRUE(open(1).write(14, "o\n"));
    EXPECT_EQ(text(), "ab\n--- 8 bytes of the log were lost here ---\nk\nm\no\n");
}

TEST_F(JobLogTest, GoesOnAfterARestart) {
    ASSERT_TRUE(open(1).write(0, "abc\n"));
    ASSERT_TRUE(open(1).write(2, "c\nd\n"));
    EXPECT_EQ(text(), "abc\nd\n");
}

TEST_F(JobLogTest, WritesANewAttemptUnderALineOfItsOwn) {
    ASSERT_TRUE(open(1).write(0, "half"));
    ASSERT_TRUE(open(2).write(0, "new\n"));
    EXPECT_EQ(text(), "half\n--- attempt 2 ---\nnew\n");
    ASSERT_TRUE(open(2).write(0, "new\nmore\n"));
    EXPECT_EQ(text(), "half\n--- attempt 2 ---\nnew\nmore\n");
}

TEST_F(JobLogTest, EndsTheLineThatACrashTore) {
    ASSERT_TRUE(open(1).write(0, "one\n"));
    {
        open(2);
    }
    std::filesystem::resize_file(file_, 4 + 5);  // "one\n" and "--- a"
    ASSERT_TRUE(open(2).write(0, "new\n"));
    EXPECT_EQ(text(), "one\n--- attempt 2 ---\nnew\n");
}

TEST_F(JobLogTest, SaysItsLastWordsOnce) {
    auto log = open(1);
    ASSERT_TRUE(log.write(0, "half"));
    ASSERT_TRUE(log.close_with("the end"));
    ASSERT_TRUE(log.close_with("the end"));
    EXPECT_EQ(text(), "half\nthe end\n");
}

TEST_F(JobLogTest, RefusesAnOffsetBeyondAnyLog) {
    const auto written = open(1).write(~0ULL, "x");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().fault, Fault::invalid);
    EXPECT_EQ(text(), "");
}

TEST_F(JobLogTest, FollowsNoLink) {
    std::filesystem::create_symlink(folder_.path() / "elsewhere", file_);
    EXPECT_FALSE(JobLog::open(file_, 1));
}

}  // namespace
}  // namespace img::jobs
