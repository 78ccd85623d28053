#include "web/page.hpp"

#include "api/queue_view.hpp"
#include "base/byte_size.hpp"
#include "web/assets.hpp"
#include "web/log_text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace img::web {

namespace {

using kainjow::mustache::mustache;

constexpr std::array<std::string_view, 6> kStages{"plan",      "fetch",   "install",
                                                  "configure", "scripts", "assemble"};

constexpr std::size_t kShortWhy = 80;  // has room in a cell of the queue

std::string fill(std::string_view name, const Values& values) {
    mustache page{std::string(embedded_file(fmt::format("{}.mustache", name)))};
    return page.render(values);
}

/// "3 of 9 packages", "1.2 MiB of 3.4 MiB", "" where there is nothing to count.
std::string amount(const jobs::Progress& progress) {
    if (progress.total == 0) {
        return {};
    }
    if (progress.unit == "bytes") {
        return fmt::format("{} of {}", human_size(progress.done), human_size(progress.total));
    }
    return fmt::format("{} of {} {}", progress.done, progress.total, progress.unit);
}

/// The stages in their order, each done, current, failed or to come.
Values stage_values(const api::JobView& view) {
    Values stages{Values::type::list};
    const bool has_failed = view.state == jobs::JobState::error && !view.error_stage.empty();
    const auto& at = has_failed ? view.error_stage : view.progress.stage;
    const auto current = std::ranges::find(kStages, at) - kStages.begin();
    const bool has_begun = current < static_cast<std::ptrdiff_t>(kStages.size());
    for (std::ptrdiff_t i = 0; i < static_cast<std::ptrdiff_t>(kStages.size()); ++i) {
        std::string state = "todo";
        if (view.state == jobs::JobState::done || (has_begun && i < current)) {
            state = "done";
        } else if (has_begun && i == current) {
            state = has_failed                               ? "failed"
                    : view.state == jobs::JobState::building ? "current"
                                                             : "stopped";
        }
        Values stage;
        stage.set("name", std::string(kStages[static_cast<std::size_t>(i)]));
        stage.set("state", state);
        stage.set("is_current", state == "current");
        stages.push_back(stage);
    }
    return stages;
}

std::string waiting_text(const api::JobView& view) {
    if (!view.position) {
        return "It waits for its turn.";
    }
    const auto before = *view.position;
    return before == 0   ? "Next in line."
           : before == 1 ? "One job is before it."
                         : fmt::format("{} jobs are before it.", before);
}

/// "It will probably begin in 2 to 5 min, and be done in 4 to 12 min."
std::string expectation(const api::JobView& view, jobs::Time now) {
    if (!view.begins || !view.ends) {
        return {};
    }
    return fmt::format("It will probably begin {}, and be done {}.",
                       api::in_words(*view.begins, now), api::in_words(*view.ends, now));
}

void set_outlook(Values& values, const api::JobView& view, jobs::Time now) {
    values.set("waiting", waiting_text(view));
    values.set("expectation", expectation(view, now));
    values.set("why", view.why);
    values.set("has_why", !view.why.empty());
    values.set("has_short_why", !view.why.empty() && view.why.size() <= kShortWhy);
    const auto place = !view.position        ? std::string("waits")
                       : *view.position == 0 ? std::string("next in line")
                                             : fmt::format("number {} in line", *view.position + 1);
    values.set("place", view.ends
                            ? fmt::format("{}, done {}", place, api::in_words(*view.ends, now))
                            : place);
}

void set_retention(Values& values, const api::JobView& view) {
    const bool is_there = view.state == jobs::JobState::done && !view.removed;
    values.set("is_removed", view.removed.has_value());
    values.set("removed", view.removed ? api::to_text(*view.removed).substr(0, 10) : "");
    values.set("has_image", is_there);
    values.set("may_pin", is_there && !view.is_pinned);
    values.set("may_unpin", is_there && view.is_pinned);
}

}  // namespace

std::string ago(jobs::Time then, jobs::Time now) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - then).count();
    if (seconds < -60) {
        return "in a moment";
    }
    if (seconds < 60) {
        return "just now";
    }
    if (seconds < 3600) {
        return fmt::format("{} min ago", seconds / 60);
    }
    if (seconds < 48L * 3600) {
        return fmt::format("{} h ago", seconds / 3600);
    }
    return fmt::format("{} days ago", seconds / 86400);
}

std::string duration_text(std::chrono::milliseconds duration) {
    const auto seconds = std::max<std::int64_t>(duration.count() / 1000, 0);
    return seconds < 3600
               ? fmt::format("{}:{:02}", seconds / 60, seconds % 60)
               : fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

Values job_values(const api::JobView& view, jobs::Time now) {
    Values values;
    const auto state = std::string(jobs::to_text(view.state));
    const bool is_over = jobs::is_finished(view.state);
    values.set("id", view.id);
    values.set("short_id", view.id.substr(0, 8));
    values.set("name", view.name);
    values.set("type", view.image_type);
    values.set("state", state);
    for (const auto* one : {"queued", "building", "done", "error", "cancelled"}) {
        values.set(fmt::format("is_{}", one), state == one);
    }
    values.set("is_over", is_over);
    values.set("is_active", !is_over);
    values.set("attempt", std::to_string(view.attempt));
    values.set("is_retried", view.attempt > 1);
    set_outlook(values, view, now);
    set_retention(values, view);
    values.set("stage", view.progress.stage);
    values.set("amount", amount(view.progress));
    values.set("progress_text", plain_log(view.progress.text));
    values.set("was_shared",
               view.state == jobs::JobState::cancelled && !view.progress.text.empty());
    values.set("has_total", view.progress.total > 0);
    values.set("done", std::to_string(std::min(view.progress.done, view.progress.total)));
    values.set("total", std::to_string(view.progress.total));
    values.set("stages", stage_values(view));
    values.set("error", plain_log(view.error));
    values.set("error_stage", view.error_stage);
    values.set("has_error", !view.error.empty());
    values.set("image", view.image);
    values.set("image_path", api::image_path(view.id, view.image));
    values.set("created", api::to_text(view.created));
    values.set("created_ago", ago(view.created, now));
    if (view.started) {
        values.set("has_started", true);
        values.set("duration", duration_text(view.finished.value_or(now) - *view.started));
    }
    return values;
}

Values finding_values(const std::vector<api::Finding>& findings) {
    Values list{Values::type::list};
    for (const auto& finding : findings) {
        Values one;
        one.set("severity", finding.severity);
        one.set("place", finding.line == 0
                             ? finding.file
                             : fmt::format("{}:{}:{}", finding.file, finding.line, finding.column));
        one.set("text", plain_log(finding.text));
        list.push_back(one);
    }
    return list;
}

Values refused_values(const std::vector<jobs::RefusedMessage>& messages, jobs::Time now) {
    Values list{Values::type::list};
    for (const auto& message : messages) {
        Values one;
        one.set("at", api::to_text(message.at));
        one.set("ago", ago(message.at, now));
        one.set("queue", message.queue);
        one.set("reference", plain_log(message.reference));
        one.set("has_reference", !message.reference.empty());
        one.set("reason", plain_log(message.reason));
        one.set("excerpt", plain_log(message.excerpt));
        list.push_back(one);
    }
    return list;
}

http::Response render(int status, const Page& page, std::string_view name, Values values) {
    Values layout;
    layout.set("title", page.title);
    layout.set("css", asset_path("app.css"));
    layout.set("icon", asset_path("icon.svg"));
    layout.set("has_script", !page.script.empty());
    layout.set("script", asset_path(page.script));
    layout.set("has_refresh", page.refresh > 0);
    layout.set("refresh", std::to_string(page.refresh));
    layout.set("in_submit", page.section == "submit");
    layout.set("in_queue", page.section == "queue");
    layout.set("content", fill(name, values));
    return http::make_response(status, "text/html; charset=utf-8", fill("layout", layout));
}

http::Response render_problem(const api::Problem& problem) {
    Values values;
    values.set("status", std::to_string(problem.status));
    values.set("title", problem.title);
    values.set("detail", problem.detail);
    values.set("next", problem.next);
    return render(problem.status,
                  {.title = problem.title, .section = {}, .refresh = 0, .script = {}}, "problem",
                  values);
}

}  // namespace img::web
