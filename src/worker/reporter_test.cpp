#include "worker/reporter.hpp"

#include "broker/broker.hpp"
#include "tests/support/cut_queue.hpp"
#include "tests/support/heard.hpp"

#include <gtest/gtest.h>

namespace img::worker {
namespace {

using jobs::Report;
using namespace std::literals;

class ReporterTest : public ::testing::Test {
protected:
    std::unique_ptr<Reporter> reporter() {
        return std::make_unique<Reporter>(queue_, order_,
                                          ReporterOptions{.worker = "w", .beat = 50ms});
    }
    /// The log as the service would write it; a gap shows as dots.
    std::string log() {
        std::string text;
        for (const auto& report : heard_.wait_for(0)) {
            if (const auto* piece = std::get_if<Report::Log>(&report.what)) {
                text.resize(std::max<std::size_t>(text.size(), piece->offset), '.');
                text.replace(piece->offset, piece->text.size(), piece->text);
            }
        }
        return text;
    }
    template <typename What>
    std::size_t count() {
        std::size_t found = 0;
        for (const auto& report : heard_.wait_for(0)) {
            found += std::holds_alternative<What>(report.what) ? 1 : 0;
        }
        return found;
    }
    template <typename What>
    bool comes() {
        for (int i = 0; i < 5000 && count<What>() == 0; ++i) {
            std::this_thread::sleep_for(2ms);
        }
        return count<What>() > 0;
    }

    jobs::BuildOrder order_{.id = jobs::new_job_id()};
    std::unique_ptr<jobs::JobQueue> memory_ = broker::open_job_queue("memory:").value();
    testing::CutQueue queue_{*memory_};
    testing::Heard<Report> heard_;
    jobs::JobQueue::Token token_ = memory_->on_report(std::ref(heard_));
    std::stop_source stop_;
};

TEST_F(ReporterTest, GivesUpAnOrderThatItCannotSayItHasBegun) {
    queue_.is_cut = true;
    EXPECT_FALSE(reporter()->start(300ms, stop_.get_token()));
    EXPECT_EQ(heard_.size(), 0u);
}

TEST_F(ReporterTest, SaysTheEndOnceTheQueueIsBack) {
    const auto report = reporter();
    ASSERT_TRUE(report->start(1s, stop_.get_token()));
    queue_.is_cut = true;
    report->hear(engine::Logged{"said while the queue was away"});
    std::jthread finishing(
        [&] { report->finish(Report::Done{.image = "debian.raw"}, stop_.get_token()); });
    std::this_thread::sleep_for(700ms);
    EXPECT_EQ(count<Report::Done>(), 0u);
    queue_.is_cut = false;
    ASSERT_TRUE(comes<Report::Done>());
    finishing.join();
    EXPECT_EQ(log(), "said while the queue was away\n");
    EXPECT_EQ(count<Report::Done>(), 1u);
}

TEST_F(ReporterTest, HoldsUpNoBuildWhileTheQueueIsAway) {
    const auto report = reporter();
    ASSERT_TRUE(report->start(1s, stop_.get_token()));
    queue_.is_cut = true;
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 48'000; ++i) {
        report->hear(engine::Logged{std::string(63, 'x')});  // 3 MiB: more than is kept
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
    queue_.is_cut = false;
    report->finish(Report::Done{}, stop_.get_token());
    ASSERT_TRUE(comes<Report::Done>());
    const auto text = log();
    EXPECT_EQ(text.size(), 48'000u * 64);
    EXPECT_EQ(text.front(), '.');  // the gap
    EXPECT_EQ(text.substr(text.size() - (1 << 20) + 1024, 1), "x");
}

TEST_F(ReporterTest, CutsNoCharacterInTwo) {
    const auto report = reporter();
    ASSERT_TRUE(report->start(1s, stop_.get_token()));
    std::string line = "x";
    for (int i = 0; i < 40'000; ++i) {
        line += "\xc3\xbc";  // two bytes: every 64 KiB would cut one
    }
    report->hear(engine::Logged{line});
    report->hear(engine::Logged{"a byte that is none: \xff"});
    report->finish(Report::Done{}, stop_.get_token());
    ASSERT_TRUE(comes<Report::Done>());
    EXPECT_EQ(log(), line + "\na byte that is none: \xef\xbf\xbd\n");
    for (const auto& one : heard_.wait_for(0)) {
        if (const auto* piece = std::get_if<Report::Log>(&one.what)) {
            EXPECT_NE(static_cast<unsigned char>(piece->text.front()) & 0xc0, 0x80);
        }
    }
}

TEST_F(ReporterTest, SaysTheNewestProgressAfterAnOutage) {
    const auto report = reporter();
    ASSERT_TRUE(report->start(1s, stop_.get_token()));
    queue_.is_cut = true;
    report->hear(engine::Progressed{.stage = engine::Stage::fetch, .done = 1, .total = 2});
    std::this_thread::sleep_for(300ms);
    report->hear(engine::Progressed{.stage = engine::Stage::install, .done = 2, .total = 2});
    queue_.is_cut = false;
    const auto last_stage = [this] {
        const auto reports = heard_.wait_for(0);
        const auto* const beat = std::get_if<Report::Beat>(&reports.back().what);
        return beat == nullptr ? std::string() : beat->progress.stage;
    };
    for (int i = 0; i < 5000 && last_stage() != "install"; ++i) {
        std::this_thread::sleep_for(2ms);
    }
    EXPECT_EQ(last_stage(), "install");
}

}  // namespace
}  // namespace img::worker
