// A program that uses a store and is killed: nothing that the store confirmed may be lost by that.
#pragma once

#include "store/store.hpp"
#include "tests/support/some_job.hpp"

#include <csignal>
#include <gtest/gtest.h>
#include <map>
#include <poll.h>
#include <random>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace img::testing {

/// "<id> <state>\n" for each change that the store has confirmed, in one write: whole or not there.
inline void confirm_on(int pipe, const std::string& id, jobs::JobState state) {
    const auto line = id + " " + std::string(to_text(state)) + "\n";
    if (::write(pipe, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
        ::_exit(1);
    }
}

/// Adds jobs and takes each some way through its life, until it is killed.
[[noreturn]] inline void live(const std::string& url, int pipe) {
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
        confirm_on(pipe, job.id, jobs::JobState::queued);
        if (i % 2 == 0) {
            continue;
        }
        for (const auto event :
             {jobs::JobEvent::start, i % 4 == 1 ? jobs::JobEvent::succeed : jobs::JobEvent::fail}) {
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
            confirm_on(pipe, job.id, (*moved)->state);
        }
    }
}

/// The last state of each job that the child was told of.
inline std::map<std::string, jobs::JobState> confirmed(int pipe) {
    std::string text;
    char buffer[4096];
    for (ssize_t size = 0; (size = ::read(pipe, buffer, sizeof buffer)) > 0;) {
        text.append(buffer, static_cast<std::size_t>(size));
    }
    std::map<std::string, jobs::JobState> states;
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = text.find('\n', begin);
        states[text.substr(begin, 32)] =
            jobs::job_state_from(text.substr(begin + 33, end - begin - 33)).value();
        begin = end + 1;
    }
    return states;
}

inline std::vector<jobs::Job> all_jobs(jobs::JobStore& store) {
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

/// The store holds what was confirmed, and its counts are those of its rows.
inline void expect_all_there(jobs::JobStore& store,
                             const std::map<std::string, jobs::JobState>& expected) {
    for (const auto& [id, state] : expected) {
        const auto job = store.find(id).value();
        ASSERT_TRUE(job) << id << " is lost";
        // What was not confirmed yet may have happened; what was must have.
        EXPECT_TRUE(job->state == state || !jobs::is_finished(state)) << id;
        EXPECT_FALSE(state == jobs::JobState::building && job->state == jobs::JobState::queued)
            << id;
    }
    std::map<jobs::JobState, std::uint64_t> counts;
    for (const auto& job : all_jobs(store)) {
        ++counts[job.state];
    }
    for (const auto state :
         {jobs::JobState::queued, jobs::JobState::building, jobs::JobState::done}) {
        EXPECT_EQ(store.count(state).value(), counts[state]);
    }
}

/// Waits for the first change that the child confirms: on a busy machine opening takes a while.
inline bool has_begun(int pipe) {
    pollfd waiting{.fd = pipe, .events = POLLIN, .revents = 0};
    return ::poll(&waiting, 1, 30'000) == 1;
}

/// Has a program use the store again and again, and kills it each time 0 to 80 ms after its first
/// change.
inline void expect_nothing_lost_by_kills(const std::string& url) {
    std::mt19937 random(20'260);
    std::map<std::string, jobs::JobState> expected;
    for (int round = 0; round < 20; ++round) {
        int ends[2];
        ASSERT_EQ(::pipe(ends), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            ::close(ends[0]);
            live(url, ends[1]);
        }
        ::close(ends[1]);
        ASSERT_TRUE(has_begun(ends[0])) << "it confirmed nothing within half a minute";
        ::usleep(random() % 80'000);
        ::kill(child, SIGKILL);
        for (const auto& [id, state] : confirmed(ends[0])) {
            expected[id] = state;
        }
        ::close(ends[0]);
        int status = 0;
        ::waitpid(child, &status, 0);
        ASSERT_TRUE(WIFSIGNALED(status)) << "it failed by itself: " << WEXITSTATUS(status);
        expect_all_there(*store::open_job_store(url).value(), expected);
    }
    EXPECT_GE(expected.size(), 20u) << "the children hardly ran: the test shows nothing";
}

}  // namespace img::testing
