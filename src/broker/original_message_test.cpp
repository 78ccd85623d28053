#include "broker/original_message.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <vector>

namespace img::broker {
namespace {

using nlohmann::json;

const std::string kUrl = "http://h:8080";
const std::string kId = "0123456789abcdef0123456789abcdef";

std::string reason(const RequestBody& body) {
    return body.request ? "taken" : body.request.error().message;
}

TEST(OriginalRequest, IsTheDocumentedBodyOfAKickstart) {
    const auto body = kickstart_request_from(
        R"({"email":"a@b","id":"7c9e","imagetype":"raw","ksfile":"part /\n"})", "");
    ASSERT_TRUE(body.request) << reason(body);
    EXPECT_EQ(body.reference, "7c9e");
    EXPECT_EQ(body.request->request.reference, "7c9e");
    EXPECT_EQ(body.request->request.email, "a@b");
    EXPECT_EQ(body.request->request.image_type, "raw");
    EXPECT_EQ(body.request->request.kickstart, "part /\n");
    EXPECT_EQ(body.request->configuration, "");
    EXPECT_FALSE(body.request->request.is_fresh);
}

TEST(OriginalRequest, IsTheDocumentedBodyOfAConfiguration) {
    const auto yaml = configuration_request_from(
        R"({"config":"Default: {}\n","email":"a@b","imagetype":"raw","id":"x"})", "");
    ASSERT_TRUE(yaml.request) << reason(yaml);
    EXPECT_EQ(yaml.request->configuration, "Default: {}\n");
    const auto later = configuration_request_from(
        R"({"config":{"Template":"part /","Packages":["vim"]},"imagetype":"raw","id":"x"})", "");
    ASSERT_TRUE(later.request) << reason(later);
    EXPECT_EQ(json::parse(later.request->configuration)["Packages"][0], "vim");
}

TEST(OriginalRequest, MayHaveOurKeysToo) {
    const auto body = kickstart_request_from(
        R"({"id":"x","ksfile":"a","name":"n","overlay":"vim","arch":"arm64","priority":-3,
            "template":null,"fresh":true,"release":"1","username":5})",
        "");
    ASSERT_TRUE(body.request) << reason(body);
    EXPECT_EQ(body.request->request.name, "n");
    EXPECT_EQ(body.request->request.overlay, "vim");
    EXPECT_EQ(body.request->request.architecture, "arm64");
    EXPECT_EQ(body.request->request.priority, -3);
    EXPECT_TRUE(body.request->request.is_fresh);
}

TEST(OriginalRequest, TakesTheMessagesIdWhereTheBodyHasNone) {
    EXPECT_EQ(kickstart_request_from(R"({"ksfile":"a"})", "m1").reference, "m1");
    EXPECT_EQ(kickstart_request_from("no JSON", "m1").reference, "m1");
    EXPECT_EQ(kickstart_request_from(R"({"id":"b1","ksfile":"a"})", "m1").reference, "b1");
}

TEST(OriginalRequest, SaysAllThatIsWrongWithTheBody) {
    EXPECT_EQ(reason(kickstart_request_from("[]", "")), "the body is no JSON object");
    EXPECT_EQ(reason(kickstart_request_from(std::string(100'000, '['), "")),
              "the body is no JSON object");
    EXPECT_EQ(reason(kickstart_request_from("{}", "")),
              "\"ksfile\", the text of a kickstart, is missing; "
              "\"id\" is no text of 1 to 200 printable characters");
    EXPECT_EQ(reason(configuration_request_from(R"({"id":"x","ksfile":"a"})", "")),
              "\"config\", the text of a YAML configuration, is missing");
    EXPECT_EQ(
        reason(kickstart_request_from(
            R"({"id":"x","ksfile":5,"priority":11,"fresh":"yes","email":[]})", "")),
        "\"email\" is no text; \"priority\" is no number from -10 to 10; \"fresh\" is neither "
        "true nor false; \"ksfile\" is no text");
    EXPECT_EQ(reason(kickstart_request_from(std::string(kRequestBodyMax + 1, ' '), "")),
              "a body of 16777217 bytes, 16777216 are most");
}

TEST(OriginalRequest, HasNoReferenceThatATerminalWouldObey) {
    for (const std::string& id :
         std::vector<std::string>{"", "a\nb", "\x1b[2J", std::string(201, 'x')}) {
        const auto body = kickstart_request_from(json{{"id", id}, {"ksfile", "a"}}.dump(), "");
        EXPECT_FALSE(body.request) << id;
        EXPECT_EQ(body.reference, "");
    }
}

TEST(OriginalRequest, IsReadAsItWasWritten) {
    jobs::ForeignRequest request{.request = {.name = "n",
                                             .image_type = "raw",
                                             .kickstart = "part /\n# ü",
                                             .overlay = "vim",
                                             .email = "a@b",
                                             .architecture = "arm64",
                                             .priority = 4,
                                             .reference = "r",
                                             .is_fresh = true}};
    const auto text = to_original(request);
    EXPECT_TRUE(std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; })) << text;
    const auto read = kickstart_request_from(text, "");
    ASSERT_TRUE(read.request) << reason(read);
    EXPECT_EQ(read.request->request.kickstart, request.request.kickstart);
    EXPECT_EQ(read.request->request.priority, 4);
    EXPECT_TRUE(read.request->request.is_fresh);
    request.configuration = "a: b";
    EXPECT_EQ(configuration_request_from(to_original(request), "").request->configuration, "a: b");
}

/// {"status":…} of each answer with that key.
std::vector<json> bodies(const std::vector<Answer>& answers, const std::string& key) {
    std::vector<json> found;
    for (const auto& answer : answers) {
        if (answer.key == key) {
            found.push_back(json::parse(answer.body));
        }
    }
    return found;
}

jobs::Job job_in(jobs::JobState state) {
    jobs::Job job{.id = kId, .request = {.name = "n"}, .state = state};
    if (state != jobs::JobState::queued) {
        job.started = jobs::Time(std::chrono::seconds(1));
    }
    return job;
}

TEST(OriginalStatus, HasTheDocumentedWordsAndKeys) {
    const auto folder = kUrl + "/images/" + kId + "/";
    EXPECT_EQ(bodies(answers_to(job_in(jobs::JobState::queued), "r", kUrl), "status"),
              (std::vector<json>{{{"status", "IN QUEUE"}, {"id", "r"}, {"url", folder}}}));
    EXPECT_EQ(
        bodies(answers_to(job_in(jobs::JobState::building), "r", kUrl), "status"),
        (std::vector<json>{
            {{"status", "BUILDING"}, {"id", "r"}, {"url", folder}, {"log", folder + "n.log"}}}));
}

TEST(OriginalStatus, OfADoneJobNamesTheImageFirst) {
    auto job = job_in(jobs::JobState::done);
    job.image = "n.raw";
    const auto answers = answers_to(job, "r", kUrl);
    const auto statuses = bodies(answers, "status");
    ASSERT_EQ(statuses.size(), 2u);
    EXPECT_EQ(statuses[0]["image"], kUrl + "/images/" + kId + "/n.raw");
    EXPECT_EQ(statuses[0]["status"], "BUILDING");
    EXPECT_EQ(statuses[1]["status"], "DONE");
    EXPECT_FALSE(statuses[1].contains("image"));
    EXPECT_EQ(bodies(answers, "link"),
              (std::vector<json>{{{"id", "r"}, {"url", kUrl + "/images/" + kId + "/n.raw"}}}));
    EXPECT_EQ(answers.back().key, "status") << "DONE is the last word";
}

TEST(OriginalStatus, OfAJobThatFailedSaysWhyTwice) {
    auto job = job_in(jobs::JobState::error);
    job.error = "no room";
    const auto answers = answers_to(job, "r", kUrl);
    EXPECT_EQ(bodies(answers, "status").at(0)["status"], "ERROR");
    EXPECT_EQ(bodies(answers, "status").at(0)["error"], "no room");
    EXPECT_EQ(bodies(answers, "err"),
              (std::vector<json>{
                  {{"error", "no room"}, {"id", "r"}, {"url", kUrl + "/images/" + kId + "/"}}}));
    const auto cancelled = answers_to(job_in(jobs::JobState::cancelled), "r", kUrl);
    EXPECT_EQ(bodies(cancelled, "status").at(0)["error"], "the job was cancelled");
}

TEST(OriginalStatus, OfARefusalNeedsAReferenceAndItsErrorDoesNot) {
    EXPECT_EQ(bodies(refusals("r", "why", kUrl), "status").at(0)["error"], "why");
    EXPECT_EQ(bodies(refusals("r", "why", kUrl), "err").at(0)["id"], "r");
    EXPECT_TRUE(bodies(refusals("", "why", kUrl), "status").empty());
    EXPECT_EQ(bodies(refusals("", "why", kUrl), "err").size(), 1u);
}

TEST(OriginalStatus, IsReadAsItWasWritten) {
    const OriginalStatus status{
        .id = "r", .status = "DONE", .url = "u", .log = "l", .image = "i", .error = "e"};
    const auto read = original_status_from(to_json(status)).value();
    EXPECT_EQ(read.id + read.status + read.url + read.log + read.image + read.error, "rDONEulie");
    EXPECT_FALSE(original_status_from(R"({"id":5})"));
}

}  // namespace
}  // namespace img::broker
