#include "api/api.hpp"

#include <gtest/gtest.h>

namespace img::api {
namespace {

const std::string kId = "0123456789abcdef0123456789abcdef";

JobView full_view() {
    return {.id = kId,
            .name = "my \"image\"",
            .image_type = "raw",
            .state = jobs::JobState::queued,
            .attempt = 2,
            .priority = -3,
            .position = 3,
            .why = "the only worker is busy",
            .begins = jobs::Interval{.from = jobs::Time(std::chrono::hours(9)),
                                     .to = jobs::Time(std::chrono::hours(10))},
            .ends = jobs::Interval{.from = jobs::Time(std::chrono::hours(11)),
                                   .to = jobs::Time(std::chrono::hours(12))},
            .progress =
                {.stage = "fetch", .done = 1, .total = 1ULL << 40, .unit = "bytes", .text = "x"},
            .error = "two\nlines",
            .error_stage = "fetch",
            .image = "a.raw",
            .size = 1ULL << 33,
            .is_pinned = true,
            .removed = jobs::Time(std::chrono::hours(20)),
            .created = jobs::Time(std::chrono::milliseconds(1'767'225'600'250)),
            .started = jobs::Time(std::chrono::milliseconds(1'767'225'601'000)),
            .finished = std::nullopt,
            .is_joined = true};
}

TEST(Api, ReadsAJobBackAsItWasWritten) {
    const auto json = to_json(full_view());
    const auto again = job_from_json(json).value();
    EXPECT_EQ(to_json(again), json);
    EXPECT_EQ(again.progress.total, 1ULL << 40);
    EXPECT_EQ(again.position, 3u);
    EXPECT_EQ(again.why, full_view().why);
    EXPECT_EQ(again.ends->to, full_view().ends->to);
    EXPECT_TRUE(again.is_pinned);
    EXPECT_EQ(again.removed, full_view().removed);
    EXPECT_EQ(again.is_joined, true);
    EXPECT_EQ(again.created, full_view().created);
    EXPECT_EQ(again.finished, std::nullopt);
    EXPECT_NE(json.find("\"created\": \"2026-01-01T00:00:00.250Z\""), std::string::npos) << json;
}

TEST(Api, SaysThatAnEndIsOpen) {
    auto view = full_view();
    view.ends->to = jobs::kOpenEnd;
    const auto text = to_json(view);
    EXPECT_NE(text.find("\"to\": null"), std::string::npos) << text;
    EXPECT_TRUE(job_from_json(text).value().ends->is_open());
}

TEST(Api, SaysWhatIsWrongWithAJob) {
    auto json = to_json(full_view());
    json.replace(json.find("queued"), 6, "asleep");
    EXPECT_NE(job_from_json(json).error().message.find("state"), std::string::npos);
    EXPECT_EQ(job_from_json("{}").error().fault, Fault::invalid);
    EXPECT_FALSE(job_from_json("nonsense"));
    EXPECT_FALSE(job_from_json(R"({"id":"../../etc"})"));
    EXPECT_FALSE(job_list_from_json(R"({"jobs":1,"next":null})"));
}

TEST(Api, ShowsNoPlaceInTheQueueOfAJobThatLeftIt) {
    jobs::Job job;
    job.id = kId;
    job.state = jobs::JobState::building;
    const jobs::Outlook outlook{.position = 4, .why = "busy"};
    EXPECT_EQ(view_of(job, outlook).position, std::nullopt);
    EXPECT_EQ(view_of(job, outlook).why, "");
    EXPECT_EQ(view_of(job, outlook).started, std::nullopt);
    job.state = jobs::JobState::queued;
    EXPECT_EQ(view_of(job, outlook).position, 4u);
    EXPECT_EQ(view_of(job, outlook).why, "busy");
}

TEST(Api, ReadsWhenAndWhereARequestIsToBeBuilt) {
    const jobs::JobRequest asked{.name = "a",
                                 .image_type = "raw",
                                 .kickstart = "x",
                                 .architecture = "arm64",
                                 .priority = -7,
                                 .reference = "client/1",
                                 .is_fresh = true};
    const auto read = request_from_json(to_json(asked)).value();
    EXPECT_EQ(read.architecture, "arm64");
    EXPECT_EQ(read.priority, -7);
    EXPECT_EQ(read.reference, "client/1");
    EXPECT_TRUE(read.is_fresh);
    for (auto wrong : {R"("priority":1.9)", R"("priority":1e300)", R"("priority":99999999999)",
                       R"("priority":"high")", R"("fresh":1)"}) {
        const auto refused = request_from_json(R"({"name":"a","type":"raw","kickstart":"x",)" +
                                               std::string(wrong) + "}");
        ASSERT_FALSE(refused) << wrong;
        EXPECT_EQ(refused.error().fault, Fault::invalid);
    }
}

TEST(Api, ReadsListsBack) {
    const JobList list{.jobs = {full_view(), full_view()}, .next = "/api/v1/jobs?before=x"};
    EXPECT_EQ(to_json(job_list_from_json(to_json(list)).value()), to_json(list));
    const std::vector<Artifact> artifacts{
        {.name = "a.raw", .type = "raw", .size = 5, .sha256 = "ab"}};
    EXPECT_EQ(to_json(artifacts_from_json(to_json(artifacts)).value()), to_json(artifacts));
    const std::vector<Finding> findings{
        {.severity = "error", .file = "a.ks", .line = 3, .column = 1, .text = "no root"}};
    EXPECT_EQ(to_json(findings_from_json(to_json(findings)).value()), to_json(findings));
    EXPECT_NE(to_json(findings).find("\"ok\": false"), std::string::npos);
}

TEST(Api, ReadsARequestBackAndRefusesMembersNobodyKnows) {
    const jobs::JobRequest request{.name = "n",
                                   .image_type = "raw",
                                   .kickstart = "part /\n",
                                   .overlay = "vim",
                                   .email = "a@b"};
    EXPECT_EQ(to_json(request_from_json(to_json(request)).value()), to_json(request));
    const auto unknown = request_from_json(R"({"type":"raw","kickstart":"","root":1})");
    ASSERT_FALSE(unknown);
    EXPECT_NE(unknown.error().message.find("\"root\""), std::string::npos);
    EXPECT_FALSE(request_from_json(R"({"kickstart":""})"));
    EXPECT_FALSE(request_from_json(R"({"type":"raw"})"));
    EXPECT_FALSE(request_from_json(R"({"type":1,"kickstart":""})"));
    EXPECT_FALSE(request_from_json("[]"));
}

TEST(Api, WritesProblemsAsTheStandardHasThem) {
    const Problem problem{
        .status = 409,
        .code = "name-in-use",
        .title = "The name is in use",
        .detail = "bytes that are not UTF-8: \xff",
        .next = "choose another",
        .findings = {{.severity = "error", .file = "", .line = 1, .column = 2, .text = "x"}}};
    const auto again = problem_from_json(to_json(problem)).value();
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(again.code, "name-in-use");
    EXPECT_EQ(again.detail, "bytes that are not UTF-8: \xef\xbf\xbd");
    EXPECT_EQ(again.findings.size(), 1u);
    EXPECT_NE(to_json(problem).find("\"type\": \"/problems/name-in-use\""), std::string::npos);
}

TEST(Api, KeepsPathsPlainWhateverAFileIsCalled) {
    EXPECT_EQ(image_path(kId, "a.raw"), "/images/" + kId + "/a.raw");
    EXPECT_EQ(image_path(kId, "../a b"), "/images/" + kId + "/..%2Fa%20b");
}

TEST(Api, ReadsTimesBackToTheMillisecond) {
    const jobs::Time time(std::chrono::milliseconds(1'709'164'799'999));
    EXPECT_EQ(to_text(time), "2024-02-28T23:59:59.999Z");
    EXPECT_EQ(time_from(to_text(time)), time);
    for (const auto* text : {"", "2024-02-30T00:00:00.000Z", "2024-02-28T24:00:00.000Z",
                             "2024-02-28T23:59:59.999Zx", "2024-02-28 23:59:59"}) {
        EXPECT_EQ(time_from(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace img::api
