#include "store/sqlite_job_store.hpp"

#include "store/job_row.hpp"
#include "store/job_writer.hpp"
#include "store/migration.hpp"
#include "store/soci_border.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <soci/connection-pool.h>
#include <soci/into.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <soci/use.h>

namespace img::store {
namespace {

using jobs::Job;
using jobs::JobEvent;
using jobs::JobState;
using soci::into;
using soci::use;

constexpr std::size_t kReaders = 4;
constexpr std::size_t kPageMax = 500;
constexpr int kBusySeconds = 5;  // another program may hold the file: a backup, a curious person
constexpr long long kEnd = std::numeric_limits<long long>::max();

Result<void> open(soci::session& sql, const std::string& path) {
    return guarded([&]() -> Result<void> {
        sql.open(soci::sqlite3, fmt::format("dbname=\"{}\" timeout={}", path, kBusySeconds));
        sql << "PRAGMA foreign_keys = ON";
        std::string mode;
        sql << "PRAGMA journal_mode = WAL", into(mode);  // readers never wait for the writer
        sql << "PRAGMA synchronous = FULL";              // WAL's default would lose commits
        return {};
    });
}

/// The only rows that a statement could find, each as JobRow reads it.
std::vector<Job> read_jobs(soci::statement& statement, JobRow& row) {
    std::vector<Job> jobs;
    statement.define_and_bind();
    statement.execute();
    while (statement.fetch()) {
        jobs.push_back(row.take());
    }
    return jobs;
}

std::optional<Job> read_job(soci::session& sql, const std::string& id) {
    JobRow row;
    soci::statement statement(sql);
    row.bind(statement, Kickstart::with);
    statement.exchange(use(id));
    statement.alloc();
    statement.prepare("SELECT " + JobRow::columns(Kickstart::with) + " FROM jobs WHERE id = :id");
    auto jobs = read_jobs(statement, row);
    return jobs.empty() ? std::nullopt : std::optional(std::move(jobs.front()));
}

void owe(soci::session& sql, const std::string& kind, const std::string& id, int attempt) {
    sql << "INSERT OR IGNORE INTO outbox (kind, job, attempt) VALUES (:kind, :job, :attempt)",
        use(kind), use(id), use(attempt);
}

/// The UPDATE of each event, without its WHERE. Every one names the same four variables, in the
/// order :now, :lease, :text, :more.
std::string change_of(JobEvent event) {
    switch (event) {
        case JobEvent::start:
            return "state = 'building', started = :now, lease_end = :lease, worker = :text, "
                   "stage = :more, stage_done = 0, stage_total = 0, stage_unit = '', "
                   "stage_text = ''";
        case JobEvent::succeed:
            return "state = 'done', finished = :now, lease_end = :lease, image = :text, "
                   "error = :more";
        case JobEvent::fail:
            return "state = 'error', finished = :now, lease_end = :lease, error = :text, "
                   "error_stage = :more";
        case JobEvent::cancel:
            return "state = 'cancelled', finished = :now, lease_end = :lease, image = :text, "
                   "error = :more";
        case JobEvent::lose_worker:
            return "state = 'queued', attempt = attempt + 1, started = :now, lease_end = :lease, "
                   "worker = :text, stage = :more, stage_done = 0, stage_total = 0, "
                   "stage_unit = '', stage_text = ''";
    }
    return {};
}

/// 'queued', 'building' or both: the states that the event leads on from, by the rules of jobs.
std::string states_before(JobEvent event) {
    std::string list;
    for (const auto state : {JobState::queued, JobState::building}) {
        if (jobs::next(state, event)) {
            list += fmt::format("{}'{}'", list.empty() ? "" : ", ", to_text(state));
        }
    }
    return list;
}

class SqliteJobStore : public jobs::JobStore {
public:
    explicit SqliteJobStore(std::string path) : path_(std::move(path)) {}

    Result<void> open_all();

    Result<void> add(const Job& job) override;
    Result<std::optional<Job>> find(const std::string& id) override;
    Result<std::vector<Job>> list(const jobs::JobFilter& filter) override;
    Result<std::uint64_t> count(JobState state) override;
    Result<std::uint64_t> queue_position(const std::string& id) override;
    Result<std::optional<Job>> move(const jobs::Move& move) override;
    Result<bool> beat(const std::string& id,
                      unsigned attempt,
                      const jobs::Progress& progress,
                      jobs::Time lease_end) override;
    Result<std::vector<Job>> expired(jobs::Time now) override;
    Result<std::vector<jobs::Pending>> outbox(std::size_t limit) override;
    Result<void> sent(std::int64_t row) override;
    Result<std::uint64_t> ring_again() override;

private:
    bool is_in_memory() const { return path_ == ":memory:"; }

    /// Runs read(session) on a connection that reads, and gives what it gave.
    template <typename Read>
    auto read(const Read& read) -> Result<decltype(read(std::declval<soci::session&>()))>;

    std::string path_;
    soci::session writing_;
    JobWriter writer_{writing_};
    soci::connection_pool readers_{kReaders};
};

Result<void> SqliteJobStore::open_all() {
    TRY(open(writing_, path_));
    TRY(migrate(writing_));
    for (std::size_t i = 0; i < kReaders && !is_in_memory(); ++i) {
        TRY(open(readers_.at(i), path_));
    }
    return {};
}

template <typename Read>
auto SqliteJobStore::read(const Read& read)
    -> Result<decltype(read(std::declval<soci::session&>()))> {
    using Answer = decltype(read(std::declval<soci::session&>()));
    if (is_in_memory()) {
        Answer answer{};
        TRY(writer_.read([&](soci::session& sql) -> Result<void> {
            answer = read(sql);
            return {};
        }));
        return answer;
    }
    return guarded([&]() -> Result<Answer> {
        soci::session sql(readers_);  // waits for one of them
        return read(sql);
    });
}

Result<void> SqliteJobStore::add(const Job& job) {
    Result<void> outcome;
    TRY(writer_.write(Durability::synced, [&](soci::session& sql) -> Result<void> {
        outcome = {};
        std::string other;
        sql << "SELECT id FROM jobs WHERE name = :name AND state IN ('queued', 'building')",
            use(job.request.name), into(other);
        if (sql.got_data()) {
            // Nothing was changed: not a failure of the transaction, which others share.
            outcome = fail(Fault::invalid,
                           fmt::format("name {}: job {} has it and is not finished; take another "
                                       "name, or cancel that job",
                                       job.request.name, other));
            return {};
        }
        const int attempt = static_cast<int>(job.attempt);
        const auto created = stored(job.created);
        sql << "INSERT INTO jobs (id, name, image_type, overlay, email, state, attempt, created, "
               "kickstart, template) VALUES (:id, :name, :type, :overlay, :email, 'queued', "
               ":attempt, :created, :kickstart, :template)",
            use(job.id), use(job.request.name), use(job.request.image_type),
            use(job.request.overlay), use(job.request.email), use(attempt), use(created),
            use(job.request.kickstart), use(job.request.template_name);
        owe(sql, "build", job.id, attempt);
        return {};
    }));
    return outcome;
}

Result<std::optional<Job>> SqliteJobStore::find(const std::string& id) {
    return read([&](soci::session& sql) { return read_job(sql, id); });
}

Result<std::vector<Job>> SqliteJobStore::list(const jobs::JobFilter& filter) {
    long long before = kEnd;
    if (!filter.before.empty()) {
        before = TRY(read([&](soci::session& sql) {
            long long row = 0;
            sql << "SELECT row FROM jobs WHERE id = :id", use(filter.before), into(row);
            return row;
        }));
        if (before == 0) {
            return fail(Fault::missing, fmt::format("job {}: there is none with this id, so no "
                                                    "page can begin after it",
                                                    filter.before));
        }
    }
    const auto limit = static_cast<int>(std::min(filter.limit, kPageMax));
    const std::string state(filter.state ? to_text(*filter.state) : "");
    return read([&](soci::session& sql) {
        JobRow row;
        soci::statement statement(sql);
        row.bind(statement, Kickstart::without);
        if (filter.state) {
            statement.exchange(use(state));
        }
        statement.exchange(use(before));
        statement.exchange(use(limit));
        statement.alloc();
        statement.prepare(fmt::format(
            "SELECT {} FROM jobs WHERE {} row < :before "
            "ORDER BY row DESC LIMIT :limit",
            JobRow::columns(Kickstart::without), filter.state ? "state = :state AND" : ""));
        return read_jobs(statement, row);
    });
}

Result<std::uint64_t> SqliteJobStore::count(JobState state) {
    return read([&](soci::session& sql) {
        long long jobs = 0;
        const std::string text(to_text(state));
        sql << "SELECT jobs FROM job_counts WHERE state = :state", use(text), into(jobs);
        return static_cast<std::uint64_t>(jobs);
    });
}

Result<std::uint64_t> SqliteJobStore::queue_position(const std::string& id) {
    return read([&](soci::session& sql) {
        long long before = 0;
        sql << "SELECT count(*) FROM jobs WHERE state = 'queued' "
               "AND row < (SELECT row FROM jobs WHERE id = :id)",
            use(id), into(before);
        return static_cast<std::uint64_t>(before);
    });
}

Result<std::optional<Job>> SqliteJobStore::move(const jobs::Move& move) {
    const int attempt = static_cast<int>(move.attempt);
    const bool is_lost = move.event == JobEvent::lose_worker;
    const auto now = is_lost ? 0 : stored(move.now);
    const auto lease_end = move.event == JobEvent::start ? stored(move.lease_end) : 0;
    std::string text, more;
    switch (move.event) {
        case JobEvent::start: text = move.worker; break;
        case JobEvent::succeed: text = move.image; break;
        case JobEvent::fail:
            text = move.error;
            more = move.error_stage;
            break;
        case JobEvent::cancel:
        case JobEvent::lose_worker: break;
    }
    const auto update =
        fmt::format("UPDATE jobs SET {} WHERE id = :id AND attempt = :attempt AND state IN ({})",
                    change_of(move.event), states_before(move.event));
    std::optional<Job> moved;
    TRY(writer_.write(Durability::synced, [&](soci::session& sql) -> Result<void> {
        moved.reset();
        soci::statement statement = (sql.prepare << update, use(now), use(lease_end), use(text),
                                     use(more), use(move.id), use(attempt));
        statement.execute(true);
        if (statement.get_affected_rows() != 1) {
            return {};
        }
        if (is_lost) {
            owe(sql, "build", move.id, attempt + 1);
        } else if (move.event != JobEvent::start) {
            sql << "DELETE FROM outbox WHERE job = :id AND kind = 'build'", use(move.id);
        }
        if (move.event == JobEvent::cancel) {
            owe(sql, "cancel", move.id, attempt);
        }
        moved = read_job(sql, move.id);
        return {};
    }));
    return moved;
}

Result<bool> SqliteJobStore::beat(const std::string& id,
                                  unsigned attempt,
                                  const jobs::Progress& progress,
                                  jobs::Time lease_end) {
    const int stored_attempt = static_cast<int>(attempt);
    const auto done = stored(progress.done);
    const auto total = stored(progress.total);
    const auto end = stored(lease_end);
    bool was_building = false;
    TRY(writer_.write(Durability::relaxed, [&](soci::session& sql) -> Result<void> {
        soci::statement statement =
            (sql.prepare << "UPDATE jobs SET stage = :stage, stage_done = :done, "
                            "stage_total = :total, stage_unit = :unit, stage_text = :text, "
                            "lease_end = :end WHERE id = :id AND attempt = :attempt "
                            "AND state = 'building'",
             use(progress.stage), use(done), use(total), use(progress.unit), use(progress.text),
             use(end), use(id), use(stored_attempt));
        statement.execute(true);
        was_building = statement.get_affected_rows() == 1;
        return {};
    }));
    return was_building;
}

Result<std::vector<Job>> SqliteJobStore::expired(jobs::Time now) {
    const auto end = stored(now);
    const int limit = kPageMax;
    return read([&](soci::session& sql) {
        JobRow row;
        soci::statement statement(sql);
        row.bind(statement, Kickstart::without);
        statement.exchange(use(end));
        statement.exchange(use(limit));
        statement.alloc();
        statement.prepare("SELECT " + JobRow::columns(Kickstart::without) +
                          " FROM jobs WHERE state = 'building' AND lease_end < :now "
                          "ORDER BY lease_end LIMIT :limit");
        return read_jobs(statement, row);
    });
}

Result<std::vector<jobs::Pending>> SqliteJobStore::outbox(std::size_t limit) {
    const auto most = static_cast<int>(std::min(limit, kPageMax));
    return read([&](soci::session& sql) {
        long long row = 0;
        std::string kind;
        jobs::BuildOrder order;
        int attempt = 0;
        // The request of a job never changes, so the message is made of it when it is sent.
        soci::statement statement =
            (sql.prepare << "SELECT o.row, o.kind, o.job, o.attempt, j.name, j.image_type, "
                            "j.overlay, j.email, CASE o.kind WHEN 'build' THEN j.kickstart "
                            "ELSE '' END FROM outbox o JOIN jobs j ON j.id = o.job "
                            "ORDER BY o.row LIMIT :most",
             into(row), into(kind), into(order.id), into(attempt), into(order.request.name),
             into(order.request.image_type), into(order.request.overlay), into(order.request.email),
             into(order.request.kickstart), use(most));
        statement.execute();
        std::vector<jobs::Pending> pending;
        while (statement.fetch()) {
            order.attempt = static_cast<unsigned>(attempt);
            if (kind == "build") {
                pending.push_back({.row = row, .order = order});
            } else {
                pending.push_back({.row = row, .order = jobs::CancelOrder{.id = order.id}});
            }
        }
        return pending;
    });
}

Result<void> SqliteJobStore::sent(std::int64_t row) {
    const long long number = row;
    return writer_.write(Durability::relaxed, [&](soci::session& sql) -> Result<void> {
        sql << "DELETE FROM outbox WHERE row = :row", use(number);
        return {};
    });
}

Result<std::uint64_t> SqliteJobStore::ring_again() {
    std::uint64_t count = 0;
    TRY(writer_.write(Durability::synced, [&](soci::session& sql) -> Result<void> {
        soci::statement statement =
            (sql.prepare << "INSERT INTO outbox (kind, job, attempt) "
                            "SELECT 'build', id, attempt FROM jobs j WHERE state = 'queued' "
                            "AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.job = j.id "
                            "AND o.kind = 'build') ORDER BY row");
        statement.execute(true);
        count = static_cast<std::uint64_t>(statement.get_affected_rows());
        return {};
    }));
    return count;
}

}  // namespace

Result<std::unique_ptr<jobs::JobStore>> open_sqlite(const std::string& path) {
    if (path.find('"') != std::string::npos) {
        return fail(Fault::invalid, fmt::format("store {}: a path with a quote in it", path));
    }
    auto store = std::make_unique<SqliteJobStore>(path);
    if (const auto opened = store->open_all(); !opened) {
        return fail(opened.error().fault,
                    fmt::format("store {}: {}", path, opened.error().message));
    }
    return store;
}

}  // namespace img::store
