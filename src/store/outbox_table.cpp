#include "store/outbox_table.hpp"

#include "store/job_row.hpp"
#include "store/query.hpp"

#include <algorithm>
#include <map>

namespace img::store {
namespace {

using jobs::Job;
using jobs::JobState;

constexpr std::size_t kRowsMax = 500;

void owe(Session& sql, std::string_view kind, const std::string& id) {
    Query(sql,
          "INSERT INTO outbox (kind, job, attempt, state) "
          "SELECT CAST(:kind AS TEXT), row, attempt, state FROM jobs WHERE id = :id")
        .with(kind)
        .with(id)
        .run();
}

/// Takes from the job what came after it had this state and attempt.
Job as_it_was(Job job, JobState state, unsigned attempt) {
    const bool is_same_attempt = job.attempt == attempt;
    job.state = state;
    job.attempt = attempt;
    if (!jobs::is_finished(state)) {
        job.image.clear();
        job.place.clear();
        job.size = 0;
        job.error.clear();
        job.error_stage.clear();
        job.finished = {};
        job.removed = {};
    }
    if (state == JobState::queued || !is_same_attempt) {
        job.worker.clear();
        job.started = {};
        job.lease_end = {};
        job.progress = {};
    }
    return job;
}

/// The references of all jobs that the first rows of the outbox are about.
std::multimap<std::string, std::string> references(Session& sql, long long most) {
    std::multimap<std::string, std::string> found;
    std::string id, reference;
    Query query(sql,
                "SELECT DISTINCT j.id, r.reference FROM "
                "(SELECT job FROM outbox ORDER BY row LIMIT :most) AS o "
                "JOIN job_references r ON r.job = o.job JOIN jobs j ON j.row = o.job "
                "ORDER BY j.id, r.reference");
    query.with(most).into(id).into(reference);
    for (bool is_there = query.run(); is_there; is_there = query.next()) {
        found.emplace(id, reference);
    }
    return found;
}

}  // namespace

void owe_notice(Session& sql, const std::string& id) {
    owe(sql, "status", id);
}

void owe_cancel(Session& sql, const std::string& id) {
    owe(sql, "cancel", id);
}

std::vector<jobs::Pending> read_outbox(Session& sql, std::size_t limit) {
    const auto most = static_cast<long long>(std::min(limit, kRowsMax));
    long long number = 0;
    std::string kind, state;
    int attempt = 0;
    JobRow row;
    Query query(sql, "SELECT o.row, o.kind, o.state, o.attempt, " +
                         JobRow::columns(Kickstart::without, "j.") +
                         " FROM outbox o JOIN jobs j ON j.row = o.job ORDER BY o.row LIMIT :most");
    query.with(most).into(number).into(kind).into(state).into(attempt);
    row.bind(query, Kickstart::without);
    std::vector<jobs::Pending> pending;
    for (bool is_there = query.run(); is_there; is_there = query.next()) {
        auto job = row.take();
        if (kind == "cancel") {
            pending.push_back({.row = number, .message = jobs::CancelOrder{.id = job.id}});
            continue;
        }
        const auto then = jobs::job_state_from(state).value_or(job.state);
        job = as_it_was(std::move(job), then, static_cast<unsigned>(attempt));
        pending.push_back({.row = number, .message = jobs::StatusNotice{.job = std::move(job)}});
    }
    const auto named = references(sql, most);
    for (auto& one : pending) {
        if (auto* notice = std::get_if<jobs::StatusNotice>(&one.message)) {
            const auto [begin, end] = named.equal_range(notice->job.id);
            std::for_each(begin, end,
                          [&](const auto& pair) { notice->references.push_back(pair.second); });
        }
    }
    return pending;
}

void forget_sent(Session& sql, std::int64_t row) {
    Query(sql, "DELETE FROM outbox WHERE row <= :row").with(row).run();
}

}  // namespace img::store
