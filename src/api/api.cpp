#include "api/api.hpp"

#include "api/json_text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <initializer_list>

namespace img::api {

namespace {

std::optional<jobs::Time> time_of(const Json& json, const char* key) {
    if (!json.contains(key) || json.at(key).is_null()) {
        return std::nullopt;
    }
    const auto time = time_from(json.at(key).get<std::string>());
    if (!time) {
        throw std::invalid_argument(fmt::format("{} is no time", key));
    }
    return time;
}

Json time_json(const std::optional<jobs::Time>& time) {
    return time ? Json(to_text(*time)) : Json();
}

Json interval_json(const std::optional<jobs::Interval>& interval) {
    if (!interval) {
        return {};
    }
    return {{"from", to_text(interval->from)},
            {"to", interval->is_open() ? Json() : Json(to_text(interval->to))}};
}

std::optional<jobs::Interval> interval_of(const Json& json, const char* key) {
    if (!json.contains(key) || json.at(key).is_null()) {
        return std::nullopt;
    }
    const auto from = time_of(json.at(key), "from");
    if (!from || !json.at(key).contains("to")) {
        throw std::invalid_argument(fmt::format("{} has no two ends", key));
    }
    const auto to = time_of(json.at(key), "to");
    return jobs::Interval{.from = *from, .to = to.value_or(jobs::kOpenEnd)};
}

Json json_of(const JobView& job) {
    Json json{
        {"id", job.id},
        {"name", job.name},
        {"type", job.image_type},
        {"state", jobs::to_text(job.state)},
        {"attempt", job.attempt},
        {"priority", job.priority},
        {"position", job.position ? Json(*job.position) : Json()},
        {"why", job.why},
        {"begins", interval_json(job.begins)},
        {"ends", interval_json(job.ends)},
        {"progress",
         {{"stage", job.progress.stage},
          {"done", job.progress.done},
          {"total", job.progress.total},
          {"unit", job.progress.unit},
          {"text", job.progress.text}}},
        {"error", job.error},
        {"error_stage", job.error_stage},
        {"image", job.image},
        {"size", job.size},
        {"pinned", job.is_pinned},
        {"removed", time_json(job.removed)},
        {"created", to_text(job.created)},
        {"started", time_json(job.started)},
        {"finished", time_json(job.finished)},
        {"links",
         {{"self", job_path(job.id)},
          {"page", page_path(job.id)},
          {"log", log_path(job.id)},
          {"events", events_path(job.id)},
          {"artifacts", artifacts_path(job.id)}}},
    };
    if (job.is_joined) {
        json["joined"] = *job.is_joined;
    }
    return json;
}

JobView job_of(const Json& json) {
    JobView job;
    job.id = json.at("id").get<std::string>();
    if (!jobs::is_job_id(job.id)) {
        throw std::invalid_argument("id is not 32 hexadecimal digits");
    }
    job.name = json.at("name").get<std::string>();
    job.image_type = json.at("type").get<std::string>();
    const auto state = jobs::job_state_from(json.at("state").get<std::string>());
    if (!state) {
        throw std::invalid_argument("state is none that is known");
    }
    job.state = *state;
    job.attempt = number_at<unsigned>(json, "attempt");
    if (json.contains("position") && !json.at("position").is_null()) {
        job.position = number_at<std::uint64_t>(json, "position");
    }
    job.why = text_of(json, "why");
    job.begins = interval_of(json, "begins");
    job.ends = interval_of(json, "ends");
    const auto& progress = json.at("progress");
    job.progress = {.stage = text_of(progress, "stage"),
                    .done = number_at<std::uint64_t>(progress, "done"),
                    .total = number_at<std::uint64_t>(progress, "total"),
                    .unit = text_of(progress, "unit"),
                    .text = text_of(progress, "text")};
    job.error = text_of(json, "error");
    job.error_stage = text_of(json, "error_stage");
    job.image = text_of(json, "image");
    job.created = time_of(json, "created").value_or(jobs::Time{});
    job.started = time_of(json, "started");
    job.finished = time_of(json, "finished");
    job.removed = time_of(json, "removed");
    job.priority = number_at(json, "priority", 0);
    job.size = number_at(json, "size", std::uint64_t{0});
    job.is_pinned = json.value("pinned", false);
    if (json.contains("joined")) {
        job.is_joined = json.at("joined").get<bool>();
    }
    return job;
}

Json json_of(const std::vector<Finding>& findings) {
    auto list = Json::array();
    for (const auto& finding : findings) {
        list.push_back({{"severity", finding.severity},
                        {"file", finding.file},
                        {"line", finding.line},
                        {"column", finding.column},
                        {"text", finding.text}});
    }
    return list;
}

std::vector<Finding> findings_of(const Json& list) {
    std::vector<Finding> findings;
    for (const auto& json : list) {
        findings.push_back({.severity = json.at("severity").get<std::string>(),
                            .file = text_of(json, "file"),
                            .line = number_at<unsigned>(json, "line"),
                            .column = number_at<unsigned>(json, "column"),
                            .text = json.at("text").get<std::string>()});
    }
    return findings;
}

/// What decides where and when a request is built; the engine never sees it.
void read_scheduling(const Json& json, jobs::JobRequest& request) {
    request.architecture = text_of(json, "architecture");
    request.reference = text_of(json, "reference");
    request.is_fresh = json.value("fresh", false);
    request.priority = number_at(json, "priority", 0);
}

std::string under_job(std::string_view id, std::string_view rest) {
    return fmt::format("{}/{}{}", kJobsPath, id, rest);
}

}  // namespace

std::string job_path(std::string_view id) {
    return under_job(id, "");
}

std::string log_path(std::string_view id) {
    return under_job(id, "/log");
}

std::string events_path(std::string_view id) {
    return under_job(id, "/events");
}

std::string artifacts_path(std::string_view id) {
    return under_job(id, "/artifacts");
}

std::string pin_path(std::string_view id) {
    return under_job(id, "/pin");
}

std::string unpin_path(std::string_view id) {
    return under_job(id, "/unpin");
}

std::string page_path(std::string_view id) {
    return fmt::format("/job/{}", id);
}

std::string image_path(std::string_view id, std::string_view file) {
    return fmt::format("/images/{}/{}", id, escaped(file));
}

JobView view_of(const jobs::Job& job, const std::optional<jobs::Outlook>& outlook) {
    const auto some = [](jobs::Time time) {
        return time == jobs::Time{} ? std::nullopt : std::optional(time);
    };
    JobView view{.id = job.id,
                 .name = job.request.name,
                 .image_type = job.request.image_type,
                 .state = job.state,
                 .attempt = job.attempt,
                 .priority = job.request.priority,
                 .progress = job.progress,
                 .error = job.error,
                 .error_stage = job.error_stage,
                 .image = job.image,
                 .size = job.size,
                 .is_pinned = job.is_pinned,
                 .removed = some(job.removed),
                 .created = job.created,
                 .started = some(job.started),
                 .finished = some(job.finished)};
    if (outlook && job.state == jobs::JobState::queued) {
        view.position = outlook->position;
        view.why = outlook->why;
        view.begins = outlook->begins;
        view.ends = outlook->ends;
    }
    return view;
}

std::string to_json(const JobView& job) {
    return dump(json_of(job));
}

Result<JobView> job_from_json(std::string_view text) {
    return parse<JobView>(text, "a job", job_of);
}

std::string to_json(const JobList& list) {
    auto jobs = Json::array();
    for (const auto& job : list.jobs) {
        jobs.push_back(json_of(job));
    }
    return dump(
        {{"jobs", std::move(jobs)}, {"next", list.next.empty() ? Json() : Json(list.next)}});
}

Result<JobList> job_list_from_json(std::string_view text) {
    return parse<JobList>(text, "a list of jobs", [](const Json& json) {
        JobList list;
        for (const auto& job : json.at("jobs")) {
            list.jobs.push_back(job_of(job));
        }
        if (!json.at("next").is_null()) {
            list.next = json.at("next").get<std::string>();
        }
        return list;
    });
}

std::string to_json(const jobs::JobRequest& request) {
    Json json{{"name", request.name}, {"type", request.image_type}};
    if (request.template_name.empty()) {
        json["kickstart"] = request.kickstart;
    } else {
        json["template"] = request.template_name;
    }
    json["overlay"] = request.overlay;
    json["email"] = request.email;
    json["architecture"] = request.architecture;
    json["priority"] = request.priority;
    json["reference"] = request.reference;
    json["fresh"] = request.is_fresh;
    return dump(json);
}

Result<jobs::JobRequest> request_from_json(std::string_view text) {
    return parse<jobs::JobRequest>(text, "a job's request", [](const Json& json) {
        constexpr std::array kMembers{"name",  "type",         "kickstart", "template",  "overlay",
                                      "email", "architecture", "priority",  "reference", "fresh"};
        for (const auto& [key, value] : json.items()) {
            if (std::ranges::find(kMembers, key) == kMembers.end()) {
                throw std::invalid_argument(fmt::format("\"{}\" is no member of it; {} are", key,
                                                        fmt::join(kMembers, ", ")));
            }
        }
        const bool has_template = json.contains("template");
        if (has_template && json.contains("kickstart")) {
            throw std::invalid_argument("it has a kickstart and a template; give one of them");
        }
        jobs::JobRequest request;
        request.name = text_of(json, "name");
        // A template may suggest a type.
        request.image_type =
            has_template ? text_of(json, "type") : json.at("type").get<std::string>();
        request.kickstart = has_template ? "" : json.at("kickstart").get<std::string>();
        request.template_name = text_of(json, "template");
        request.overlay = text_of(json, "overlay");
        request.email = text_of(json, "email");
        read_scheduling(json, request);
        if (has_template && request.template_name.empty()) {
            throw std::invalid_argument("its template has no name");
        }
        return request;
    });
}

std::string to_json(const std::vector<Artifact>& artifacts) {
    auto list = Json::array();
    for (const auto& artifact : artifacts) {
        list.push_back({{"name", artifact.name},
                        {"type", artifact.type},
                        {"size", artifact.size},
                        {"sha256", artifact.sha256}});
    }
    return dump({{"artifacts", std::move(list)}});
}

Result<std::vector<Artifact>> artifacts_from_json(std::string_view text) {
    return parse<std::vector<Artifact>>(text, "a list of artefacts", [](const Json& json) {
        std::vector<Artifact> artifacts;
        for (const auto& one : json.at("artifacts")) {
            artifacts.push_back({.name = one.at("name").get<std::string>(),
                                 .type = text_of(one, "type"),
                                 .size = number_at<std::uint64_t>(one, "size"),
                                 .sha256 = text_of(one, "sha256")});
        }
        return artifacts;
    });
}

std::string to_json(const Problem& problem) {
    Json json{{"type", "/problems/" + problem.code},
              {"title", problem.title},
              {"status", problem.status},
              {"code", problem.code},
              {"detail", problem.detail},
              {"next", problem.next}};
    if (!problem.findings.empty()) {
        json["findings"] = json_of(problem.findings);
    }
    return dump(json);
}

Result<Problem> problem_from_json(std::string_view text) {
    return parse<Problem>(text, "a problem", [](const Json& json) {
        return Problem{.status = number_at<int>(json, "status"),
                       .code = text_of(json, "code"),
                       .title = text_of(json, "title"),
                       .detail = text_of(json, "detail"),
                       .next = text_of(json, "next"),
                       .findings = json.contains("findings") ? findings_of(json.at("findings"))
                                                             : std::vector<Finding>()};
    });
}

std::string to_json(const std::vector<Finding>& findings) {
    const bool is_refused = std::ranges::any_of(findings, [](const Finding& one) {
        return one.severity == "error" || one.severity == "refused";
    });
    return dump({{"ok", !is_refused}, {"findings", json_of(findings)}});
}

Result<std::vector<Finding>> findings_from_json(std::string_view text) {
    return parse<std::vector<Finding>>(
        text, "a check", [](const Json& json) { return findings_of(json.at("findings")); });
}

std::string to_text(jobs::Time time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                       (time - seconds).count());
}

std::optional<jobs::Time> time_from(std::string_view text) {
    int year = 0;
    unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0, millisecond = 0;
    int end = 0;
    const std::string copy(text);
    if (std::sscanf(copy.c_str(), "%4d-%2u-%2uT%2u:%2u:%2u.%3uZ%n", &year, &month, &day, &hour,
                    &minute, &second, &millisecond, &end) != 7 ||
        static_cast<std::size_t>(end) != text.size()) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                           std::chrono::day(day)};
    if (!date.ok() || hour > 23 || minute > 59 || second > 60) {
        return std::nullopt;
    }
    return jobs::Time(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
           std::chrono::minutes(minute) + std::chrono::seconds(second) +
           std::chrono::milliseconds(millisecond);
}

}  // namespace img::api
