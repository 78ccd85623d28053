// The life of a build job: its states, and the only ways from one to the next.
#pragma once

#include <optional>
#include <string_view>

namespace img::jobs {

enum class JobState { queued, building, done, error, cancelled };
enum class JobEvent { start, succeed, fail, cancel, lose_worker, give_again };

/// The state after `event`, or nothing where the event makes no sense; the caller answers 409.
/// A lost worker sends the job back to the queue: a build writes nothing outside its own folder
/// until it succeeds, so running it twice is safe. An order that nobody began is given again.
constexpr std::optional<JobState> next(JobState state, JobEvent event) {
    using enum JobState;
    const auto from = [state](JobState wanted, JobState target) {
        return state == wanted ? std::optional(target) : std::nullopt;
    };
    switch (event) {
        case JobEvent::start: return from(queued, building);
        case JobEvent::succeed: return from(building, done);
        case JobEvent::lose_worker: return from(building, queued);
        case JobEvent::give_again: return from(queued, queued);
        case JobEvent::fail:
            return state == queued || state == building ? std::optional(error) : std::nullopt;
        case JobEvent::cancel:
            return state == queued || state == building ? std::optional(cancelled) : std::nullopt;
    }
    return std::nullopt;
}

static_assert(next(JobState::done, JobEvent::cancel) == std::nullopt,
              "a finished job stays finished");

constexpr bool is_finished(JobState state) {
    return state == JobState::done || state == JobState::error || state == JobState::cancelled;
}

/// "queued", "building", "done", "error", "cancelled": in the database, REST and the pages.
std::string_view to_text(JobState state);
std::optional<JobState> job_state_from(std::string_view text);

}  // namespace img::jobs
