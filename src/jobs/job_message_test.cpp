#include "jobs/job_message.hpp"

#include <gtest/gtest.h>

namespace img::jobs {
namespace {

const std::string kId = "0123456789abcdef0123456789abcdef";

template <typename Kind>
Kind through_json(Kind kind) {
    const Report report{.id = kId, .attempt = 2, .worker = "w", .what = std::move(kind)};
    const auto read = report_from(to_json(report));
    EXPECT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->id, kId);
    EXPECT_EQ(read->attempt, 2u);
    EXPECT_EQ(read->worker, "w");
    return std::get<Kind>(read->what);
}

TEST(JobMessage, BringsEachReportBack) {
    through_json(Report::Started{});
    through_json(Report::Stopped{});
    EXPECT_EQ(through_json(Report::Done{"a.raw"}).image, "a.raw");
    const auto failed = through_json(Report::Failed{.stage = "fetch", .error = "404 \"x\"\n"});
    EXPECT_EQ(failed.stage, "fetch");
    EXPECT_EQ(failed.error, "404 \"x\"\n");
    const auto log = through_json(Report::Log{.offset = 1ULL << 33, .text = "a\tb\n"});
    EXPECT_EQ(log.offset, 1ULL << 33);
    EXPECT_EQ(log.text, "a\tb\n");
    const auto beat = through_json(Report::Beat{
        {.stage = "fetch", .done = 3, .total = 9, .unit = "packages", .text = "libc6"}});
    EXPECT_EQ(beat.progress.done, 3u);
    EXPECT_EQ(beat.progress.total, 9u);
    EXPECT_EQ(beat.progress.unit, "packages");
    EXPECT_EQ(beat.progress.text, "libc6");
}

TEST(JobMessage, BringsOrdersBack) {
    const BuildOrder order{.id = kId,
                           .attempt = 3,
                           .request = {.name = "n",
                                       .image_type = "raw",
                                       .kickstart = "part /\n# ü",
                                       .overlay = "-nano",
                                       .email = "a@b"}};
    const auto build = build_order_from(to_json(order)).value();
    EXPECT_EQ(build.attempt, 3u);
    EXPECT_EQ(build.request.kickstart, order.request.kickstart);
    EXPECT_EQ(build.request.overlay, "-nano");
    const auto cancel =
        cancel_order_from(to_json(CancelOrder{.id = kId, .attempt = 1, .worker = "w"})).value();
    EXPECT_EQ(cancel.id, kId);
    EXPECT_EQ(cancel.attempt, 1u);
    EXPECT_EQ(cancel.worker, "w");
}

TEST(JobMessage, MakesJsonOfALogThatIsNotUtf8) {
    const auto log = through_json(Report::Log{.offset = 0, .text = "a\xff\xfe"});
    EXPECT_EQ(log.text.front(), 'a');
    EXPECT_GT(log.text.size(), 1u);
}

TEST(JobMessage, RefusesWhatIsNoMessage) {
    const std::string start = R"({"kind":"report","id":")" + kId + R"(","attempt":1,"worker":"w",)";
    for (const std::string& text : std::vector<std::string>{
             "", "[]", "1", "null", "{}", "\"x\"", start, start + R"("what":"danced"})",
             start + R"("what":"log","offset":-1.5e99,"text":{}})",
             R"({"kind":"report","id":"../x","attempt":1,"worker":"w","what":"started"})",
             R"({"kind":"report","id":5,"attempt":1,"worker":"w","what":"started"})",
             R"({"kind":"build","id":")" + kId + R"(","attempt":1,"worker":"w","what":"started"})",
             std::string(100'000, '['), std::string("\0\xff", 2)}) {
        const auto read = report_from(text);
        ASSERT_FALSE(read) << text.substr(0, 80);
        EXPECT_EQ(read.error().fault, Fault::invalid);
        EXPECT_FALSE(build_order_from(text));
        EXPECT_FALSE(cancel_order_from(text));
    }
}

TEST(JobMessage, RefusesABuildOrderWithANameThatIsAPath) {
    const BuildOrder order{.id = kId, .request = {.name = "../x"}};
    EXPECT_FALSE(build_order_from(to_json(order)));
}

TEST(JobMessage, CutsTextsThatAreTooLongAndKeepsTheEndOfAnError) {
    const auto failed = std::get<Report::Failed>(
        within_bounds({.what = Report::Failed{.error = std::string(1 << 20, 'x') + "the reason"}})
            .what);
    EXPECT_LE(failed.error.size(), kErrorTextMax + 8);
    EXPECT_TRUE(failed.error.ends_with("the reason"));
    std::string umlauts;
    for (std::size_t i = 0; i < kProgressTextMax; ++i) {
        umlauts += "ü";
    }
    const auto beat =
        std::get<Report::Beat>(within_bounds({.what = Report::Beat{{.text = "a" + umlauts}}}).what);
    EXPECT_EQ(beat.progress.text.size(), kProgressTextMax - 1) << "no half character at the end";
}

}  // namespace
}  // namespace img::jobs
