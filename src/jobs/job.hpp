// A build job: what was asked for, and how far it has come.
#pragma once

#include "base/result.hpp"
#include "jobs/job_state.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace img::jobs {

/// Wall-clock time to the millisecond, as it is stored and sent: since 1970, UTC.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;

/// What a user asks for.
struct JobRequest {
    std::string name{};           ///< Of the image's files: [A-Za-z0-9][A-Za-z0-9._-]{0,99}.
    std::string image_type{};     ///< One of engine::image_types().
    std::string kickstart{};      ///< The file's text, as it came; at most kKickstartMax bytes.
    std::string overlay{};        ///< Extra packages, comma separated; "-name" takes one away.
    std::string email{};          ///< May be empty.
    std::string template_name{};  ///< Whence the kickstart came; empty: from the user.
    std::string architecture{};   ///< As Debian names it, at most 40 bytes; empty: "amd64".
    int priority = 0;             ///< Among the same user's jobs: kPriorityMin … kPriorityMax.
    /// The client's own name for it, at most kReferenceMax bytes of printable text: with the same
    /// request again it gets the job that is there already. The original's clients call it "id".
    /// May be empty.
    std::string reference{};
    bool is_fresh = false;  ///< Never joins another build of the same request.
};

inline constexpr int kPriorityMin = -10, kPriorityMax = 10;
inline constexpr std::size_t kReferenceMax = 200;
inline constexpr std::size_t kKickstartMax = 4 << 20;  ///< As the web's limit on a request.

// What may stand in a request, wherever it comes from; JobRequest says what each is.
bool is_job_name(std::string_view text);
bool is_architecture(std::string_view text);
bool is_priority(int number);
bool is_reference(std::string_view text);

/// All of them, and the kickstart's size. Fault::invalid: a sentence for whoever asked.
Result<void> check(const JobRequest& request);

/// Whose turn a job is: its e-mail address in lower case, or "anonymous".
std::string user_of(const JobRequest& request);

/// SHA-256, in hexadecimal, over everything that can change what is built: each field behind its
/// length, so that no two requests have one encoding. Two requests of one digest may share a build.
std::string digest_of(const JobRequest& request);

/// Where a build is: the engine's last event.
struct Progress {
    std::string stage{};  ///< plan, fetch, install, configure, scripts, assemble; empty: not begun.
    std::uint64_t done = 0;
    std::uint64_t total = 0;  ///< 0 where the end is not known.
    std::string unit{};       ///< "packages", "bytes"
    std::string text{};       ///< One line for people.
};

struct Job {
    std::string id{};  ///< 32 lower-case hexadecimal digits, made here, never by a client.
    JobRequest request{};
    JobState state = JobState::queued;
    unsigned attempt = 1;  ///< Counts up whenever the job is queued again; fences old workers off.
    /// How often a worker was lost that had begun it. As the kickstart, not in lists of the store.
    unsigned losses = 0;
    std::string worker{};  ///< Who holds the lease, while it is building.
    Progress progress{};
    std::string error{};        ///< One sentence, or several lines with a tool's last words.
    std::string error_stage{};  ///< The stage that failed.
    std::string image{};        ///< The main artefact's file name, once done.
    std::string place{};        ///< URL of the folder of its artefacts; empty: www_root/<id>.
    std::uint64_t size = 0;     ///< Of all its artefacts together, in bytes, once done.
    bool is_pinned = false;     ///< Retention leaves it alone.
    Time removed{};             ///< When retention took its artefacts; 1970: they are there.
    Time created{};
    Time started{};    ///< Of the current attempt; 1970 if it has not begun.
    Time finished{};   ///< 1970 while unfinished.
    Time lease_end{};  ///< A building job without a beat until then has lost its worker.
};

/// 128 random bits: ids cannot be guessed, so a link is enough to share a job.
std::string new_job_id();

/// Whether text has the form of an id; anything else never reaches a path or a query.
bool is_job_id(std::string_view text);

}  // namespace img::jobs
