#include "jobs/job.hpp"

#include <array>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
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

TEST(UserOf, IsTheAddressInLowerCaseOrAnonymous) {
    EXPECT_EQ(user_of({.email = "Ann.B@Example.ORG"}), "ann.b@example.org");
    EXPECT_EQ(user_of({}), "anonymous");
}

/// What digest_of() looks at, in the order of the fields.
using Built = std::array<std::string, 5>;

std::string digest_of(const Built& built) {
    return jobs::digest_of({.name = built[0],
                            .image_type = built[1],
                            .kickstart = built[2],
                            .overlay = built[3],
                            .architecture = built[4]});
}

TEST(DigestOf, IsThatOfTheSameBuildWhoeverAsksForIt) {
    const JobRequest request{.name = "n", .image_type = "raw", .kickstart = "part /"};
    auto other = request;
    other.email = "a@b";
    other.priority = 3;
    other.reference = "r";
    other.is_fresh = true;
    other.template_name = "board";
    other.architecture = "amd64";
    EXPECT_EQ(jobs::digest_of(request), jobs::digest_of(other));
    EXPECT_EQ(jobs::digest_of(request).size(), 64u);
}

RC_GTEST_PROP(DigestOfProperty,
              ChangesWithEachField,
              (const Built& built, const std::string& text)) {
    const auto field = *rc::gen::inRange<std::size_t>(0, built.size());
    RC_PRE(built[field] != text);
    RC_PRE(field != 4 || (!built[4].empty() && !text.empty()));  // no architecture is amd64
    auto other = built;
    other[field] = text;
    RC_ASSERT(digest_of(built) != digest_of(other));
}

RC_GTEST_PROP(DigestOfProperty,
              IsNotTheSameForATextThatIsPartedOtherwise,
              (const std::string& text)) {
    const auto one = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
    const auto two = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
    RC_PRE(one != two);
    const auto part = [&text](std::size_t at) {
        return digest_of({"n", "raw", text.substr(0, at), text.substr(at), "amd64"});
    };
    RC_ASSERT(part(one) != part(two));
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
