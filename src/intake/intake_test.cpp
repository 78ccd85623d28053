#include "intake/intake.hpp"

#include "tests/support/fake_job_store.hpp"
#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace img::intake {
namespace {

using jobs::ForeignRequest;
using jobs::Verdict;

const std::string kGood =
    "part / --size 1024 --fstype ext4\n"
    "url --url http://127.0.0.1/debian --type deb --suite bookworm --components main\n"
    "%packages\nsystemd\n%end\n";
const std::vector<std::string> kTypes{"raw"};
const std::function<std::map<std::string, std::string>(std::string_view, std::string_view)>
    kNoTokens;

/// A door that a test stands in itself.
class OpenDoor : public jobs::FrontDoor {
public:
    Token on_request(std::function<Verdict(const ForeignRequest&)> handler,
                     std::function<void(const jobs::RefusedMessage&)> told) override {
        ask = std::move(handler);
        refused = std::move(told);
        return {};
    }
    Token on_inquiry(std::function<Result<std::optional<jobs::StatusNotice>>(const std::string&)>
                         handler) override {
        inquire = std::move(handler);
        return {};
    }
    Result<void> send(const jobs::StatusNotice& notice) override {
        if (is_away) {
            return fail(Fault::transient, "the broker is away");
        }
        sent.push_back(notice);
        return {};
    }

    bool is_away = false;
    std::vector<jobs::StatusNotice> sent;
    std::function<Verdict(const ForeignRequest&)> ask;
    std::function<void(const jobs::RefusedMessage&)> refused;
    std::function<Result<std::optional<jobs::StatusNotice>>(const std::string&)> inquire;
};

class Intake : public ::testing::Test {
protected:
    Result<jobs::Submitted> submit(jobs::JobRequest request) {
        submitted_.push_back(request);
        if (refusal_) {
            return std::unexpected(*refusal_);
        }
        jobs::Job job{.id = jobs::new_job_id(), .request = std::move(request)};
        const auto added = store_.add(job, {});
        if (!added) {
            return std::unexpected(added.error());
        }
        return jobs::Submitted{.job = store_.find(added->id).value().value(),
                               .is_joined = added->is_joined};
    }
    static ForeignRequest good() {
        return {.request = {.image_type = "raw", .kickstart = kGood, .reference = "r1"}};
    }

    testing::TempFolder folder_;
    testing::FakeJobStore store_;
    OpenDoor door_;
    std::optional<Error> refusal_;
    std::vector<jobs::JobRequest> submitted_;
    std::vector<Error> trouble_;
    std::shared_ptr<void> token_ =
        serve(door_,
              {.rules = {.image_types = kTypes, .tokens = kNoTokens},
               .templates = folder_.path(),
               .submit = [this](jobs::JobRequest request) { return submit(std::move(request)); },
               .store = store_,
               .trouble = [this](const Error& error) { trouble_.push_back(error); }});
};

TEST_F(Intake, MakesAJobOfAGoodRequest) {
    EXPECT_EQ(door_.ask(good()).kind, Verdict::Kind::taken);
    ASSERT_EQ(submitted_.size(), 1u);
    EXPECT_EQ(submitted_[0].reference, "r1");
    EXPECT_EQ(submitted_[0].kickstart, kGood);
    EXPECT_TRUE(jobs::is_job_name(submitted_[0].name));
}

TEST_F(Intake, RefusesWithAllThatIsWrong) {
    auto bad = good();
    bad.request.image_type = "rwa";
    bad.request.kickstart = "bogus\n";
    const auto verdict = door_.ask(bad);
    EXPECT_EQ(verdict.kind, Verdict::Kind::refused);
    EXPECT_NE(verdict.reason.find("did you mean \"raw\"?"), std::string::npos) << verdict.reason;
    EXPECT_NE(verdict.reason.find("bogus"), std::string::npos) << verdict.reason;
    EXPECT_TRUE(submitted_.empty());
}

TEST_F(Intake, RefusesWhatKickstarterCannotRead) {
    const auto verdict = door_.ask({.request = {.reference = "r1"}, .configuration = "a: ["});
    EXPECT_EQ(verdict.kind, Verdict::Kind::refused);
    EXPECT_TRUE(verdict.reason.starts_with("kickstarter")) << verdict.reason;
}

TEST_F(Intake, RefusesForGoodOnlyWhatIsTheSendersFault) {
    refusal_ = Error{Fault::invalid, "the name is in use"};
    EXPECT_EQ(door_.ask(good()).kind, Verdict::Kind::refused);
    for (const auto fault : {Fault::transient, Fault::exhausted, Fault::broken, Fault::missing}) {
        refusal_ = Error{fault, "the store is away"};
        const auto verdict = door_.ask(good());
        EXPECT_EQ(verdict.kind, Verdict::Kind::later);
        EXPECT_EQ(verdict.reason, "the store is away");
    }
    EXPECT_EQ(trouble_.size(), 4u);
}

TEST_F(Intake, TellsWhoJoinsAJobHowFarItIs) {
    ASSERT_EQ(door_.ask(good()).kind, Verdict::Kind::taken);
    EXPECT_TRUE(door_.sent.empty()) << "a new job's statuses come from the store";
    auto same = good();
    same.request.reference = "r2";
    door_.is_away = true;
    EXPECT_EQ(door_.ask(same).kind, Verdict::Kind::later);
    door_.is_away = false;
    ASSERT_EQ(door_.ask(same).kind, Verdict::Kind::taken);
    ASSERT_EQ(door_.sent.size(), 1u);
    EXPECT_EQ(door_.sent[0].references, std::vector<std::string>{"r2"});
    EXPECT_EQ(door_.sent[0].job.id, door_.inquire("r1").value()->job.id);
}

TEST_F(Intake, RefusesAReferenceThatAnotherRequestHas) {
    ASSERT_EQ(door_.ask(good()).kind, Verdict::Kind::taken);
    EXPECT_EQ(door_.ask(good()).kind, Verdict::Kind::taken) << "the same again is safe";
    auto other = good();
    other.request.overlay = "vim";
    const auto verdict = door_.ask(other);
    EXPECT_EQ(verdict.kind, Verdict::Kind::refused);
    EXPECT_NE(verdict.reason.find(door_.inquire("r1").value()->job.id), std::string::npos)
        << verdict.reason;
    auto others = good();
    others.request.email = "bob@example.org";
    EXPECT_EQ(door_.ask(others).kind, Verdict::Kind::refused);
}

TEST_F(Intake, AnswersInquiriesByTheClientsNameAndByOurs) {
    ASSERT_EQ(door_.ask(good()).kind, Verdict::Kind::taken);
    const auto found = door_.inquire("r1").value();
    ASSERT_TRUE(found);
    EXPECT_EQ(door_.inquire(found->job.id).value()->job.id, found->job.id);
    EXPECT_FALSE(door_.inquire("r2").value());
}

TEST_F(Intake, NotesWhatTheDoorRefused) {
    door_.refused({.queue = "image_queue", .reference = "r1", .reason = "no JSON"});
    const auto noted = store_.refused(10).value();
    ASSERT_EQ(noted.size(), 1u);
    EXPECT_EQ(noted[0].reason, "no JSON");
    const auto asked = door_.inquire("r1").value();
    ASSERT_TRUE(asked) << "its sender may ask why";
    EXPECT_EQ(asked->job.state, jobs::JobState::error);
    EXPECT_EQ(asked->job.error, "no JSON");
    EXPECT_FALSE(door_.inquire("").value());
}

}  // namespace
}  // namespace img::intake
