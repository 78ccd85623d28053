// What every JobStore must do, whatever database is behind it: one suite, a URL for each.
//
// A test program includes this and says INSTANTIATE_TEST_SUITE_P(…, JobStoreSuite, …) with
// functions that open an empty store.
#pragma once

#include "jobs/job_store.hpp"
#include "tests/support/some_job.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace img::testing {

using jobs::Job;
using jobs::JobEvent;
using jobs::JobFilter;
using jobs::JobState;
using jobs::Move;
using jobs::Progress;
using jobs::Time;

using OpenStore = std::function<std::unique_ptr<jobs::JobStore>()>;

class JobStoreSuite : public ::testing::TestWithParam<OpenStore> {
protected:
    Job added(const std::string& name) {
        auto job = some_job(name);
        add(job);
        return job;
    }
    jobs::Added add(const Job& job, Time joins_since = at(0)) {
        auto result = store_->add(job, joins_since);
        EXPECT_TRUE(result) << result.error().message;
        return result.value();
    }
    /// Another job of the same request: it differs in its id alone.
    static Job twin_of(Job job) {
        job.id = jobs::new_job_id();
        return job;
    }
    Job done(const std::string& name, std::int64_t finished) {
        const auto job = added(name);
        EXPECT_TRUE(moved(job, JobEvent::start));
        EXPECT_TRUE(moved(job, JobEvent::succeed, 1, at(finished)));
        return job;
    }
    std::optional<Job> moved(const Job& job,
                             JobEvent event,
                             unsigned attempt = 1,
                             Time now = at(2'000)) {
        auto result = store_->move({.id = job.id,
                                    .attempt = attempt,
                                    .event = event,
                                    .worker = "worker",
                                    .image = "a.raw",
                                    .place = "s3://images/a",
                                    .size = 5'000'000'000,
                                    .error = "no room",
                                    .error_stage = "assemble",
                                    .now = now,
                                    .lease_end = at(32'000)});
        EXPECT_TRUE(result) << result.error().message;
        return result.value();
    }
    std::vector<jobs::Pending> outbox() { return store_->outbox(100).value(); }
    void send_all() {
        for (const auto& row : outbox()) {
            ASSERT_TRUE(store_->sent(row.row));
        }
    }
    /// The notices of the outbox: "queued 1", the state and the attempt.
    std::vector<std::string> notices() {
        std::vector<std::string> found;
        for (const auto& row : outbox()) {
            if (const auto* notice = std::get_if<jobs::StatusNotice>(&row.message)) {
                found.push_back(std::string(to_text(notice->job.state)) + " " +
                                std::to_string(notice->job.attempt));
            }
        }
        return found;
    }
    std::vector<std::string> kept(const std::string& after = {}, std::size_t limit = 100) {
        std::vector<std::string> ids;
        const auto images = store_->kept(after, limit).value();
        for (const auto& image : images) {
            ids.push_back(image.id);
        }
        return ids;
    }

    std::unique_ptr<jobs::JobStore> store_ = GetParam()();
};

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

TEST_P(JobStoreSuite, OwesANoticeFromTheMomentOfAdding) {
    auto job = some_job("debian");
    job.request.reference = "stranger 7";
    add(job);
    const auto rows = outbox();
    ASSERT_EQ(rows.size(), 1u);
    const auto& notice = std::get<jobs::StatusNotice>(rows[0].message);
    EXPECT_EQ(notice.job.id, job.id);
    EXPECT_EQ(notice.job.state, JobState::queued);
    EXPECT_EQ(notice.job.attempt, 1u);
    EXPECT_EQ(notice.job.request.name, "debian");
    EXPECT_EQ(notice.job.request.email, "Anna@Example.org");
    EXPECT_EQ(notice.job.request.kickstart, "");
    EXPECT_EQ(notice.references, std::vector<std::string>{"stranger 7"});
    ASSERT_TRUE(store_->sent(rows[0].row));
    EXPECT_TRUE(outbox().empty());
}

TEST_P(JobStoreSuite, OwesANoticeOfEachMoveAsTheJobWasThen) {
    const auto job = added("debian");
    ASSERT_TRUE(moved(job, JobEvent::start));
    ASSERT_TRUE(moved(job, JobEvent::lose_worker));
    ASSERT_TRUE(moved(job, JobEvent::start, 2));
    ASSERT_TRUE(moved(job, JobEvent::succeed, 2));
    EXPECT_EQ(notices(), (std::vector<std::string>{"queued 1", "building 1", "queued 2",
                                                   "building 2", "done 2"}));
    const auto rows = outbox();
    const auto& building = std::get<jobs::StatusNotice>(rows[3].message).job;
    EXPECT_EQ(building.worker, "worker");
    EXPECT_EQ(building.image, "");
    EXPECT_EQ(building.finished, at(0));
    EXPECT_EQ(std::get<jobs::StatusNotice>(rows[2].message).job.worker, "");
    const auto& done = std::get<jobs::StatusNotice>(rows[4].message).job;
    EXPECT_EQ(done.image, "a.raw");
    EXPECT_EQ(done.place, "s3://images/a");
    EXPECT_EQ(done.finished, at(2'000));
}

TEST_P(JobStoreSuite, OwesTheReasonOfAFailure) {
    const auto job = added("debian");
    ASSERT_TRUE(moved(job, JobEvent::fail));
    const auto rows = outbox();
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(std::get<jobs::StatusNotice>(rows[1].message).job.error, "no room");
    EXPECT_EQ(std::get<jobs::StatusNotice>(rows[0].message).job.error, "");
}

TEST_P(JobStoreSuite, ForgetsAllRowsUpToTheOneThatWasSent) {
    added("first");
    added("second");
    const auto third = added("third");
    const auto rows = outbox();
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_LT(rows[0].row, rows[1].row);
    EXPECT_EQ(store_->outbox(2).value().size(), 2u);
    ASSERT_TRUE(store_->sent(rows[1].row));
    const auto rest = outbox();
    ASSERT_EQ(rest.size(), 1u);
    EXPECT_EQ(std::get<jobs::StatusNotice>(rest[0].message).job.id, third.id);
    ASSERT_TRUE(store_->sent(rows[1].row)) << "again, as after a crash";
    EXPECT_EQ(outbox().size(), 1u);
}

TEST_P(JobStoreSuite, GivesTheJobThatIsThereToWhoeverSendsItsReferenceAgain) {
    auto job = some_job("debian");
    job.request.reference = "stranger 7";
    add(job);
    auto other = some_job("quite different");
    other.request.reference = "stranger 7";
    other.request.is_fresh = true;
    const auto joined = add(other);
    EXPECT_EQ(joined.id, job.id);
    EXPECT_TRUE(joined.is_joined);
    EXPECT_EQ(store_->find_reference("stranger 7").value()->id, job.id);
    EXPECT_EQ(store_->find(other.id).value(), std::nullopt);
    EXPECT_EQ(outbox().size(), 1u) << "nothing else is made";
    ASSERT_TRUE(moved(job, JobEvent::cancel));
    EXPECT_EQ(add(other).id, job.id) << "also when it is over";
    EXPECT_EQ(store_->find_reference("stranger 8").value(), std::nullopt);
    EXPECT_EQ(store_->find_reference("").value(), std::nullopt);
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

TEST_P(JobStoreSuite, MovesAJobThroughItsLife) {
    const auto job = added("debian");
    const auto building = moved(job, JobEvent::start);
    ASSERT_TRUE(building);
    EXPECT_EQ(building->state, JobState::building);
    EXPECT_EQ(building->worker, "worker");
    EXPECT_EQ(building->started, at(2'000));
    EXPECT_EQ(building->lease_end, at(32'000));
    EXPECT_EQ(building->request.kickstart, job.request.kickstart);
    const auto done = moved(job, JobEvent::succeed);
    ASSERT_TRUE(done);
    EXPECT_EQ(done->state, JobState::done);
    EXPECT_EQ(done->image, "a.raw");
    EXPECT_EQ(done->place, "s3://images/a");
    EXPECT_EQ(done->size, 5'000'000'000u);
    EXPECT_EQ(done->finished, at(2'000));
    EXPECT_EQ(done->error, "");
    EXPECT_EQ(store_->find(job.id).value()->state, JobState::done);
}

TEST_P(JobStoreSuite, KeepsTheReasonOfAFailure) {
    const auto job = added("debian");
    ASSERT_TRUE(moved(job, JobEvent::start));
    const auto failed = moved(job, JobEvent::fail);
    ASSERT_TRUE(failed);
    EXPECT_EQ(failed->state, JobState::error);
    EXPECT_EQ(failed->error, "no room");
    EXPECT_EQ(failed->error_stage, "assemble");
    EXPECT_EQ(failed->image, "");
}

TEST_P(JobStoreSuite, AllowsExactlyTheMovesOfTheRules) {
    using enum JobEvent;
    const std::vector<std::pair<JobState, std::vector<JobEvent>>> ways = {
        {JobState::queued, {}},
        {JobState::building, {start}},
        {JobState::done, {start, succeed}},
        {JobState::error, {start, fail}},
        {JobState::cancelled, {cancel}},
    };
    int number = 0;
    for (const auto& [state, events] : ways) {
        for (const auto event : {start, succeed, fail, cancel, lose_worker}) {
            const auto job = added("job" + std::to_string(number++));
            for (const auto step : events) {
                ASSERT_TRUE(moved(job, step));
            }
            const auto before = store_->find(job.id).value();
            const auto after = moved(job, event);
            const auto expected = jobs::next(state, event);
            EXPECT_EQ(after.has_value(), expected.has_value()) << to_text(state);
            EXPECT_EQ(store_->find(job.id).value()->state, expected.value_or(before->state));
        }
    }
}

TEST_P(JobStoreSuite, LeavesAnotherAttemptAlone) {
    const auto job = added("debian");
    EXPECT_FALSE(moved(job, JobEvent::start, 2));
    ASSERT_TRUE(moved(job, JobEvent::start));
    const auto again = moved(job, JobEvent::lose_worker);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->state, JobState::queued);
    EXPECT_EQ(again->attempt, 2u);
    EXPECT_EQ(again->worker, "");
    EXPECT_EQ(again->started, at(0));
    EXPECT_FALSE(moved(job, JobEvent::start, 1));
    ASSERT_TRUE(moved(job, JobEvent::start, 2));
    EXPECT_FALSE(moved(job, JobEvent::succeed, 1)) << "an older attempt came back";
    EXPECT_FALSE(moved(job, JobEvent::fail, 1));
    EXPECT_FALSE(store_->beat(job.id, 1, {}, at(99'000)).value());
    EXPECT_TRUE(moved(job, JobEvent::succeed, 2));
}

TEST_P(JobStoreSuite, OwesACancelOrderBesideTheNotice) {
    for (const auto* name : {"waiting", "building"}) {
        const auto job = added(name);
        if (name == std::string("building")) {
            ASSERT_TRUE(moved(job, JobEvent::start));
        }
        send_all();
        ASSERT_TRUE(moved(job, JobEvent::cancel));
        const auto rows = outbox();
        ASSERT_EQ(rows.size(), 2u);
        const auto& order = std::get<jobs::CancelOrder>(rows[0].message);
        EXPECT_EQ(order.id, job.id);
        EXPECT_EQ(order.attempt, 0u) << "whichever it is";
        EXPECT_EQ(order.worker, "") << "whoever has it";
        EXPECT_EQ(notices(), std::vector<std::string>{"cancelled 1"});
        send_all();
    }
}

TEST_P(JobStoreSuite, KeepsProgressAndRenewsTheLeaseOfABuildOnly) {
    const auto job = added("debian");
    const Progress progress{
        .stage = "fetch", .done = 3, .total = 9, .unit = "packages", .text = "getting libc6"};
    EXPECT_FALSE(store_->beat(job.id, 1, progress, at(40'000)).value()) << "it only waits";
    ASSERT_TRUE(moved(job, JobEvent::start));
    EXPECT_TRUE(store_->beat(job.id, 1, progress, at(40'000)).value());
    const auto found = store_->find(job.id).value();
    EXPECT_EQ(found->progress.stage, "fetch");
    EXPECT_EQ(found->progress.done, 3u);
    EXPECT_EQ(found->progress.total, 9u);
    EXPECT_EQ(found->progress.unit, "packages");
    EXPECT_EQ(found->progress.text, "getting libc6");
    EXPECT_EQ(found->lease_end, at(40'000));
    ASSERT_TRUE(moved(job, JobEvent::lose_worker));
    EXPECT_EQ(store_->find(job.id).value()->progress.stage, "");
}

TEST_P(JobStoreSuite, FindsLeasesThatHaveEnded) {
    const auto late = added("late");
    const auto good = added("good");
    added("waiting");
    ASSERT_TRUE(moved(late, JobEvent::start));
    ASSERT_TRUE(moved(good, JobEvent::start));
    ASSERT_TRUE(store_->beat(good.id, 1, {}, at(50'000)).value());
    EXPECT_TRUE(store_->expired(at(32'000)).value().empty());
    const auto expired = store_->expired(at(32'001)).value();
    ASSERT_EQ(expired.size(), 1u);
    EXPECT_EQ(expired[0].id, late.id);
    EXPECT_EQ(expired[0].worker, "worker");
}

TEST_P(JobStoreSuite, ListsNewestFirstPageByPage) {
    std::vector<std::string> newest_first;
    for (int i = 0; i < 7; ++i) {
        newest_first.insert(newest_first.begin(), added("job" + std::to_string(i)).id);
    }
    std::vector<std::string> listed;
    JobFilter filter{.limit = 3};
    for (int page = 0; page < 3; ++page) {
        const auto jobs = store_->list(filter).value();
        EXPECT_EQ(jobs.size(), page < 2 ? 3u : 1u);
        for (const auto& job : jobs) {
            listed.push_back(job.id);
        }
        filter.before = listed.back();
    }
    EXPECT_EQ(listed, newest_first);
    EXPECT_TRUE(store_->list(filter).value().empty());
}

TEST_P(JobStoreSuite, ListsJobsOfOneState) {
    const auto first = added("first");
    added("second");
    const auto third = added("third");
    ASSERT_TRUE(moved(first, JobEvent::start));
    ASSERT_TRUE(moved(third, JobEvent::start));
    const auto building = store_->list({.state = JobState::building}).value();
    ASSERT_EQ(building.size(), 2u);
    EXPECT_EQ(building[0].id, third.id);
    EXPECT_EQ(building[1].id, first.id);
    const auto rest = store_->list({.state = JobState::building, .before = third.id}).value();
    ASSERT_EQ(rest.size(), 1u);
    EXPECT_EQ(rest[0].id, first.id);
}

TEST_P(JobStoreSuite, HasNoPageAfterAJobThatIsNotThere) {
    const auto listed = store_->list({.before = jobs::new_job_id()});
    ASSERT_FALSE(listed);
    EXPECT_EQ(listed.error().fault, Fault::missing);
}

TEST_P(JobStoreSuite, CountsTheJobsOfEachState) {
    const auto first = added("first");
    added("second");
    EXPECT_EQ(store_->count(JobState::queued).value(), 2u);
    ASSERT_TRUE(moved(first, JobEvent::start));
    EXPECT_EQ(store_->count(JobState::queued).value(), 1u);
    EXPECT_EQ(store_->count(JobState::building).value(), 1u);
    ASSERT_TRUE(moved(first, JobEvent::lose_worker));
    EXPECT_EQ(store_->count(JobState::queued).value(), 2u);
    EXPECT_EQ(store_->count(JobState::building).value(), 0u);
    EXPECT_EQ(store_->count(JobState::done).value(), 0u);
}

TEST_P(JobStoreSuite, TellsWhatWaitsInTheOrderInWhichItCame) {
    const auto first = added("first");
    const auto second = added("second");
    auto third = some_job("third");
    third.request.email.clear();
    add(third);
    ASSERT_TRUE(moved(second, JobEvent::start));
    const auto waiting = store_->queued(0, 100).value();
    ASSERT_EQ(waiting.size(), 2u);
    EXPECT_EQ(waiting[0].id, first.id);
    EXPECT_EQ(waiting[0].attempt, 1u);
    EXPECT_EQ(waiting[0].user, "anna@example.org");
    EXPECT_EQ(waiting[0].name, "first");
    EXPECT_EQ(waiting[0].image_type, "raw");
    EXPECT_EQ(waiting[0].architecture, "arm64");
    EXPECT_EQ(waiting[0].priority, -3);
    EXPECT_EQ(waiting[0].created, at(1'000));
    EXPECT_EQ(waiting[1].id, third.id);
    EXPECT_EQ(waiting[1].user, "anonymous");
    ASSERT_TRUE(moved(second, JobEvent::lose_worker));
    const auto all = store_->queued(0, 100).value();
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[1].id, second.id) << "it keeps its place";
    EXPECT_EQ(all[1].attempt, 2u);
    EXPECT_LT(all[0].row, all[1].row);
    EXPECT_EQ(store_->queued(all[0].row, 1).value().front().id, second.id);
    EXPECT_TRUE(store_->queued(all[2].row, 100).value().empty());
}

TEST_P(JobStoreSuite, RemembersHowLongTheLastBuildsTook) {
    done("first", 7'000);
    done("second", 2'500);
    ASSERT_TRUE(moved(added("failed"), JobEvent::fail));
    const auto history = store_->history(10).value();
    ASSERT_EQ(history.size(), 2u);
    EXPECT_EQ(history[0].name, "first") << "that which ended last";
    EXPECT_EQ(history[0].image_type, "raw");
    EXPECT_EQ(history[0].took, std::chrono::milliseconds(5'000));
    EXPECT_EQ(history[1].took, std::chrono::milliseconds(500));
    EXPECT_EQ(store_->history(1).value().size(), 1u);
}

TEST_P(JobStoreSuite, GivesALeaseToOneHolderAtATime) {
    EXPECT_TRUE(store_->hold("dispatcher", "a", at(100), at(200)).value());
    EXPECT_FALSE(store_->hold("dispatcher", "b", at(199), at(299)).value());
    EXPECT_TRUE(store_->hold("dispatcher", "a", at(150), at(250)).value()) << "renewed";
    EXPECT_FALSE(store_->hold("dispatcher", "b", at(249), at(349)).value());
    EXPECT_TRUE(store_->hold("another", "b", at(150), at(250)).value());
    EXPECT_TRUE(store_->hold("dispatcher", "b", at(250), at(350)).value()) << "it has ended";
    EXPECT_FALSE(store_->hold("dispatcher", "a", at(300), at(400)).value());
}

TEST_P(JobStoreSuite, LetsALeaseGoForItsHolderOnly) {
    ASSERT_TRUE(store_->hold("dispatcher", "a", at(100), at(200)).value());
    ASSERT_TRUE(store_->let_go("dispatcher", "b"));
    EXPECT_FALSE(store_->hold("dispatcher", "b", at(100), at(200)).value());
    ASSERT_TRUE(store_->let_go("dispatcher", "a"));
    EXPECT_TRUE(store_->hold("dispatcher", "b", at(100), at(200)).value());
}

TEST_P(JobStoreSuite, GivesALeaseToOneOfManyWhoWantIt) {
    std::atomic<int> winners = 0;
    {
        std::vector<std::jthread> programs;
        for (int i = 0; i < 8; ++i) {
            programs.emplace_back([&, i] {
                const auto won =
                    store_->hold("dispatcher", "imgd" + std::to_string(i), at(100), at(200));
                winners += won && *won ? 1 : 0;
            });
        }
    }
    EXPECT_EQ(winners, 1);
}

TEST_P(JobStoreSuite, KnowsWorkersAsTheyLastSaidOfThemselves) {
    jobs::Presence anna{.worker = "anna-1",
                        .host = "anna",
                        .version = "1.0",
                        .slots = 4,
                        .free = 2,
                        .shortage = "disk: 2 GB free, a build needs 4 GB",
                        .architectures = {"amd64", "arm64"},
                        .image_types = {"raw"},
                        .has_kvm = true,
                        .building = {"0123456789abcdef0123456789abcdef.1"}};
    ASSERT_TRUE(store_->note(anna, at(1'000)));
    ASSERT_TRUE(store_->note(jobs::Presence{.worker = "bert-1", .host = "bert"}, at(1'000)));
    anna.free = 1;
    ASSERT_TRUE(store_->note(anna, at(11'000)));
    const auto workers = store_->workers(at(12'000)).value();
    ASSERT_EQ(workers.size(), 2u);
    EXPECT_EQ(workers[0].worker, "anna-1");
    EXPECT_EQ(workers[0].host, "anna");
    EXPECT_EQ(workers[0].version, "1.0");
    EXPECT_EQ(workers[0].slots, 4u);
    EXPECT_EQ(workers[0].free, 1u);
    EXPECT_EQ(workers[0].shortage, anna.shortage);
    EXPECT_EQ(workers[0].architectures, anna.architectures);
    EXPECT_EQ(workers[0].image_types, anna.image_types);
    EXPECT_TRUE(workers[0].has_kvm);
    EXPECT_EQ(workers[0].building, anna.building);
    EXPECT_EQ(workers[1].worker, "bert-1");
}

TEST_P(JobStoreSuite, ForgetsAWorkerThatWasSilentForAMinute) {
    ASSERT_TRUE(store_->note(jobs::Presence{.worker = "w", .is_gone = true}, at(1'000)));
    const auto gone = store_->workers(at(60'999)).value();
    ASSERT_EQ(gone.size(), 1u);
    EXPECT_TRUE(gone[0].is_gone);
    EXPECT_TRUE(store_->workers(at(61'000)).value().empty());
    ASSERT_TRUE(store_->note(jobs::Presence{.worker = "w"}, at(70'000)));
    EXPECT_EQ(store_->workers(at(71'000)).value().size(), 1u) << "it is back";
}

TEST_P(JobStoreSuite, TellsWhichImagesAreThereOldestFirst) {
    const auto second = done("second", 6'000);
    const auto first = done("first", 5'000);
    const auto third = done("third", 7'000);
    ASSERT_TRUE(moved(added("failed"), JobEvent::fail));
    added("waiting");
    EXPECT_EQ(kept(), (std::vector{first.id, second.id, third.id}));
    EXPECT_EQ(kept({}, 2), (std::vector{first.id, second.id}));
    EXPECT_EQ(kept(second.id), std::vector{third.id});
    ASSERT_TRUE(store_->pin(first.id, true).value());
    const auto image = store_->kept({}, 1).value().front();
    EXPECT_EQ(image.user, "anna@example.org");
    EXPECT_EQ(image.place, "s3://images/a");
    EXPECT_EQ(image.size, 5'000'000'000u);
    EXPECT_EQ(image.finished, at(5'000));
    EXPECT_TRUE(image.is_pinned);
    ASSERT_TRUE(store_->remove_image(second.id, at(9'000)).value());
    EXPECT_EQ(kept(), (std::vector{first.id, third.id}));
    EXPECT_EQ(kept(second.id), std::vector{third.id}) << "beyond one that is gone since";
    const auto none = store_->kept(jobs::new_job_id(), 1);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().fault, Fault::missing);
}

TEST_P(JobStoreSuite, RemovesAnImageOnceAndNeverAPinnedOne) {
    const auto job = done("debian", 5'000);
    ASSERT_TRUE(store_->pin(job.id, true).value());
    EXPECT_TRUE(store_->find(job.id).value()->is_pinned);
    EXPECT_FALSE(store_->remove_image(job.id, at(9'000)).value());
    ASSERT_TRUE(store_->pin(job.id, false).value());
    EXPECT_TRUE(store_->remove_image(job.id, at(9'000)).value());
    EXPECT_EQ(store_->find(job.id).value()->removed, at(9'000));
    EXPECT_EQ(store_->find(job.id).value()->state, JobState::done);
    EXPECT_FALSE(store_->remove_image(job.id, at(9'001)).value());
    EXPECT_FALSE(store_->pin(job.id, true).value()) << "there is nothing to keep";
    EXPECT_FALSE(store_->remove_image(added("waiting").id, at(9'000)).value());
    EXPECT_FALSE(store_->remove_image(jobs::new_job_id(), at(9'000)).value());
    EXPECT_FALSE(store_->pin(jobs::new_job_id(), true).value());
}

TEST_P(JobStoreSuite, PinsAJobBeforeItIsDone) {
    const auto job = added("debian");
    ASSERT_TRUE(store_->pin(job.id, true).value());
    ASSERT_TRUE(moved(job, JobEvent::start));
    ASSERT_TRUE(moved(job, JobEvent::succeed));
    EXPECT_FALSE(store_->remove_image(job.id, at(9'000)).value());
}

TEST_P(JobStoreSuite, KeepsTheThousandMessagesThatWereRefusedLast) {
    for (int i = 0; i < 1'005; ++i) {
        ASSERT_TRUE(store_->note(jobs::RefusedMessage{.at = at(i + 1),
                                                      .queue = "image_queue",
                                                      .reference = "r" + std::to_string(i),
                                                      .reason = "no JSON",
                                                      .excerpt = "\xff{"}));
    }
    const auto newest = store_->refused(2).value();
    ASSERT_EQ(newest.size(), 2u);
    EXPECT_EQ(newest[0].reference, "r1004");
    EXPECT_EQ(newest[0].at, at(1'005));
    EXPECT_EQ(newest[0].queue, "image_queue");
    EXPECT_EQ(newest[0].reason, "no JSON");
    EXPECT_TRUE(newest[0].excerpt.ends_with("{")) << newest[0].excerpt;
    EXPECT_EQ(newest[1].reference, "r1003");
    const auto all = store_->refused(5'000).value();
    ASSERT_EQ(all.size(), 1'000u);
    EXPECT_EQ(all.back().reference, "r5");
}

TEST_P(JobStoreSuite, LetsOneOfManyStartAJob) {
    const auto job = added("debian");
    std::atomic<int> winners = 0;
    {
        std::vector<std::jthread> workers;
        for (int i = 0; i < 8; ++i) {
            workers.emplace_back([&, i] {
                const auto won = store_->move({.id = job.id,
                                               .event = JobEvent::start,
                                               .worker = "worker" + std::to_string(i),
                                               .now = at(2'000),
                                               .lease_end = at(32'000)});
                winners += won && won->has_value() ? 1 : 0;
            });
        }
    }
    EXPECT_EQ(winners, 1);
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
