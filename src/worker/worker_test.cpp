#include "worker/worker.hpp"

#include "broker/broker.hpp"
#include "tests/support/cut_queue.hpp"
#include "tests/support/fake_executor.hpp"
#include "tests/support/heard.hpp"
#include "tests/support/temp_folder.hpp"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <gtest/gtest.h>

namespace img::testing {
namespace {

namespace fs = std::filesystem;
using jobs::Presence;
using jobs::Report;
using worker::BuildTask;
using worker::Outcome;
using namespace std::literals;

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
        std::this_thread::sleep_for(1ms);
    }
}

/// A store that is away for the first few times.
class AwayStore : public artifacts::ArtifactStore {
public:
    unsigned away = 0;
    Result<artifacts::Published> publish(const jobs::BuildOrder&,
                                         const fs::path&,
                                         const artifacts::Watch& watch) override {
        watch.meter(1, 2);
        if (away == 0) {
            return artifacts::Published{.size = 7, .place = "s3://b/x/", .manifest = "{}"};
        }
        --away;
        return fail(Fault::transient, "the store is away");
    }
};

/// A worker on the queue of one program; the test is the service and the engine.
class WorkerTest : public ::testing::Test {
protected:
    void start(FakeExecutor::Build build, worker::WorkerOptions options = {.name = "w"}) {
        executor_ = std::make_unique<FakeExecutor>(std::move(build));
        options.name = name_;
        options.work = folder_.path() / "work";
        options.beat = 50ms;
        worker_ = std::make_unique<worker::Worker>(queue_, *executor_, *artifacts_, options);
        presences_.wait_for(1);
    }
    jobs::BuildOrder order(const std::string& name = "debian") {
        jobs::BuildOrder order{
            .id = jobs::new_job_id(), .worker = name_, .request = {.name = name}};
        fs::create_directories(www_ / order.id);
        return order;
    }
    jobs::BuildOrder submit(const std::string& name = "debian") {
        const auto made = order(name);
        EXPECT_TRUE(memory_->send(made));
        return made;
    }
    template <typename What>
    std::vector<What> said(const std::string& id) {
        std::vector<What> found;
        for (const auto& report : reports_.wait_for(0)) {
            const auto* what = std::get_if<What>(&report.what);
            if (what != nullptr && report.id == id) {
                found.push_back(*what);
            }
        }
        return found;
    }
    /// What it said of that kind, once it has.
    template <typename What>
    What says(const std::string& id) {
        until([&] { return !said<What>(id).empty(); });
        const auto all = said<What>(id);
        return all.empty() ? What{} : all.front();
    }
    static void until(const std::function<bool()>& holds) {
        for (int i = 0; i < 5000 && !holds(); ++i) {
            std::this_thread::sleep_for(2ms);
        }
        EXPECT_TRUE(holds());
    }
    Presence presence() { return presences_.wait_for(1).back(); }
    std::string published(const std::string& id, const std::string& file) {
        return read_file(www_ / id / file);
    }

    TempFolder folder_;
    const std::string name_ = worker::new_worker_name("test-");
    fs::path www_ = folder_.path() / "www";
    std::unique_ptr<jobs::JobQueue> memory_ = broker::open_job_queue("memory:").value();
    CutQueue queue_{*memory_};
    Heard<Report> reports_;
    Heard<Presence> presences_;
    jobs::JobQueue::Token heard_ = memory_->on_report(std::ref(reports_));
    jobs::JobQueue::Token seen_ = memory_->on_presence(std::ref(presences_));
    std::unique_ptr<artifacts::ArtifactStore> artifacts_ = artifacts::file_artifacts(www_);
    std::unique_ptr<FakeExecutor> executor_;
    std::unique_ptr<worker::Worker> worker_;
};

TEST_F(WorkerTest, BuildsAJobAndPublishesIt) {
    start([](const BuildTask& task, const engine::EventSink& events, const std::stop_token&) {
        events(engine::Progressed{.stage = engine::Stage::fetch, .done = 2, .total = 2});
        events(engine::Logged{"hello"});
        return make_image(task);
    });
    const auto id = submit().id;
    const auto done = says<Report::Done>(id);
    EXPECT_EQ(done.image, "debian.raw");
    EXPECT_EQ(done.size, "image of attempt 1{}"sv.size());
    EXPECT_EQ(done.place, "");
    EXPECT_EQ(published(id, "debian.raw"), "image of attempt 1");
    EXPECT_EQ(says<Report::Log>(id).text, "hello\n");
    EXPECT_TRUE(std::holds_alternative<Report::Started>(reports_.wait_for(1).front().what));
    EXPECT_EQ(queue_.kept, 1u);
    worker_.reset();
    EXPECT_TRUE(fs::is_empty(folder_.path() / "work"));
}

TEST_F(WorkerTest, KeepsNoOrderBeforeTheServiceKnowsThatItHasBegun) {
    std::atomic<bool> has_begun = false;
    start([&](const BuildTask& task, const engine::EventSink&, const std::stop_token&) {
        has_begun = true;
        return make_image(task);
    });
    queue_.is_cut = true;
    const auto id = submit().id;
    until([&] { return presence().building.empty(); });
    std::this_thread::sleep_for(500ms);
    EXPECT_EQ(queue_.kept, 0u);
    EXPECT_FALSE(has_begun);
    queue_.is_cut = false;
    EXPECT_EQ(says<Report::Done>(id).image, "debian.raw");
    EXPECT_EQ(queue_.kept, 1u);
}

TEST_F(WorkerTest, SendsALongLogInFewPieces) {
    start([](const BuildTask& task, const engine::EventSink& events, const std::stop_token&) {
        for (int i = 0; i < 20'000; ++i) {
            events(engine::Logged{"line " + std::to_string(i)});
        }
        return make_image(task);
    });
    const auto id = submit().id;
    says<Report::Done>(id);
    std::string log;
    for (const auto& piece : said<Report::Log>(id)) {
        EXPECT_EQ(piece.offset, log.size());
        EXPECT_LE(piece.text.size(), 64u << 10);
        log += piece.text;
    }
    EXPECT_EQ(std::ranges::count(log, '\n'), 20'000);
    EXPECT_TRUE(log.ends_with("line 19999\n"));
    EXPECT_LT(said<Report::Log>(id).size(), 100u);
}

TEST_F(WorkerTest, BeatsWhileTheBuildIsSilent) {
    std::atomic<bool> go_on = false;
    start([&](const BuildTask& task, const engine::EventSink&, const std::stop_token&) {
        while (!go_on) {
            std::this_thread::sleep_for(1ms);
        }
        return make_image(task);
    });
    const auto id = submit().id;
    until([&] { return said<Report::Beat>(id).size() >= 3; });
    go_on = true;
    says<Report::Done>(id);
}

TEST_F(WorkerTest, SaysWhatFailedAndWhere) {
    start([](const BuildTask&, const engine::EventSink&, const std::stop_token&) {
        return engine::Failed{.stage = engine::Stage::scripts,
                              .error = {Fault::broken, "%post (line 4): exit 3"}};
    });
    const auto id = submit().id;
    const auto failed = says<Report::Failed>(id);
    EXPECT_EQ(failed.error, "%post (line 4): exit 3");
    EXPECT_EQ(failed.stage, "scripts");
    EXPECT_FALSE(fs::exists(www_ / id / "debian.raw"));
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
    says<Report::Started>(id);
    const auto next = submit().id;
    ASSERT_TRUE(memory_->send(jobs::CancelOrder{.id = id, .worker = "another"}));
    std::this_thread::sleep_for(100ms);
    EXPECT_TRUE(said<Report::Stopped>(id).empty());
    ASSERT_TRUE(memory_->send(jobs::CancelOrder{.id = id}));
    says<Report::Stopped>(id);
    says<Report::Done>(next);
}

TEST_F(WorkerTest, BuildsNothingWhoseCancelCameFirst) {
    std::atomic<int> builds = 0;
    start([&](const BuildTask& task, const engine::EventSink&, const std::stop_token&) {
        ++builds;
        return make_image(task);
    });
    const auto cancelled = order();
    ASSERT_TRUE(memory_->send(jobs::CancelOrder{.id = cancelled.id}));
    std::this_thread::sleep_for(100ms);
    ASSERT_TRUE(memory_->send(cancelled));
    says<Report::Done>(submit().id);
    EXPECT_EQ(builds, 1);
    EXPECT_EQ(queue_.kept, 2u);
}

TEST_F(WorkerTest, BuildsAnOrderThatComesTwiceOnce) {
    std::atomic<int> builds = 0;
    start(
        [&](const BuildTask& task, const engine::EventSink&, const std::stop_token&) {
            ++builds;
            std::this_thread::sleep_for(300ms);
            return make_image(task);
        },
        {.name = "w", .slots = 2});
    const auto twice = submit();
    ASSERT_TRUE(memory_->send(twice));
    says<Report::Done>(twice.id);
    until([&] { return queue_.kept == 2; });
    EXPECT_EQ(builds, 1);
}

TEST_F(WorkerTest, UsesAllItsSlotsAndSaysSo) {
    std::atomic<int> at_work = 0, most = 0;
    std::atomic<bool> go_on = false;
    start(
        [&](const BuildTask& task, const engine::EventSink&, const std::stop_token&) {
            const int now = ++at_work;
            for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
            }
            while (!go_on) {
                std::this_thread::sleep_for(1ms);
            }
            --at_work;
            return make_image(task);
        },
        {.name = "w", .slots = 2});
    EXPECT_EQ(presence().free, 2u);
    const auto first = submit("a").id, second = submit("b").id, third = submit("c").id;
    until([&] { return presence().building.size() == 2; });
    EXPECT_EQ(presence().free, 0u);
    EXPECT_EQ(presence().building.front(), first + ".1");
    go_on = true;
    says<Report::Done>(second);
    says<Report::Done>(third);
    EXPECT_EQ(most, 2);
    until([&] { return presence().free == 2; });
}

TEST_F(WorkerTest, FinishesWhatItHasBeforeItLeaves) {
    std::atomic<bool> go_on = false;
    start([&](const BuildTask& task, const engine::EventSink&, const std::stop_token&) {
        while (!go_on) {
            std::this_thread::sleep_for(1ms);
        }
        return make_image(task);
    });
    const auto first = submit().id;
    says<Report::Started>(first);
    worker_->leave();
    until([&] { return presence().is_leaving; });
    EXPECT_FALSE(presence().is_gone);
    EXPECT_FALSE(worker_->is_idle());
    const auto second = submit().id;
    go_on = true;
    says<Report::Done>(first);
    until([&] { return worker_->is_idle(); });
    worker_.reset();
    until([&] { return presence().is_gone; });
    EXPECT_TRUE(said<Report::Started>(second).empty());
}

TEST_F(WorkerTest, HandsItsBuildsBackWhenItIsEnded) {
    start([](const BuildTask&, const engine::EventSink&, const std::stop_token& stop) {
        wait_for(stop);
        return worker::Stopped{};
    });
    const auto id = submit().id;
    says<Report::Started>(id);
    worker_.reset();
    until([&] { return presence().is_gone; });
    until([&] { return said<Report::Stopped>(id).size() == 1; });
    EXPECT_TRUE(said<Report::Failed>(id).empty());
}

TEST_F(WorkerTest, EndsAtOnceWhereTheQueueIsAway) {
    start([](const BuildTask&, const engine::EventSink&, const std::stop_token& stop) {
        wait_for(stop);
        return worker::Stopped{};
    });
    says<Report::Started>(submit().id);
    queue_.is_cut = true;
    const auto begun = std::chrono::steady_clock::now();
    worker_.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 2s);
}

TEST_F(WorkerTest, WaitsForRoomAndSaysSo) {
    std::atomic<std::uint64_t> free = 1;
    start([](const BuildTask& task, const engine::EventSink&,
             const std::stop_token&) { return make_image(task); },
          {.name = "w",
           .per_build = {.memory = 0, .disk = 1 << 20},
           .measure = [&]() -> Result<worker::Measured> {
               return worker::Measured{.available = {.memory = 0, .disk = free.load()}};
           }});
    EXPECT_EQ(presence().free, 0u);
    EXPECT_EQ(presence().shortage, "disk: 1 B free, a build needs 1.0 MiB");
    const auto id = submit().id;
    says<Report::Started>(id);
    EXPECT_EQ(says<Report::Log>(id).text,
              "waiting for room, disk: 1 B free, a build needs 1.0 MiB\n");
    EXPECT_TRUE(said<Report::Done>(id).empty());
    free = 2 << 20;
    says<Report::Done>(id);
    until([&] { return presence().free == 1; });
    worker_.reset();  // it measures until it ends
}

TEST_F(WorkerTest, HandsAnOrderBackThatItHasNoRoomFor) {
    start([](const BuildTask& task, const engine::EventSink&,
             const std::stop_token&) { return make_image(task); },
          {.name = "w",
           .per_build = {.memory = 1, .disk = 0},
           .measure = []() -> Result<worker::Measured> { return worker::Measured{}; },
           .room_wait = 200ms});
    const auto id = submit().id;
    says<Report::Stopped>(id);
    EXPECT_FALSE(fs::exists(www_ / id / "debian.raw"));
}

TEST_F(WorkerTest, PublishesNothingForAJobThatIsNoLongerItsOwn) {
    std::vector<Error> troubles;
    start([&](const BuildTask& task, const engine::EventSink&, const std::stop_token&) {
        std::ofstream(www_ / task.order.id / ".attempt") << "0000000002\n";
        return make_image(task);
    });
    const auto id = submit().id;
    says<Report::Stopped>(id);
    EXPECT_NE(says<Report::Log>(id).text.find("attempt 1 is over, 2 has begun"), std::string::npos);
    EXPECT_FALSE(fs::exists(www_ / id / "debian.raw"));
    EXPECT_TRUE(said<Report::Done>(id).empty());
    EXPECT_TRUE(said<Report::Failed>(id).empty());
}

TEST_F(WorkerTest, PublishesOnceTheStoreIsBack) {
    auto away = std::make_unique<AwayStore>();
    away->away = 2;
    artifacts_ = std::move(away);
    start([](const BuildTask& task, const engine::EventSink&, const std::stop_token&) {
        return make_image(task);
    });
    const auto id = submit().id;
    const auto done = says<Report::Done>(id);
    EXPECT_EQ(done.place, "s3://b/x/");
    EXPECT_EQ(done.manifest, "{}");
    EXPECT_EQ(done.size, 7u);
    EXPECT_EQ(says<Report::Log>(id).text, "publishing is tried again: the store is away\n");
}

TEST_F(WorkerTest, FailsABuildWhoseStoreStaysAway) {
    auto away = std::make_unique<AwayStore>();
    away->away = 1000;
    artifacts_ = std::move(away);
    start([](const BuildTask& task, const engine::EventSink&,
             const std::stop_token&) { return make_image(task); },
          {.name = "w", .publish_patience = 1s});
    const auto id = submit().id;
    EXPECT_EQ(says<Report::Failed>(id).error, "the store is away");
}

}  // namespace
}  // namespace img::testing
