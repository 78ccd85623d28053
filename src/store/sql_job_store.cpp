#include "store/sql_job_store.hpp"

#include "store/database.hpp"
#include "store/job_lists.hpp"
#include "store/job_moves.hpp"
#include "store/job_row.hpp"
#include "store/migration.hpp"
#include "store/outbox_table.hpp"
#include "store/service_tables.hpp"
#include "store/submissions.hpp"

#include <fmt/format.h>

namespace img::store {
namespace {

using jobs::Job;
using jobs::Time;

/// What an optional answer means where nothing stands for "no job of that id".
template <typename Value>
Result<Value> page_after(std::optional<Value> page, const std::string& id) {
    if (!page) {
        return fail(
            Fault::missing,
            fmt::format("job {}: there is none with this id, so no page can begin after it", id));
    }
    return *std::move(page);
}

class SqlJobStore : public jobs::JobStore {
public:
    explicit SqlJobStore(std::unique_ptr<Dialect> dialect) : database_(std::move(dialect)) {}

    Result<void> bring_up_to_date() { return database_.migrate(); }

    Result<jobs::Added> add(const Job& job, Time joins_since) override {
        Result<jobs::Added> answer;
        TRY(database_.write(Durability::synced, [&](Session& sql) -> Result<void> {
            // A refusal changes nothing: it is no failure of the transaction, which others share.
            answer = submit(sql, job, joins_since);
            return {};
        }));
        return answer;
    }

    Result<std::optional<Job>> find(const std::string& id) override {
        return database_.read([&](Session& sql) { return read_job(sql, "id = :id", id); });
    }
    Result<std::optional<Job>> find_reference(const std::string& reference) override {
        return database_.read([&](Session& sql) {
            return read_job(sql,
                            "row = (SELECT job FROM job_references WHERE reference = :reference)",
                            reference);
        });
    }
    Result<std::vector<Job>> list(const jobs::JobFilter& filter) override {
        auto page = TRY(database_.read([&](Session& sql) { return list_jobs(sql, filter); }));
        return page_after(std::move(page), filter.before);
    }
    Result<std::uint64_t> count(jobs::JobState state) override {
        return database_.read([&](Session& sql) { return count_jobs(sql, state); });
    }

    Result<std::optional<Job>> move(const jobs::Move& move) override {
        return change(Durability::synced, [&](Session& sql) { return move_job(sql, move); });
    }
    Result<bool> beat(const std::string& id,
                      unsigned attempt,
                      const jobs::Progress& progress,
                      Time lease_end) override {
        return change(Durability::relaxed, [&](Session& sql) {
            return beat_job(sql, id, attempt, progress, lease_end);
        });
    }
    Result<std::vector<Job>> expired(Time now) override {
        return database_.read([&](Session& sql) { return expired_jobs(sql, now); });
    }

    Result<std::vector<jobs::QueuedJob>> queued(std::int64_t after, std::size_t limit) override {
        return database_.read([&](Session& sql) { return queued_jobs(sql, after, limit); });
    }
    Result<std::vector<jobs::BuildTime>> history(std::size_t limit) override {
        return database_.read([&](Session& sql) { return build_times(sql, limit); });
    }

    Result<std::vector<jobs::Pending>> outbox(std::size_t limit) override {
        return database_.read([&](Session& sql) { return read_outbox(sql, limit); });
    }
    Result<void> sent(std::int64_t row) override {
        return apply(Durability::relaxed, [&](Session& sql) { forget_sent(sql, row); });
    }

    Result<bool> hold(const std::string& lease,
                      const std::string& holder,
                      Time now,
                      Time until) override {
        const LeaseWish wish{.lease = lease, .holder = holder, .now = now, .until = until};
        return change(Durability::synced, [&](Session& sql) { return hold_lease(sql, wish); });
    }
    Result<void> let_go(const std::string& lease, const std::string& holder) override {
        return apply(Durability::synced, [&](Session& sql) { let_lease_go(sql, lease, holder); });
    }

    Result<void> note(const jobs::Presence& presence, Time now) override {
        return apply(Durability::relaxed, [&](Session& sql) { note_worker(sql, presence, now); });
    }
    Result<std::vector<jobs::Presence>> workers(Time now) override {
        return database_.read([&](Session& sql) { return present_workers(sql, now); });
    }

    Result<std::vector<jobs::KeptImage>> kept(const std::string& after,
                                              std::size_t limit) override {
        auto page =
            TRY(database_.read([&](Session& sql) { return kept_images(sql, after, limit); }));
        return page_after(std::move(page), after);
    }
    Result<bool> remove_image(const std::string& id, Time now) override {
        return change(Durability::synced,
                      [&](Session& sql) { return store::remove_image(sql, id, now); });
    }
    Result<bool> pin(const std::string& id, bool is_pinned) override {
        return change(Durability::synced,
                      [&](Session& sql) { return pin_job(sql, id, is_pinned); });
    }

    Result<void> note(const jobs::RefusedMessage& refused) override {
        return apply(Durability::relaxed, [&](Session& sql) { note_refused(sql, refused); });
    }
    Result<std::vector<jobs::RefusedMessage>> refused(std::size_t limit) override {
        return database_.read([&](Session& sql) { return refused_messages(sql, limit); });
    }

private:
    /// What the action gives, once its changes are made.
    template <typename Action>
    auto change(Durability durability, const Action& action)
        -> Result<decltype(action(std::declval<Session&>()))> {
        decltype(action(std::declval<Session&>())) answer{};
        TRY(database_.write(durability, [&](Session& sql) -> Result<void> {
            answer = action(sql);
            return {};
        }));
        return answer;
    }
    template <typename Action>
    Result<void> apply(Durability durability, const Action& action) {
        return database_.write(durability, [&](Session& sql) -> Result<void> {
            action(sql);
            return {};
        });
    }

    Database database_;
};

}  // namespace

Result<std::unique_ptr<jobs::JobStore>> open_sql_store(std::unique_ptr<Dialect> dialect) {
    const auto shown = dialect->shown();
    auto store = std::make_unique<SqlJobStore>(std::move(dialect));
    if (const auto opened = store->bring_up_to_date(); !opened) {
        return fail(opened.error().fault,
                    fmt::format("store {}: {}", shown, opened.error().message));
    }
    return store;
}

}  // namespace img::store
