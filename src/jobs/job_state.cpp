#include "jobs/job_state.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace img::jobs {
namespace {

constexpr std::array<std::pair<JobState, std::string_view>, 5> kTexts = {{
    {JobState::queued, "queued"},
    {JobState::building, "building"},
    {JobState::done, "done"},
    {JobState::error, "error"},
    {JobState::cancelled, "cancelled"},
}};

}  // namespace

std::string_view to_text(JobState state) {
    return std::ranges::find(kTexts, state, &std::pair<JobState, std::string_view>::first)->second;
}

std::optional<JobState> job_state_from(std::string_view text) {
    const auto* found =
        std::ranges::find(kTexts, text, &std::pair<JobState, std::string_view>::second);
    return found == kTexts.end() ? std::nullopt : std::optional(found->first);
}

}  // namespace img::jobs
