#include "worker/worker.hpp"

#include "broker/broker.hpp"
#include "jobs/dispatcher.hpp"
#include "store/store.hpp"
#include "tests/support/fake_executor.hpp"
#include "tests/support/heard.hpp"
#include "tests/support/temp_folder.hpp"
#include "worker/work_folder.hpp"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <gtest/gtest.h>

namespace img::testing {
namespace {

namespace fs = std::filesystem;
using jobs::JobState;
using jobs::Report;
using worker::BuildTask;
using worker::Outcome;

constexpr auto kBeat = std::chrono::milliseconds(50);

/// What a build makes that goes well.
Outcome make_image(const BuildTask& task) {
    const auto out = task.folder / "out";
    fs::create_directories(out);
    std::ofstream(out / "debian.raw") << "image of attempt " << task.order.attempt;
    std::ofstream(out / "manifest.json") << "{}";
    return engine::Finished{.image = "debian.raw", .folder = out.native()};
}

void wait_for(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

/// The whole service but its web pages: store, dispatcher, queue, worker; only the engine is a
/// fake.
class WorkerTest : public ::testing::Test {
protected:
    void start(FakeExecutor::Build build, unsigned slots = 1) {
        executor_ = std::make_unique<FakeExecutor>(std::move(build));
        start_worker(slots);
    }
    void start_worker(unsigned slots = 1) {
        const auto name = worker::new_worker_name("local-");
        queue_ = broker::open_job_queue("memory:").value();
        heard_token_ = queue_->on_report(std::ref(heard_));
        dispatcher_ = std::make_unique<jobs::Dispatcher>(
            *store_, *queue_, feed_,
            jobs::DispatcherOptions{.www_root = www_,
                                    .sweep = std::chrono::milliseconds(20),
                                    .local_worker_prefix = "local-",
                                    .live_worker = name});
        worker_ = std::make_unique<worker::Worker>(
            *queue_, *executor_, *artifacts_,
            worker::WorkerOptions{
                .name = name, .slots = slots, .work = folder_.path() / "work", .beat = kBeat});
    }
    jobs::Job submit(const std::string& name = "debian") {
        return dispatcher_->submit({.name = name, .image_type = "raw", .kickstart = "part /\n"})
            .value();
    }
    jobs::Job now(const std::string& id) { return store_->find(id).value().value(); }
    jobs::Job finished(const std::string& id) {
        return reached(id, [](const jobs::Job& job) { return jobs::is_finished(job.state); });
    }
    jobs::Job reached(const std::string& id, const std::function<bool(const jobs::Job&)>& holds) {
        for (int i = 0; i < 6000 && !holds(now(id)); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        EXPECT_TRUE(holds(now(id))) << to_text(now(id).state);
        return now(id);
    }
    std::string published(const std::string& id, const std::string& file) {
        std::ifstream in(www_ / id / file);
        return {std::istreambuf_iterator(in), {}};
    }

    TempFolder folder_;
    fs::path www_ = folder_.path() / "www";
    std::unique_ptr<jobs::JobStore> store_ =
        store::open_job_store("sqlite:" + (folder_.path() / "jobs.db").native()).value();
    std::unique_ptr<worker::ArtifactStore> artifacts_ = worker::file_artifacts(www_);
    jobs::JobFeed feed_;
    Heard<Report> heard_;
    std::unique_ptr<FakeExecutor> executor_;
    std::unique_ptr<jobs::JobQueue> queue_;
    jobs::JobQueue::Token heard_token_;
    std::unique_ptr<jobs::Dispatcher> dispatcher_;
    std::unique_ptr<worker::Worker> worker_;
};

TEST_F(WorkerTest, BuildsAJobAndPublishesIt) {
    start([](const BuildTask& task, const engine::EventSink& events, const std::stop_token&) {
        events(engine::Progressed{.stage = engine::Stage::fetch, .done = 2, .total = 2});
        events(engine::Logged{"hello"});
        return make_image(task);
    });
    const auto job = finished(submit().id);
    EXPECT_EQ(job.state, JobState::done);
    EXPECT_EQ(job.image, "debian.raw");
    EXPECT_EQ(job.progress.stage, "fetch");
    EXPECT_EQ(published(job.id, "debian.raw"), "image of attempt 1");
    EXPECT_EQ(published(job.id, "debian.log"), "hello\n");
    EXPECT_EQ(published(job.id, "debian.ks"), "part /\n");
    worker_.reset();
    EXPECT_TRUE(fs::is_empty(folder_.path() / "work"));
}

TEST_F(WorkerTest, ShowsTheFirstLogLineWithin300MillisecondsOfTheSubmit) {
    std::atomic<int> seen = 0;
    start([&](const BuildTask& task, const engine::EventSink& events, const std::stop_token& stop) {
        events(engine::Logged{"first"});
        while (seen < std::stoi(task.order.request.name) && !stop.stop_requested()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return make_image(task);
    });
    // The best of five: a disk that is busy with something else may stall any one of them.
    auto best = std::chrono::steady_clock::duration::max();
    for (int i = 1; i <= 5; ++i) {
        const auto begun = std::chrono::steady_clock::now();
        const auto job = submit(std::to_string(i));
        const auto log = std::to_string(i) + ".log";
        while (published(job.id, log) != "first\n" &&
               std::chrono::steady_clock::now() - begun < std::chrono::seconds(10)) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        best = std::min(best, std::chrono::steady_clock::now() - begun);
        seen = i;
        EXPECT_EQ(finished(job.id).state, JobState::done);
    }
    EXPECT_LT(best, std::chrono::milliseconds(300));
}

TEST_F(WorkerTest, SendsALongLogInFewPieces) {
    start([&](const BuildTask& task, const engine::EventSink& events, const std::stop_token&) {
        for (int i = 0; i < 20'000; ++i) {
            events(engine::Logged{"line " + std::to_string(i)});
        }
        return make_image(task);
    });
    const auto id = submit().id;
    EXPECT_EQ(finished(id).state, JobState::done);
    const auto log = published(id, "debian.log");
    EXPECT_EQ(std::ranges::count(log, '\n'), 20'000);
    EXPECT_TRUE(log.ends_with("line 19999\n"));
    std::size_t pieces = 0;
    for (const auto& report : heard_.wait_for(0)) {
        if (const auto* piece = std::get_if<Report::Log>(&report.what)) {
            ++pieces;
            EXPECT_LE(piece->text.size(), 64u << 10);
        }
    }
    EXPECT_LT(pieces, 100u);
}

TEST_F(WorkerTest, BeatsWhileTheBuildIsSilent) {
    std::atomic<bool> go_on = false;
    start([&](const BuildTask& task, const engine::EventSink&, const std::stop_token&) {
        while (!go_on) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return make_image(task);
    });
    const auto id = submit().id;
    const auto reports = heard_.wait_for(4);
    ASSERT_GE(reports.size(), 4u);
    EXPECT_TRUE(std::holds_alternative<Report::Started>(reports[0].what));
    EXPECT_TRUE(std::holds_alternative<Report::Beat>(reports[3].what));
    go_on = true;
    EXPECT_EQ(finished(id).state, JobState::done);
}

TEST_F(WorkerTest, SaysWhatFailedAndWhere) {
    start([](const BuildTask&, const engine::EventSink&, const std::stop_token&) {
        return engine::Failed{.stage = engine::Stage::scripts,
                              .error = {Fault::broken, "%post (line 4): exit 3"}};
    });
    const auto job = finished(submit().id);
    EXPECT_EQ(job.state, JobState::error);
    EXPECT_EQ(job.error, "%post (line 4): exit 3");
    EXPECT_EQ(job.error_stage, "scripts");
    EXPECT_FALSE(fs::exists(www_ / job.id / "debian.raw"));
}

TEST_F(WorkerTest, StopsABuildThatIsCancelledAndTakesTheNextJob) {
    start([](const BuildTask& task, const engine::EventSink&, const std::stop_token& stop) {
        if (task.order.request.name == "long") {
            wait_for(stop);
            return Outcome(worker::Stopped{});
        }
        return make_image(task);
    });
    const auto id = submit("long").id;
    reached(id, [](const jobs::Job& job) { return job.state == JobState::building; });
    const auto next = submit("debian").id;
    ASSERT_TRUE(dispatcher_->cancel(id));
    EXPECT_EQ(finished(next).state, JobState::done);
    EXPECT_EQ(now(id).state, JobState::cancelled);
    const auto reports = heard_.wait_for(0);
    EXPECT_TRUE(std::ranges::any_of(reports, [&](const Report& report) {
        return report.id == id && std::holds_alternative<Report::Stopped>(report.what);
    }));
}

TEST_F(WorkerTest, BuildsAnOrderThatComesTwiceOnce) {
    std::atomic<int> builds = 0;
    start(
        [&](const BuildTask& task, const engine::EventSink&, const std::stop_token&) {
            ++builds;
            std::this_thread::sleep_for(std::chrono::milliseconds(200));
            return make_image(task);
        },
        2);
    const auto job = submit();
    ASSERT_TRUE(queue_->send(jobs::BuildOrder{.id = job.id, .attempt = 1, .request = job.request}));
    EXPECT_EQ(finished(job.id).state, JobState::done);
    EXPECT_EQ(builds, 1);
}

TEST_F(WorkerTest, UsesAllItsSlots) {
    std::atomic<int> at_work = 0, most = 0;
    start(
        [&](const BuildTask& task, const engine::EventSink&, const std::stop_token&) {
            most = std::max<int>(most, ++at_work);
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            --at_work;
            return make_image(task);
        },
        2);
    std::vector<std::string> ids;
    for (const auto* name : {"a", "b", "c", "d"}) {
        ids.push_back(submit(name).id);
    }
    for (const auto& id : ids) {
        EXPECT_EQ(finished(id).state, JobState::done);
    }
    EXPECT_EQ(most, 2);
}

TEST_F(WorkerTest, IsFollowedByOneThatFinishesItsJob) {
    std::atomic<int> builds = 0;
    start([&](const BuildTask& task, const engine::EventSink& events, const std::stop_token& stop) {
        events(engine::Logged{"attempt " + std::to_string(task.order.attempt)});
        if (++builds == 1) {
            wait_for(stop);
            return Outcome(worker::Stopped{});
        }
        return make_image(task);
    });
    const auto id = submit().id;
    reached(id, [](const jobs::Job& job) { return job.state == JobState::building; });
    worker_.reset();
    dispatcher_.reset();
    heard_token_.reset();
    queue_.reset();  // as after a crash: messages are gone, the database is not
    start_worker();
    const auto job = finished(id);
    EXPECT_EQ(job.state, JobState::done);
    EXPECT_EQ(job.attempt, 2u);
    EXPECT_EQ(published(id, "debian.raw"), "image of attempt 2");
    EXPECT_EQ(published(id, "debian.log"), "attempt 1\n--- attempt 2 ---\nattempt 2\n");
}

TEST_F(WorkerTest, PublishesNothingForAJobThatIsNoLongerItsOwn) {
    std::atomic<bool> is_cancelled = false;
    start([&](const BuildTask& task, const engine::EventSink&, const std::stop_token&) {
        while (!is_cancelled) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return make_image(task);  // deaf to its cancel
    });
    const auto id = submit().id;
    reached(id, [](const jobs::Job& job) { return job.state == JobState::building; });
    ASSERT_TRUE(dispatcher_->cancel(id));
    is_cancelled = true;
    worker_.reset();
    EXPECT_EQ(now(id).state, JobState::cancelled);
    EXPECT_FALSE(fs::exists(www_ / id / "debian.raw"));
}

}  // namespace
}  // namespace img::testing
