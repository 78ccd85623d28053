#include "store/store.hpp"
#include "tests/support/some_job.hpp"
#include "tests/support/temp_folder.hpp"

#include <csignal>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <sys/wait.h>
#include <unistd.h>

namespace img::testing {
namespace {

using jobs::JobEvent;
using jobs::JobState;

/// "<id> <state>\n" for each change that the store has confirmed, in one write: whole or not there.
void confirm(int pipe, const std::string& id, JobState state) {
    const auto line = id + " " + std::string(to_text(state)) + "\n";
    if (::write(pipe, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
        ::_exit(1);
    }
}

/// Adds jobs and takes each some way through its life, until it is killed.
[[noreturn]] void live(const std::string& url, int pipe) {
    auto opened = store::open_job_store(url);
    if (!opened) {
        ::_exit(1);
    }
    auto& store = **opened;
    for (int i = 0;; ++i) {
        jobs::Job job{.id = jobs::new_job_id(), .request = {.name = "j", .kickstart = "part /"}};
        job.request.name += job.id;
        job.created = at(1);
        if (!store.add(job, at(0))) {
            ::_exit(1);
        }
        confirm(pipe, job.id, JobState::queued);
        if (i % 2 == 0) {
            continue;
        }
        for (const auto event :
             {JobEvent::start, i % 4 == 1 ? JobEvent::succeed : JobEvent::fail}) {
            const auto moved = store.move({.id = job.id,
                                           .event = event,
                                           .worker = "w",
                                           .image = "i",
                                           .error = "e",
                                           .now = at(2),
                                           .lease_end = at(3)});
            if (!moved || !*moved) {
                ::_exit(1);
            }
            confirm(pipe, job.id, (*moved)->state);
        }
    }
}

/// The last state of each job that the child was told of.
std::map<std::string, JobState> confirmed(int pipe) {
    std::string text;
    char buffer[4096];
    for (ssize_t size = 0; (size = ::read(pipe, buffer, sizeof buffer)) > 0;) {
        text.append(buffer, static_cast<std::size_t>(size));
    }
    std::map<std::string, JobState> states;
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = text.find('\n', begin);
        states[text.substr(begin, 32)] =
            jobs::job_state_from(text.substr(begin + 33, end - begin - 33)).value();
        begin = end + 1;
    }
    return states;
}

std::vector<jobs::Job> all_jobs(jobs::JobStore& store) {
    std::vector<jobs::Job> all;
    jobs::JobFilter filter{.limit = 500};
    for (;;) {
        const auto page = store.list(filter).value();
        all.insert(all.end(), page.begin(), page.end());
        if (page.size() < filter.limit) {
            return all;
        }
        filter.before = page.back().id;
    }
}

TEST(JobStoreCrash, LosesAndDoublesNothingThatItConfirmedWhenItIsKilled) {
    const TempFolder folder;
    const auto url = "sqlite:" + (folder.path() / "jobs.db").native();
    std::mt19937 random(20'260);
    std::map<std::string, JobState> expected;
    for (int round = 0; round < 20; ++round) {
        int ends[2];
        ASSERT_EQ(::pipe(ends), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            ::close(ends[0]);
            live(url, ends[1]);
        }
        ::close(ends[1]);
        ::usleep(20'000 + random() % 80'000);
        ::kill(child, SIGKILL);
        for (const auto& [id, state] : confirmed(ends[0])) {
            expected[id] = state;
        }
        ::close(ends[0]);
        int status = 0;
        ::waitpid(child, &status, 0);
        ASSERT_TRUE(WIFSIGNALED(status)) << "it failed by itself: " << WEXITSTATUS(status);

        const auto store = store::open_job_store(url).value();
        for (const auto& [id, state] : expected) {
            const auto job = store->find(id).value();
            ASSERT_TRUE(job) << id << " is lost in round " << round;
            // What was not confirmed yet may have happened; what was must have.
            EXPECT_TRUE(job->state == state || !jobs::is_finished(state)) << id;
            EXPECT_FALSE(state == JobState::building && job->state == JobState::queued) << id;
        }
        std::map<JobState, std::uint64_t> counts;
        for (const auto& job : all_jobs(*store)) {
            ++counts[job.state];
        }
        for (const auto state : {JobState::queued, JobState::building, JobState::done}) {
            EXPECT_EQ(store->count(state).value(), counts[state]);
        }
    }
    EXPECT_GT(expected.size(), 20u) << "the children hardly ran: the test shows nothing";
}

}  // namespace
}  // namespace img::testing
