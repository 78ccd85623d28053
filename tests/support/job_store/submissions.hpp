// What add() of every JobStore must do: ids, names, references, requests that join.
#pragma once

#include "tests/support/job_store/fixture.hpp"

#include <algorithm>
#include <atomic>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

namespace img::testing {

TEST_P(JobStoreSuite, GivesBackWhatWasAdded) {
    auto job = some_job("debian");
    job.request.kickstart = std::string("a\0b\xff", 4) + std::string(300'000, 'k');
    job.request.reference = "stranger 7";
    job.request.is_fresh = true;
    EXPECT_EQ(add(job).id, job.id);
    const auto found = store_->find(job.id).value();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, job.id);
    EXPECT_EQ(found->request.name, "debian");
    EXPECT_EQ(found->request.image_type, "raw");
    EXPECT_EQ(found->request.kickstart, job.request.kickstart);
    EXPECT_EQ(found->request.overlay, "vim,-nano");
    EXPECT_EQ(found->request.email, "Anna@Example.org");
    EXPECT_EQ(found->request.template_name, "board");
    EXPECT_EQ(found->request.architecture, "arm64");
    EXPECT_EQ(found->request.priority, -3);
    EXPECT_EQ(found->request.reference, "stranger 7");
    EXPECT_TRUE(found->request.is_fresh);
    EXPECT_EQ(found->state, JobState::queued);
    EXPECT_EQ(found->attempt, 1u);
    EXPECT_EQ(found->created, at(1'000));
    EXPECT_EQ(found->finished, at(0));
    EXPECT_EQ(found->place, "");
    EXPECT_EQ(found->size, 0u);
    EXPECT_FALSE(found->is_pinned);
    EXPECT_EQ(found->removed, at(0));
    EXPECT_EQ(store_->find(jobs::new_job_id()).value(), std::nullopt);
}

TEST_P(JobStoreSuite, KeepsATextThatIsNoUtf8AsFarAsItGoes) {
    const auto job = added("debian");
    ASSERT_TRUE(moved(job, JobEvent::start));
    const std::string last_words("mke2fs: \xff\0bad block", 19);
    ASSERT_TRUE(
        store_->move({.id = job.id, .event = JobEvent::fail, .error = last_words, .now = at(5)})
            .value());
    const auto error = store_->find(job.id).value()->error;
    EXPECT_TRUE(error.starts_with("mke2fs: ")) << error;
    EXPECT_TRUE(error.ends_with("bad block")) << error;
}

TEST_P(JobStoreSuite, GivesTheJobThatIsThereToWhoeverSendsItsReferenceAgain) {
    auto job = some_job("debian");
    job.request.reference = "stranger 7";
    add(job);
    auto other = twin_of(job);
    other.request.is_fresh = true;
    other.request.priority = 5;
    const auto joined = add(other);
    EXPECT_EQ(joined.id, job.id);
    EXPECT_TRUE(joined.is_joined);
    EXPECT_EQ(store_->find_reference("stranger 7").value()->id, job.id);
    EXPECT_EQ(store_->find(other.id).value(), std::nullopt);
    EXPECT_EQ(outbox().size(), 1u) << "nothing else is made";
    ASSERT_TRUE(moved(job, JobEvent::start));
    ASSERT_TRUE(moved(job, JobEvent::fail));
    EXPECT_EQ(add(other).id, job.id) << "also when it failed: that is the answer";
    EXPECT_EQ(store_->find_reference("stranger 8").value(), std::nullopt);
    EXPECT_EQ(store_->find_reference("").value(), std::nullopt);
}

TEST_P(JobStoreSuite, LetsGoOfTheReferencesOfAJobThatWasCancelled) {
    auto job = some_job("debian");
    job.request.reference = "alice's";
    add(job);
    auto joined = twin_of(job);
    joined.request.reference = "bob's";
    joined.request.email = "bob@example.org";
    ASSERT_EQ(add(joined).id, job.id);
    ASSERT_TRUE(moved(job, JobEvent::cancel));
    EXPECT_EQ(store_->find_reference("bob's").value()->id, job.id) << "until he asks again";
    send_all();
    const auto again = twin_of(joined);
    const auto made = add(again);
    EXPECT_EQ(made.id, again.id);
    EXPECT_FALSE(made.is_joined);
    EXPECT_EQ(store_->find_reference("bob's").value()->id, again.id);
    EXPECT_EQ(store_->find_reference("alice's").value()->id, job.id);
    EXPECT_EQ(std::get<jobs::StatusNotice>(outbox().at(0).message).references,
              std::vector<std::string>{"bob's"});
    EXPECT_EQ(add(twin_of(again)).id, again.id) << "and it is his from here on";
    auto mended = some_job("mended");
    mended.request.reference = "alice's";
    EXPECT_EQ(add(mended).id, mended.id) << "whatever she asks for now";
}

TEST_P(JobStoreSuite, TellsWhoeverCancelsAJobHowManySharedIt) {
    const auto alone = added("alone");
    ASSERT_TRUE(moved(alone, JobEvent::start));
    ASSERT_TRUE(store_->beat(alone.id, 1, {.stage = "fetch", .text = "on its way"}, at(9)).value());
    EXPECT_EQ(moved(alone, JobEvent::cancel)->progress.text, "");
    auto job = some_job("debian");
    job.request.reference = "first";
    add(job);
    add(job);
    auto again = twin_of(job);
    EXPECT_EQ(add(again).id, job.id) << "by its reference: no other request";
    again.request.reference.clear();
    EXPECT_EQ(add(again).id, job.id);
    again.request.reference = "third";
    EXPECT_EQ(add(again).id, job.id);
    EXPECT_EQ(moved(job, JobEvent::cancel)->progress.text,
              "3 requests shared this build; it is cancelled for all of them");
}

TEST_P(JobStoreSuite, RefusesAReferenceThatAnotherRequestHasAndSaysWhich) {
    auto job = some_job("debian");
    job.request.reference = "build-1";
    add(job);
    for (const auto state : {JobState::queued, JobState::building, JobState::done}) {
        auto other = some_job("debian");
        other.request.reference = "build-1";
        const auto refused = store_->add(other, at(0));
        ASSERT_FALSE(refused) << to_text(state);
        EXPECT_EQ(refused.error().fault, Fault::invalid);
        EXPECT_TRUE(refused.error().message.starts_with("reference build-1: job " + job.id))
            << refused.error().message;
        ASSERT_EQ(store_->find(job.id).value()->state, state);
        (void)moved(job, state == JobState::queued ? JobEvent::start : JobEvent::succeed);
    }
    EXPECT_EQ(store_->find_reference("build-1").value()->id, job.id);
    EXPECT_EQ(store_->list({}).value().size(), 1u) << "nothing else is made";
}

TEST_P(JobStoreSuite, RefusesAReferenceThatAnotherUserHas) {
    auto job = some_job("debian");
    job.request.reference = "build-1";
    add(job);
    auto same = twin_of(job);
    same.request.email = "ANNA@EXAMPLE.ORG";
    EXPECT_EQ(add(same).id, job.id) << "one user, written otherwise";
    auto others = twin_of(job);
    others.request.email = "bert@example.org";
    const auto refused = store_->add(others, at(0));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::invalid);
    EXPECT_NE(refused.error().message.find("another user"), std::string::npos)
        << refused.error().message;
    others.request.reference = "build-2";
    EXPECT_EQ(add(others).id, job.id) << "one of his own joins it";
    EXPECT_EQ(add(twin_of(others)).id, job.id) << "and is his, though the job is hers";
}

TEST_P(JobStoreSuite, JoinsAnUnfinishedJobOfTheSameRequest) {
    auto job = some_job("debian");
    job.request.reference = "first";
    EXPECT_FALSE(add(job).is_joined);
    auto twin = twin_of(job);
    twin.request.reference = "second";
    twin.request.email = "bert@example.org";
    const auto joined = add(twin, at(9'999'999));
    EXPECT_EQ(joined.id, job.id);
    EXPECT_TRUE(joined.is_joined);
    EXPECT_EQ(store_->find_reference("second").value()->id, job.id);
    EXPECT_EQ(store_->find_reference("first").value()->id, job.id);
    EXPECT_EQ(store_->count(JobState::queued).value(), 1u);
    const auto rows = outbox();
    ASSERT_EQ(rows.size(), 1u);
    auto references = std::get<jobs::StatusNotice>(rows[0].message).references;
    std::ranges::sort(references);
    EXPECT_EQ(references, (std::vector<std::string>{"first", "second"}));
    ASSERT_TRUE(moved(job, JobEvent::start));
    EXPECT_EQ(add(twin_of(job)).id, job.id) << "a building one as well";
}

TEST_P(JobStoreSuite, JoinsAJobThatWasDoneLatelyAndHasItsImage) {
    const auto job = done("debian", 5'000);
    EXPECT_EQ(add(twin_of(job), at(5'000)).id, job.id);
    const auto later = twin_of(job);
    EXPECT_EQ(add(later, at(5'001)).id, later.id) << "done before that time";
    ASSERT_TRUE(moved(later, JobEvent::cancel));
    ASSERT_TRUE(store_->remove_image(job.id, at(6'000)).value());
    const auto last = twin_of(job);
    EXPECT_EQ(add(last, at(0)).id, last.id) << "its image is gone";
}

TEST_P(JobStoreSuite, JoinsNoJobThatFailedOrWasCancelled) {
    const auto failed = added("failed");
    ASSERT_TRUE(moved(failed, JobEvent::fail));
    EXPECT_FALSE(add(twin_of(failed)).is_joined);
    const auto cancelled = added("cancelled");
    ASSERT_TRUE(moved(cancelled, JobEvent::cancel));
    EXPECT_FALSE(add(twin_of(cancelled)).is_joined);
}

TEST_P(JobStoreSuite, MakesAFreshJobOfItsOwn) {
    const auto job = done("debian", 5'000);
    auto fresh = twin_of(job);
    fresh.request.is_fresh = true;
    const auto made = add(fresh);
    EXPECT_EQ(made.id, fresh.id);
    EXPECT_FALSE(made.is_joined);
    EXPECT_EQ(store_->count(JobState::queued).value(), 1u);
    EXPECT_EQ(add(twin_of(job)).id, job.id) << "the one that is done needs no waiting";
}

TEST_P(JobStoreSuite, LetsACallerRepeatAnAddThatItDoesNotKnowTheOutcomeOf) {
    auto job = some_job("debian");
    add(job);
    const auto again = add(job);
    EXPECT_EQ(again.id, job.id);
    EXPECT_FALSE(again.is_joined) << "it is its own";
    EXPECT_EQ(store_->count(JobState::queued).value(), 1u);
    EXPECT_EQ(outbox().size(), 1u);
    auto fresh = some_job("fresh");
    fresh.request.is_fresh = true;
    add(fresh);
    EXPECT_EQ(add(fresh).id, fresh.id);
    EXPECT_EQ(store_->count(JobState::queued).value(), 2u);
}

TEST_P(JobStoreSuite, RefusesASecondUnfinishedJobOfOneUserAndNameAndSaysWhichHasIt) {
    const auto first = added("debian");
    const auto second = store_->add(some_job("debian"), at(0));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().fault, Fault::invalid);
    EXPECT_NE(second.error().message.find(first.id), std::string::npos) << second.error().message;
    EXPECT_EQ(outbox().size(), 1u);
    EXPECT_EQ(store_->count(JobState::queued).value(), 1u);

    ASSERT_TRUE(moved(first, JobEvent::start));
    EXPECT_FALSE(store_->add(some_job("debian"), at(0)));
    ASSERT_TRUE(moved(first, JobEvent::succeed));
    EXPECT_TRUE(store_->add(some_job("debian"), at(0)));
}

TEST_P(JobStoreSuite, LetsTwoUsersHaveJobsOfOneName) {
    added("debian");
    auto other = some_job("debian");
    other.request.email = "bert@example.org";
    EXPECT_EQ(add(other).id, other.id);
    auto same = some_job("debian");
    same.request.email = "ANNA@EXAMPLE.ORG";
    EXPECT_FALSE(store_->add(same, at(0))) << "one user, written otherwise";
    auto nobody = some_job("debian");
    nobody.request.email.clear();
    EXPECT_EQ(add(nobody).id, nobody.id);
}

TEST_P(JobStoreSuite, RefusesTheSameIdTwice) {
    auto job = added("one");
    job.request.name = "two";
    EXPECT_FALSE(store_->add(job, at(0)));
    EXPECT_EQ(store_->count(JobState::queued).value(), 1u);
}

TEST_P(JobStoreSuite, TakesAddsOfManyThreadsAtOnce) {
    constexpr int kThreads = 8, kEach = 25;
    std::atomic<int> refused = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < kThreads; ++i) {
            threads.emplace_back([&, i] {
                for (int j = 0; j < kEach; ++j) {
                    // Every fifth name is wanted by all threads, and only one of them gets it.
                    const auto name = j % 5 == 0 ? "shared" + std::to_string(j)
                                                 : std::to_string(i) + "-" + std::to_string(j);
                    const auto result = store_->add(some_job(name), at(0));
                    refused += !result && result.error().fault == Fault::invalid ? 1 : 0;
                    EXPECT_TRUE(store_->list({.limit = 5}));
                }
            });
        }
    }
    EXPECT_EQ(refused, (kThreads - 1) * kEach / 5);
    EXPECT_EQ(store_->count(JobState::queued).value(),
              static_cast<std::uint64_t>(kThreads * kEach - refused));
}

TEST_P(JobStoreSuite, MakesOneJobOfTheSameRequestFromManyThreads) {
    const auto job = some_job("debian");
    std::atomic<int> made = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back([&] {
                const auto result = store_->add(twin_of(job), at(0));
                made += result && !result->is_joined ? 1 : 0;
            });
        }
    }
    EXPECT_EQ(made, 1);
    EXPECT_EQ(store_->count(JobState::queued).value(), 1u);
}

}  // namespace img::testing
