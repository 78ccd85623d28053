#include "cli/job_text.hpp"

#include "base/printable.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

namespace img::cli {
namespace {

constexpr const char* kRow = "{:<32}  {:<9}  {:<28}  {:<8}  {}\n";

/// A label and a text whose further lines stand under its first.
std::string field(std::string_view label, std::string_view text) {
    std::string lines;
    for (const auto& line : split(text, "\n")) {
        lines += fmt::format("{:<10}{}\n", lines.empty() ? label : "", printable(line));
    }
    return lines;
}

std::string amount(const jobs::Progress& progress) {
    return progress.total == 0 ? std::string()
                               : fmt::format(" {}/{}{}{}", progress.done, progress.total,
                                             progress.unit.empty() ? "" : " ", progress.unit);
}

}  // namespace

std::string to_text(jobs::Time time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string describe(const api::JobView& job, const std::string& page) {
    auto text = field("job", job.id);
    text += field("name", fmt::format("{} ({})", job.name, job.image_type));
    text += field("state", job.attempt > 1 ? fmt::format("{}, attempt {}", jobs::to_text(job.state),
                                                         job.attempt)
                                           : std::string(jobs::to_text(job.state)));
    if (job.state == jobs::JobState::building && !job.progress.stage.empty()) {
        text += field("stage", fmt::format("{}{}: {}", job.progress.stage, amount(job.progress),
                                           job.progress.text));
    }
    text += field("created", to_text(job.created));
    if (job.started) {
        text += field("started", to_text(*job.started));
    }
    if (job.finished) {
        text += field("finished", to_text(*job.finished));
    }
    text += field("image", job.image);
    text += field("failed in", job.error_stage);
    text += field("error", job.error);
    text += field("page", page);
    return text;
}

std::string list_head() {
    return fmt::format(fmt::runtime(kRow), "ID", "STATE", "NAME", "TYPE", "CREATED");
}

std::string list_row(const api::JobView& job) {
    return fmt::format(fmt::runtime(kRow), job.id, jobs::to_text(job.state), printable(job.name),
                       printable(job.image_type), to_text(job.created));
}

ProgressState progress_of(const api::JobView& job) {
    if (job.state == jobs::JobState::queued) {
        return {.stage = "queued",
                .done = 0,
                .total = 0,
                .unit = "",
                .text = job.position.value_or(0) == 0
                            ? "the next in line"
                            : fmt::format("{} jobs before it", *job.position)};
    }
    const auto& progress = job.progress;
    return {.stage = progress.stage.empty() ? "started" : progress.stage,
            .done = progress.done,
            .total = progress.total,
            .unit = progress.unit,
            .text = progress.text};
}

}  // namespace img::cli
