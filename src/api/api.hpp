// REST as service and clients share it: the paths, and the JSON of jobs, requests and problems.
//
// Knows the wire form of a job, in both directions. Must never know how one is stored, sent or
// built, nor what a page looks like.
#pragma once

#include "base/result.hpp"
#include "jobs/job.hpp"
#include "jobs/outlook.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace img::api {

inline constexpr std::string_view kJobsPath = "/api/v1/jobs";
inline constexpr std::string_view kCheckPath = "/api/v1/kickstart/check";
inline constexpr std::string_view kTypesPath = "/api/v1/types";

std::string job_path(std::string_view id);     ///< GET: a JobView; DELETE: cancel it.
std::string log_path(std::string_view id);     ///< GET: text; Range, ?offset=N, ?follow=1.
std::string events_path(std::string_view id);  ///< GET: Server-Sent Events, see docs/openapi.yaml.
std::string artifacts_path(std::string_view id);  ///< GET: a list of Artifact.
std::string pin_path(std::string_view id);        ///< POST: retention leaves it alone.
std::string unpin_path(std::string_view id);      ///< POST: not any more.
std::string page_path(std::string_view id);       ///< For people.
std::string image_path(std::string_view id, std::string_view file);

/// What a client is told of a job.
struct JobView {
    std::string id{};
    std::string name{};
    std::string image_type{};
    jobs::JobState state = jobs::JobState::queued;
    unsigned attempt = 1;
    int priority = 0;
    std::optional<std::uint64_t> position{};  ///< Jobs before it, while it is queued.
    std::string why{};                        ///< Why it waits: a sentence; empty: not known.
    /// Of a job that waits, where there have been builds to judge by.
    std::optional<jobs::Interval> begins{};
    std::optional<jobs::Interval> ends{};
    jobs::Progress progress{};
    std::string error{};
    std::string error_stage{};
    std::string image{};     ///< The main artefact's file name, once done.
    std::uint64_t size = 0;  ///< Of all artefacts, in bytes, once done.
    bool is_pinned = false;
    std::optional<jobs::Time> removed{};  ///< When its artefacts were.
    jobs::Time created{};
    std::optional<jobs::Time> started{};
    std::optional<jobs::Time> finished{};
    /// In the answer to a submit: whether the job was there already.
    std::optional<bool> is_joined{};
};

JobView view_of(const jobs::Job& job, const std::optional<jobs::Outlook>& outlook = std::nullopt);

std::string to_json(const JobView& job);
/// Fault::invalid: not the JSON of a job; the sentence says what is wrong with it.
Result<JobView> job_from_json(std::string_view text);

/// A page of jobs, newest first.
struct JobList {
    std::vector<JobView> jobs;
    std::string next;  ///< The path of the next page; empty on the last.
};

std::string to_json(const JobList& list);
Result<JobList> job_list_from_json(std::string_view text);

/// What POST to kJobsPath takes: {"name", "type", "kickstart" or "template", "overlay", "email",
/// "architecture", "priority", "reference", "fresh"}.
std::string to_json(const jobs::JobRequest& request);
/// Fault::invalid: not that, or with a member that nobody knows. Values are not looked at.
Result<jobs::JobRequest> request_from_json(std::string_view text);

/// A file of a finished job.
struct Artifact {
    std::string name;
    std::string type;  ///< As in manifest.json; "" for files that it does not name.
    std::uint64_t size = 0;
    std::string sha256;  ///< "" where manifest.json has none.
};

std::string to_json(const std::vector<Artifact>& artifacts);
Result<std::vector<Artifact>> artifacts_from_json(std::string_view text);

/// A diagnostic of a kickstart, as syntax::Diagnostic has it.
struct Finding {
    std::string severity;  ///< "error", "refused", "warning", "note"
    std::string file;
    unsigned line = 0;
    unsigned column = 0;
    std::string text;
};

/// RFC 9457, with a code that programs compare and a next step for people.
struct Problem {
    int status = 500;
    std::string code;               ///< "name-in-use"; its type is "/problems/name-in-use".
    std::string title;              ///< The same for every problem of that code.
    std::string detail;             ///< What happened this time.
    std::string next;               ///< What to do about it.
    std::vector<Finding> findings;  ///< Of a kickstart that has errors.
};

inline constexpr std::string_view kProblemType = "application/problem+json";

std::string to_json(const Problem& problem);
Result<Problem> problem_from_json(std::string_view text);

/// {"ok":…, "findings":[…]}: the answer to kCheckPath.
std::string to_json(const std::vector<Finding>& findings);
Result<std::vector<Finding>> findings_from_json(std::string_view text);

/// "2026-01-31T12:00:00.250Z"
std::string to_text(jobs::Time time);
std::optional<jobs::Time> time_from(std::string_view text);

}  // namespace img::api
