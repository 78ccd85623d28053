// A dispatcher with doubles around it, and a clock that a test sets.
#pragma once

#include "jobs/dispatcher.hpp"
#include "tests/support/fake_job_queue.hpp"
#include "tests/support/fake_job_store.hpp"
#include "tests/support/some_job.hpp"
#include "tests/support/temp_folder.hpp"

#include <atomic>
#include <fstream>
#include <gtest/gtest.h>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace img::testing {

/// What a log of a failed build ends with, before the reason.
inline constexpr std::string_view kFailed = "IMG FAILED MISERABLY IN CREATING THE IMAGE!\n";

/// Keeps what it was told.
class FakeFrontDoor : public jobs::FrontDoor {
public:
    Token on_request(std::function<jobs::Verdict(const jobs::ForeignRequest&)>,
                     std::function<void(const jobs::RefusedMessage&)>) override {
        return {};
    }
    Token on_inquiry(
        std::function<Result<std::optional<jobs::StatusNotice>>(const std::string&)>) override {
        return {};
    }
    std::function<Result<void>()> before_send = [] { return Result<void>(); };

    Result<void> send(const jobs::StatusNotice& notice) override {
        TRY(before_send());
        const std::lock_guard lock(mutex_);
        states_.push_back(notice.job.state);
        return {};
    }
    std::vector<jobs::JobState> states() {
        const std::lock_guard lock(mutex_);
        return states_;
    }

private:
    std::mutex mutex_;
    std::vector<jobs::JobState> states_;
};

class DispatcherTest : public ::testing::Test {
protected:
    /// Of 5 ms each.
    static constexpr auto kSeveralSweeps = std::chrono::milliseconds(100);

    DispatcherTest() { restart(); }

    jobs::DispatcherOptions options() {
        return {.www_root = folder_.path(),
                .sweep = std::chrono::milliseconds(5),
                .clock = [this] { return at(now_); },
                .holder = "one",
                .door = &door_,
                .retention_pause = std::chrono::milliseconds(20),
                .local_worker_prefix = "local-",
                .live_worker = "local-new",
                .trouble =
                    [this](const Error& error) {
                        troubles_ += error.message.contains(".attempt") ? 1 : 0;
                    }};
    }
    void restart() { restart(options()); }
    /// With a worker that has room for all, as most tests are about something else.
    void restart(jobs::DispatcherOptions options) {
        dispatcher_.reset();
        dispatcher_ = std::make_unique<jobs::Dispatcher>(store_, queue_, feed_, std::move(options));
        present("w1", 10);
        ASSERT_TRUE(soon([this] { return dispatcher_->is_leading(); }));
    }
    void present(const std::string& worker, unsigned free, std::vector<std::string> building = {}) {
        ASSERT_TRUE(queue_.send(jobs::Presence{
            .worker = worker, .slots = 10, .free = free, .building = std::move(building)}));
    }
    static jobs::JobRequest request(const std::string& name) {
        return {.name = name, .image_type = "raw", .kickstart = "part / --size 1\n# " + name};
    }
    jobs::Job submitted(const std::string& name = "debian") {
        return dispatcher_->submit(request(name)).value().job;
    }
    void report(const jobs::Job& job,
                decltype(jobs::Report::what) what,
                unsigned attempt = 1,
                const std::string& worker = "w1") {
        ASSERT_TRUE(queue_.send(
            {.id = job.id, .attempt = attempt, .worker = worker, .what = std::move(what)}));
    }
    jobs::Job now(const jobs::Job& job) { return store_.find(job.id).value().value(); }
    std::string log(const jobs::Job& job) {
        std::ifstream in(dispatcher_->log_file(job));
        return {std::istreambuf_iterator(in), {}};
    }
    /// Further than the lease of who leads: where the sweeper is between two looks at the clock
    /// that may differ, for it would think that it had been asleep, and give the lead up.
    void jump(std::int64_t milliseconds) {
        store_.do_in_outbox([&] { now_ += milliseconds; });
    }
    /// Until the sweeper has brought it about.
    bool soon(const std::function<bool()>& holds) {
        for (int i = 0; i < 1000 && !holds(); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        return holds();
    }

    TempFolder folder_;
    std::atomic<std::int64_t> now_ = 1'000'000;
    FakeJobStore store_;
    FakeJobQueue queue_;
    FakeFrontDoor door_;
    std::atomic<int> troubles_ = 0;  ///< About fences.
    jobs::JobFeed feed_;
    std::unique_ptr<jobs::Dispatcher> dispatcher_;
};

}  // namespace img::testing
