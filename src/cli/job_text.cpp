#include "cli/job_text.hpp"

#include "api/queue_view.hpp"
#include "base/printable.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

namespace img::cli {
namespace {

constexpr const char* kRow = "{:<32}  {:<9}  {:<28}  {:<8}  {:<19}  {}\n";

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

jobs::Time now() {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now());
}

/// "next in line", "number 4 in line"
std::string place_of(const api::JobView& job) {
    return job.position.value_or(0) == 0 ? std::string("next in line")
                                         : fmt::format("number {} in line", *job.position + 1);
}

/// What stands in the last column of a list.
std::string remark(const api::JobView& job) {
    if (job.removed) {
        return "files removed";
    }
    if (job.position) {
        return job.ends ? fmt::format("{}, done {}", place_of(job), api::in_words(*job.ends, now()))
                        : place_of(job);
    }
    return job.is_pinned ? "pinned" : "";
}

/// How long a job that waits probably will, and why.
std::string outlook(const api::JobView& job) {
    std::string text;
    if (job.position) {
        text += field("place", place_of(job));
    }
    if (job.begins && job.ends) {
        text += field("begins", api::in_words(*job.begins, now()));
        text += field("done", api::in_words(*job.ends, now()));
    }
    return text + (job.why.empty() ? "" : field("waits", job.why));
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
    text += outlook(job);
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
    if (!job.image.empty()) {
        text += field("image", job.removed     ? job.image + ", removed " + to_text(*job.removed)
                               : job.is_pinned ? job.image + ", pinned"
                                               : job.image);
    } else if (job.is_pinned) {
        text += field("pinned", "its image will be kept");
    }
    text += field("failed in", job.error_stage);
    text += field("error", job.error);
    text += field("page", page);
    return text;
}

std::string list_head() {
    return fmt::format(fmt::runtime(kRow), "ID", "STATE", "NAME", "TYPE", "CREATED", "REMARK");
}

std::string list_row(const api::JobView& job) {
    auto row =
        fmt::format(fmt::runtime(kRow), job.id, jobs::to_text(job.state), printable(job.name),
                    printable(job.image_type), to_text(job.created), printable(remark(job)));
    row.erase(row.find_last_not_of(" \n") + 1);
    return row + "\n";
}

ProgressState progress_of(const api::JobView& job) {
    if (job.state == jobs::JobState::queued) {
        return {.stage = "queued",
                .done = 0,
                .total = 0,
                .unit = "",
                .text = job.why.empty() ? place_of(job)
                                        : fmt::format("{}: {}", place_of(job), job.why)};
    }
    const auto& progress = job.progress;
    return {.stage = progress.stage.empty() ? "started" : progress.stage,
            .done = progress.done,
            .total = progress.total,
            .unit = progress.unit,
            .text = progress.text};
}

}  // namespace img::cli
