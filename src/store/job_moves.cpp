#include "store/job_moves.hpp"

#include "store/job_row.hpp"
#include "store/outbox_table.hpp"
#include "store/query.hpp"

#include <fmt/format.h>
#include <variant>
#include <vector>

namespace img::store {
namespace {

using jobs::JobEvent;
using jobs::JobState;
using jobs::Move;

struct Assignment {
    std::string column;
    std::variant<long long, std::string> value;
};
using Assignments = std::vector<Assignment>;

Assignments without_progress(Assignments change) {
    for (const auto* column : {"stage", "stage_unit", "stage_text"}) {
        change.push_back({column, std::string()});
    }
    change.push_back({"stage_done", 0LL});
    change.push_back({"stage_total", 0LL});
    return change;
}

/// For whoever cancels it: how many others asked for the same. Empty: nobody did.
std::string who_shared(Session& sql, const std::string& id) {
    int joined = 0;
    Query(sql, "SELECT joined FROM jobs WHERE id = :id").with(id).into(joined).run();
    return joined == 0
               ? std::string()
               : fmt::format("{} requests shared this build; it is cancelled for all of them",
                             joined + 1);
}

/// What the event sets beside the state.
Assignments change_of(Session& sql, const Move& move) {
    switch (move.event) {
        case JobEvent::start:
            return without_progress({{"started", stored(move.now)},
                                     {"lease_end", stored(move.lease_end)},
                                     {"worker", move.worker}});
        case JobEvent::succeed:
            return {{"finished", stored(move.now)},
                    {"lease_end", 0LL},
                    {"image", move.image},
                    {"place", move.place},
                    {"size", stored(move.size)}};
        case JobEvent::fail:
            return {{"finished", stored(move.now)},
                    {"lease_end", 0LL},
                    {"error", move.error},
                    {"error_stage", move.error_stage}};
        case JobEvent::cancel:
            return {{"finished", stored(move.now)},
                    {"lease_end", 0LL},
                    {"stage_text", who_shared(sql, move.id)}};
        case JobEvent::give_again: return {{"attempt", static_cast<long long>(move.attempt) + 1}};
        case JobEvent::lose_worker:
            return without_progress({{"attempt", static_cast<long long>(move.attempt) + 1},
                                     {"started", 0LL},
                                     {"lease_end", 0LL},
                                     {"worker", std::string()}});
    }
    return {};
}

/// The state after the event, and 'queued', 'building' or both: those that it leads on from, by
/// the rules of jobs.
struct Way {
    std::string before{};
    std::string after{};
};

Way way_of(JobEvent event) {
    Way way;
    for (const auto state : {JobState::queued, JobState::building}) {
        if (const auto next = jobs::next(state, event)) {
            way.before +=
                fmt::format("{}'{}'", way.before.empty() ? "" : ", ", jobs::to_text(state));
            way.after = jobs::to_text(*next);
        }
    }
    return way;
}

std::string update_text(JobEvent event, const Assignments& change) {
    const auto way = way_of(event);
    std::string set = fmt::format("state = '{}'", way.after);
    for (const auto& assignment : change) {
        set += fmt::format(", {0} = :{0}", assignment.column);
    }
    if (event == JobEvent::lose_worker) {
        set += ", losses = losses + 1";
    }
    return fmt::format(
        "UPDATE jobs SET {} WHERE id = :id AND attempt = :was_attempt "
        "AND state IN ({}) RETURNING {}",
        set, way.before, JobRow::columns(Kickstart::with));
}

std::optional<jobs::Job> update(Session& sql, const Move& move) {
    const auto change = change_of(sql, move);
    JobRow row;
    Query query(sql, update_text(move.event, change));
    for (const auto& assignment : change) {
        std::visit([&](const auto& value) { query.with(value); }, assignment.value);
    }
    query.with(move.id).with(move.attempt);
    row.bind(query, Kickstart::with);
    if (!query.run()) {
        return std::nullopt;
    }
    auto job = row.take();
    job.request.kickstart = bytes_of(sql, std::move(job.request.kickstart));
    return job;
}

}  // namespace

std::optional<jobs::Job> move_job(Session& sql, const Move& move) {
    auto moved = update(sql, move);
    if (moved) {
        if (move.event == JobEvent::cancel) {
            owe_cancel(sql, move.id);  // before the notice: a build that nobody wants is to stop
        }
        owe_notice(sql, move.id);
    }
    return moved;
}

bool beat_job(Session& sql,
              const std::string& id,
              unsigned attempt,
              const jobs::Progress& progress,
              jobs::Time lease_end) {
    std::string found;
    Query query(sql,
                "UPDATE jobs SET stage = :stage, stage_done = :done, stage_total = :total, "
                "stage_unit = :unit, stage_text = :text, lease_end = :end "
                "WHERE id = :id AND attempt = :attempt AND state = 'building' RETURNING id");
    query.with(progress.stage).with(stored(progress.done)).with(stored(progress.total));
    query.with(progress.unit).with(progress.text).with(stored(lease_end)).with(id).with(attempt);
    return query.into(found).run();
}

}  // namespace img::store
