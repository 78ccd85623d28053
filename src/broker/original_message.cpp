#include "broker/original_message.hpp"

#include "base/json.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace img::broker {
namespace {

using jobs::ForeignRequest;
using jobs::Job;
using jobs::JobState;
using nlohmann::json;

constexpr int kDepthMax = 32;  // a configuration may be nested; a tower of brackets is none

std::string dump(const json& body) {
    return body.dump(-1, ' ', true, json::error_handler_t::replace);  // ASCII, as it was
}

void add_text(json& body, const char* key, const std::string& text) {
    if (!text.empty()) {
        body[key] = text;
    }
}

Result<json> object_from(std::string_view text) {
    if (text.size() > kRequestBodyMax) {
        return fail(Fault::invalid,
                    fmt::format("a body of {} bytes, {} are most", text.size(), kRequestBodyMax));
    }
    bool is_too_deep = false;
    const auto count_depth = [&](int depth, json::parse_event_t, json&) {
        is_too_deep = is_too_deep || depth > kDepthMax;
        return !is_too_deep;
    };
    try {
        auto body = json::parse(text, count_depth);
        if (!is_too_deep && body.is_object()) {
            return body;
        }
    } catch (const json::exception&) {
        // said below: what the parser says of the place helps nobody who sent a program's output
    }
    return fail(Fault::invalid, "the body is no JSON object");
}

bool is_id(std::string_view text) {
    return !text.empty() && jobs::is_reference(text);
}

std::string reference_from(const json& body, const std::string& message_id) {
    const auto found = body.find("id");
    if (found != body.end() && found->is_string() && is_id(found->get<std::string>())) {
        return found->get<std::string>();
    }
    return is_id(message_id) ? message_id : std::string();
}

/// A text, or nothing where the key is missing or null. Adds to `faults` what is neither.
std::string text_from(const json& body, const char* key, std::vector<std::string>& faults) {
    const auto found = body.find(key);
    if (found == body.end() || found->is_null()) {
        return {};
    }
    if (!found->is_string()) {
        faults.push_back(fmt::format("\"{}\" is no text", key));
        return {};
    }
    return found->get<std::string>();
}

int priority_from(const json& body, std::vector<std::string>& faults) {
    const auto found = body.find("priority");
    if (found == body.end() || found->is_null()) {
        return 0;
    }
    if (const auto number = number_from<int>(*found); number && jobs::is_priority(*number)) {
        return *number;
    }
    faults.push_back(fmt::format("\"priority\" is no number from {} to {}", jobs::kPriorityMin,
                                 jobs::kPriorityMax));
    return 0;
}

bool freshness_from(const json& body, std::vector<std::string>& faults) {
    const auto found = body.find("fresh");
    if (found == body.end() || found->is_null()) {
        return false;
    }
    if (!found->is_boolean()) {
        faults.push_back("\"fresh\" is neither true nor false");
        return false;
    }
    return found->get<bool>();
}

/// All but the kickstart and what it is made from.
jobs::JobRequest request_from(const json& body, std::vector<std::string>& faults) {
    jobs::JobRequest request;
    request.image_type = text_from(body, "imagetype", faults);
    request.email = text_from(body, "email", faults);
    request.name = text_from(body, "name", faults);
    request.overlay = text_from(body, "overlay", faults);
    request.architecture = text_from(body, "arch", faults);
    request.template_name = text_from(body, "template", faults);
    request.priority = priority_from(body, faults);
    request.is_fresh = freshness_from(body, faults);
    return request;
}

void read_kickstart(const json& body, ForeignRequest& request, std::vector<std::string>& faults) {
    request.request.kickstart = text_from(body, "ksfile", faults);
    if (request.request.kickstart.empty() && request.request.template_name.empty() &&
        faults.empty()) {
        faults.emplace_back("\"ksfile\", the text of a kickstart, is missing");
    }
}

void read_configuration(const json& body,
                        ForeignRequest& request,
                        std::vector<std::string>& faults) {
    const auto found = body.find("config");
    if (found != body.end() && found->is_object()) {
        request.configuration = dump(*found);
        return;
    }
    request.configuration = text_from(body, "config", faults);
    if (request.configuration.empty() && faults.empty()) {
        faults.emplace_back("\"config\", the text of a YAML configuration, is missing");
    }
}

using ReadRest = void (*)(const json&, ForeignRequest&, std::vector<std::string>&);

RequestBody request_body_from(std::string_view text,
                              const std::string& message_id,
                              ReadRest read_rest) {
    const auto body = object_from(text);
    if (!body) {
        return {.reference = is_id(message_id) ? message_id : std::string(),
                .request = std::unexpected(body.error())};
    }
    ForeignRequest request;
    std::vector<std::string> faults;
    request.request = request_from(*body, faults);
    const auto reference = reference_from(*body, message_id);
    request.request.reference = reference;
    read_rest(*body, request, faults);
    if (reference.empty()) {
        faults.push_back(
            fmt::format("\"id\" is no text of 1 to {} printable characters", jobs::kReferenceMax));
    }
    if (faults.empty()) {
        return {.reference = reference, .request = std::move(request)};
    }
    std::string sentence;
    for (const auto& fault : faults) {
        sentence += (sentence.empty() ? "" : "; ") + fault;
    }
    return {.reference = reference, .request = fail(Fault::invalid, std::move(sentence))};
}

/// The one word that the original has for the state.
std::string word_for(JobState state) {
    switch (state) {
        case JobState::queued: return "IN QUEUE";
        case JobState::building: return "BUILDING";
        case JobState::done: return "DONE";
        case JobState::error:
        case JobState::cancelled: break;
    }
    return "ERROR";
}

std::string folder_of(const Job& job, const PublicUrl& url) {
    // A request that was refused has no folder.
    return job.id.empty() ? url + "/queue/" : fmt::format("{}/images/{}/", url, job.id);
}

std::string error_of(const Job& job) {
    if (job.state == JobState::cancelled) {
        return "the job was cancelled";
    }
    return job.error.empty() ? "the build failed, see the log" : job.error;
}

/// What is empty is left out, but for id and url, which each of the original's statuses had.
json body_of(const OriginalStatus& status) {
    json body{{"id", status.id}, {"url", status.url}};
    add_text(body, "status", status.status);
    add_text(body, "log", status.log);
    add_text(body, "image", status.image);
    add_text(body, "error", status.error);
    return body;
}

}  // namespace

RequestBody kickstart_request_from(std::string_view body, const std::string& message_id) {
    return request_body_from(body, message_id, read_kickstart);
}

RequestBody configuration_request_from(std::string_view body, const std::string& message_id) {
    return request_body_from(body, message_id, read_configuration);
}

std::string to_original(const ForeignRequest& foreign) {
    const auto& request = foreign.request;
    json body{
        {"email", request.email}, {"id", request.reference}, {"imagetype", request.image_type}};
    const bool has_configuration = !foreign.configuration.empty();
    body[has_configuration ? "config" : "ksfile"] =
        has_configuration ? foreign.configuration : request.kickstart;
    add_text(body, "name", request.name);
    add_text(body, "overlay", request.overlay);
    add_text(body, "arch", request.architecture);
    add_text(body, "template", request.template_name);
    if (request.priority != 0) {
        body["priority"] = request.priority;
    }
    if (request.is_fresh) {
        body["fresh"] = true;
    }
    return dump(body);
}

OriginalStatus status_of(const Job& job, const std::string& reference, const PublicUrl& url) {
    OriginalStatus status{
        .id = reference, .status = word_for(job.state), .url = folder_of(job, url)};
    const bool has_begun = job.started != jobs::Time();
    if (has_begun) {
        status.log = fmt::format("{}{}.log", status.url, job.request.name);
    }
    if (job.state == JobState::done && !job.image.empty()) {
        status.image = status.url + job.image;
    }
    if (status.status == "ERROR") {
        status.error = error_of(job);
    }
    return status;
}

std::vector<Answer> answers_to(const Job& job, const std::string& reference, const PublicUrl& url) {
    auto status = status_of(job, reference, url);
    std::vector<Answer> answers;
    const auto tell = [&answers](const OriginalStatus& said) {
        answers.push_back({.key = "status", .body = to_json(said)});
    };
    if (job.state == JobState::done) {
        // The image is announced before DONE: who waits for that word has its place by then.
        auto announced = status;
        announced.status = "BUILDING";
        tell(announced);
        status.image.clear();
        answers.push_back(
            {.key = "link", .body = dump({{"id", reference}, {"url", announced.image}})});
    }
    tell(status);
    if (status.status == "ERROR") {
        answers.push_back(
            {.key = "err",
             .body = dump({{"error", status.error}, {"id", reference}, {"url", status.url}})});
    }
    return answers;
}

std::vector<Answer> refusals(const std::string& reference,
                             const std::string& reason,
                             const PublicUrl& url) {
    std::vector<Answer> answers;
    const OriginalStatus status{
        .id = reference, .status = "ERROR", .url = url + "/queue/", .error = reason};
    if (!reference.empty()) {
        answers.push_back({.key = "status", .body = to_json(status)});
    }
    answers.push_back(
        {.key = "err", .body = dump({{"error", reason}, {"id", reference}, {"url", status.url}})});
    return answers;
}

std::string to_json(const OriginalStatus& status) {
    return dump(body_of(status));
}

Result<OriginalStatus> original_status_from(std::string_view text) {
    const auto body = TRY(object_from(text));
    OriginalStatus status;
    std::vector<std::string> faults;
    status.id = text_from(body, "id", faults);
    status.status = text_from(body, "status", faults);
    status.url = text_from(body, "url", faults);
    status.log = text_from(body, "log", faults);
    status.image = text_from(body, "image", faults);
    status.error = text_from(body, "error", faults);
    if (!faults.empty()) {
        return fail(Fault::invalid, "a status that is none: " + faults.front());
    }
    return status;
}

}  // namespace img::broker
