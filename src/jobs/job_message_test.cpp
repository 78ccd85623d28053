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
    const auto done = through_json(
        Report::Done{.image = "a.raw", .size = 1ULL << 40, .place = "s3://b/c", .manifest = "{}"});
    EXPECT_EQ(done.image, "a.raw");
    EXPECT_EQ(done.size, 1ULL << 40);
    EXPECT_EQ(done.place, "s3://b/c");
    EXPECT_EQ(done.manifest, "{}");
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
                           .worker = "w-1",
                           .request = {.name = "n",
                                       .image_type = "raw",
                                       .kickstart = "part /\n# ü",
                                       .overlay = "-nano",
                                       .email = "a@b",
                                       .template_name = "board",
                                       .architecture = "arm64",
                                       .priority = -3,
                                       .reference = "2f1b",
                                       .is_fresh = true}};
    const auto build = build_order_from(to_json(order)).value();
    EXPECT_EQ(build.attempt, 3u);
    EXPECT_EQ(build.worker, "w-1");
    EXPECT_EQ(build.request.kickstart, order.request.kickstart);
    EXPECT_EQ(build.request.overlay, "-nano");
    EXPECT_EQ(build.request.template_name, "board");
    EXPECT_EQ(build.request.architecture, "arm64");
    EXPECT_EQ(build.request.priority, -3);
    EXPECT_EQ(build.request.reference, "2f1b");
    EXPECT_TRUE(build.request.is_fresh);
    const auto cancel =
        cancel_order_from(to_json(CancelOrder{.id = kId, .attempt = 1, .worker = "w"})).value();
    EXPECT_EQ(cancel.id, kId);
    EXPECT_EQ(cancel.attempt, 1u);
    EXPECT_EQ(cancel.worker, "w");
}

TEST(JobMessage, ReadsWhatAnOlderProgramSends) {
    const std::string head = R"("id":")" + kId + R"(","attempt":1,)";
    const auto order = build_order_from(
        R"({"kind":"build",)" + head +
        R"("request":{"name":"n","image_type":"raw","kickstart":"","overlay":"","email":""}})");
    ASSERT_TRUE(order) << order.error().message;
    EXPECT_EQ(order->worker, "");
    EXPECT_EQ(order->request.priority, 0);
    const auto report = report_from(
        R"({"kind":"report","what":"done","image":"a.raw","worker":"w",)" + head + R"("x":1})");
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(std::get<Report::Done>(report->what).place, "");
}

TEST(JobMessage, BringsAPresenceBack) {
    const Presence presence{.worker = "w",
                            .host = "h",
                            .version = "1",
                            .slots = 4,
                            .free = 2,
                            .shortage = "disk",
                            .architectures = {"arm64"},
                            .image_types = {"raw", "ova"},
                            .has_kvm = true,
                            .is_leaving = true,
                            .is_gone = true,
                            .building = {kId + ".1"}};
    const auto read = presence_from(to_json(presence)).value();
    EXPECT_EQ(read.worker, "w");
    EXPECT_EQ(read.host, "h");
    EXPECT_EQ(read.version, "1");
    EXPECT_EQ(read.slots, 4u);
    EXPECT_EQ(read.free, 2u);
    EXPECT_EQ(read.shortage, "disk");
    EXPECT_EQ(read.architectures, presence.architectures);
    EXPECT_EQ(read.image_types, presence.image_types);
    EXPECT_TRUE(read.has_kvm && read.is_leaving && read.is_gone);
    EXPECT_EQ(read.building, presence.building);
}

TEST(JobMessage, BoundsAPresence) {
    for (const auto& name : {std::string(), std::string("a/b"), std::string("a\n"),
                             std::string("-a"), std::string(kWorkerNameMax + 1, 'a')}) {
        EXPECT_FALSE(presence_from(to_json(Presence{.worker = name}))) << name;
    }
    const auto read =
        presence_from(to_json(Presence{.worker = std::string(kWorkerNameMax, 'a'),
                                       .slots = 4'000'000'000,
                                       .free = 4'000'000'000,
                                       .shortage = std::string(1 << 20, 'x'),
                                       .building = std::vector<std::string>(10'000, "x")}))
            .value();
    EXPECT_EQ(read.shortage.size(), kProgressTextMax);
    EXPECT_EQ(read.building.size(), kListMax);
    EXPECT_LE(read.slots, 1024u);
    EXPECT_LE(read.free, read.slots);
}

TEST(JobMessage, BringsAStatusNoticeBackWithoutTheKickstart) {
    const Time now{std::chrono::milliseconds(1'700'000'000'123)};
    const StatusNotice notice{.job = {.id = kId,
                                      .request = {.name = "n",
                                                  .image_type = "raw",
                                                  .kickstart = "secret",
                                                  .email = "a@b"},
                                      .state = JobState::error,
                                      .attempt = 3,
                                      .worker = "w",
                                      .progress = {.stage = "fetch", .done = 2, .total = 3},
                                      .error = "no room",
                                      .error_stage = "assemble",
                                      .image = "n.raw",
                                      .place = "s3://b",
                                      .size = 7,
                                      .is_pinned = true,
                                      .created = now,
                                      .finished = now + std::chrono::seconds(5)},
                              .references = {"one", "two"}};
    EXPECT_EQ(to_json(notice).find("secret"), std::string::npos);
    const auto read = status_notice_from(to_json(notice)).value();
    EXPECT_EQ(read.references, notice.references);
    EXPECT_EQ(read.job.id, kId);
    EXPECT_EQ(read.job.request.name, "n");
    EXPECT_EQ(read.job.request.email, "a@b");
    EXPECT_EQ(read.job.state, JobState::error);
    EXPECT_EQ(read.job.attempt, 3u);
    EXPECT_EQ(read.job.progress.stage, "fetch");
    EXPECT_EQ(read.job.error, "no room");
    EXPECT_EQ(read.job.error_stage, "assemble");
    EXPECT_EQ(read.job.image, "n.raw");
    EXPECT_EQ(read.job.place, "s3://b");
    EXPECT_EQ(read.job.size, 7u);
    EXPECT_TRUE(read.job.is_pinned);
    EXPECT_EQ(read.job.created, now);
    EXPECT_EQ(read.job.finished, notice.job.finished);
    EXPECT_FALSE(status_notice_from(R"({"kind":"status","job":{},"references":[]})"));
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
        EXPECT_FALSE(presence_from(text));
        EXPECT_FALSE(status_notice_from(text));
    }
}

TEST(JobMessage, RefusesABuildOrderWithANameThatIsAPath) {
    const BuildOrder order{.id = kId, .request = {.name = "../x"}};
    EXPECT_FALSE(build_order_from(to_json(order)));
}

TEST(JobMessage, RefusesABuildOrderBeyondItsBounds) {
    for (const auto& request :
         std::vector<JobRequest>{{.name = "n", .kickstart = std::string(kKickstartMax + 1, 'x')},
                                 {.name = "n", .architecture = "../x"},
                                 {.name = "n", .priority = kPriorityMax + 1},
                                 {.name = "n", .reference = "a\nb"},
                                 {.name = "n", .reference = std::string(kReferenceMax + 1, 'x')}}) {
        EXPECT_FALSE(build_order_from(to_json(BuildOrder{.id = kId, .request = request})));
    }
    EXPECT_FALSE(build_order_from(
        to_json(BuildOrder{.id = kId, .worker = "img.*", .request = {.name = "n"}})));
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
