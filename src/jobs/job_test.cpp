#include "jobs/job.hpp"

#include <gtest/gtest.h>
#include <set>
#include <vector>

namespace img::jobs {
namespace {

TEST(JobId, IsAFreshOneOfTheFormThatIsAccepted) {
    std::set<std::string> ids;
    for (int i = 0; i < 1000; ++i) {
        const auto id = new_job_id();
        EXPECT_TRUE(is_job_id(id)) << id;
        ids.insert(id);
    }
    EXPECT_EQ(ids.size(), 1000u);
}

TEST(JobId, IsNothingThatCouldLeadAPathAstray) {
    for (const std::string& text : std::vector<std::string>{
             "", "0", "../../../../../../../etc/passwd0", "0123456789ABCDEF0123456789abcdef",
             "0123456789abcdef0123456789abcdef0", "0123456789abcdef0123456789abcde/"}) {
        EXPECT_FALSE(is_job_id(text)) << text;
    }
    EXPECT_TRUE(is_job_id("0123456789abcdef0123456789abcdef"));
}

TEST(JobName, IsAPlainFileName) {
    for (const std::string& text :
         std::vector<std::string>{"a", "0", "debian-12.raw_1", std::string(100, 'x')}) {
        EXPECT_TRUE(is_job_name(text)) << text;
    }
    for (const std::string& text : std::vector<std::string>{"", ".hidden", "-o", "a b", "a/b", "ä",
                                                            "a\n", "..", std::string(101, 'x')}) {
        EXPECT_FALSE(is_job_name(text)) << text;
    }
    EXPECT_FALSE(is_job_name(std::string_view("a\0b", 3)));
}

TEST(JobState, HasATextThatLeadsBackToIt) {
    using enum JobState;
    for (const auto state : {queued, building, done, error, cancelled}) {
        EXPECT_EQ(job_state_from(to_text(state)), state);
    }
    EXPECT_EQ(job_state_from("Done"), std::nullopt);
    EXPECT_EQ(job_state_from(""), std::nullopt);
}

TEST(JobState, LeavesAFinishedJobAlone) {
    using enum JobEvent;
    for (const auto state : {JobState::done, JobState::error, JobState::cancelled}) {
        for (const auto event : {start, succeed, fail, cancel, lose_worker}) {
            EXPECT_EQ(next(state, event), std::nullopt);
        }
    }
}

TEST(JobState, GoesBackToTheQueueOnlyFromABuild) {
    EXPECT_EQ(next(JobState::building, JobEvent::lose_worker), JobState::queued);
    EXPECT_EQ(next(JobState::queued, JobEvent::lose_worker), std::nullopt);
    EXPECT_EQ(next(JobState::queued, JobEvent::succeed), std::nullopt);
    EXPECT_EQ(next(JobState::queued, JobEvent::start), JobState::building);
    EXPECT_EQ(next(JobState::building, JobEvent::start), std::nullopt);
}

}  // namespace
}  // namespace img::jobs
