#include "store/service_tables.hpp"

#include "jobs/job_message.hpp"
#include "store/job_row.hpp"
#include "store/query.hpp"

#include <algorithm>

namespace img::store {
namespace {

constexpr auto kSilenceMax = std::chrono::minutes(1);
constexpr long long kRefusedMax = 1000;

}  // namespace

bool hold_lease(Session& sql, const LeaseWish& wish) {
    // One statement: a second program waits for the row, then looks at what the first made of it.
    std::string holder;
    return Query(sql,
                 "INSERT INTO leases (name, holder, ends) VALUES (:name, :holder, :until) "
                 "ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, ends = excluded.ends "
                 "WHERE leases.holder = excluded.holder OR leases.ends <= :now RETURNING holder")
        .with(wish.lease)
        .with(wish.holder)
        .with(stored(wish.until))
        .with(stored(wish.now))
        .into(holder)
        .run();
}

void let_lease_go(Session& sql, const std::string& lease, const std::string& holder) {
    Query(sql, "DELETE FROM leases WHERE name = :name AND holder = :holder")
        .with(lease)
        .with(holder)
        .run();
}

void note_worker(Session& sql, const jobs::Presence& presence, jobs::Time now) {
    Query(sql,
          "INSERT INTO workers (worker, seen, presence) VALUES (:worker, :seen, :presence) "
          "ON CONFLICT (worker) DO UPDATE SET seen = excluded.seen, presence = excluded.presence")
        .with(presence.worker)
        .with(stored(now))
        .with(jobs::to_json(presence))
        .run();
    Query(sql, "DELETE FROM workers WHERE seen <= :end").with(stored(now - kSilenceMax)).run();
}

std::vector<jobs::Presence> present_workers(Session& sql, jobs::Time now) {
    std::string json;
    Query query(sql, "SELECT presence FROM workers WHERE seen > :end ORDER BY worker");
    query.with(stored(now - kSilenceMax)).into(json);
    std::vector<jobs::Presence> present;
    for (bool is_there = query.run(); is_there; is_there = query.next()) {
        // A service of another version wrote it: what it says that is unknown here is left out.
        if (auto presence = jobs::presence_from(json)) {
            present.push_back(*std::move(presence));
        }
    }
    std::ranges::stable_sort(present, {}, &jobs::Presence::host);
    return present;
}

void note_refused(Session& sql, const jobs::RefusedMessage& refused) {
    Query(sql,
          "INSERT INTO refused_messages (at, queue, reference, reason, excerpt) "
          "VALUES (:at, :queue, :reference, :reason, :excerpt)")
        .with(stored(refused.at))
        .with(refused.queue)
        .with(refused.reference)
        .with(refused.reason)
        .with(refused.excerpt)
        .run();
    Query(sql,
          "DELETE FROM refused_messages WHERE row <= (SELECT row FROM refused_messages "
          "ORDER BY row DESC LIMIT 1 OFFSET :most)")
        .with(kRefusedMax)
        .run();
}

std::vector<jobs::RefusedMessage> refused_messages(Session& sql, std::size_t limit) {
    jobs::RefusedMessage message;
    long long at = 0;
    Query query(sql,
                "SELECT at, queue, reference, reason, excerpt FROM refused_messages "
                "ORDER BY row DESC LIMIT :limit");
    query.with(std::min(static_cast<long long>(limit), kRefusedMax));
    query.into(at).into(message.queue).into(message.reference).into(message.reason);
    query.into(message.excerpt);
    std::vector<jobs::RefusedMessage> newest;
    for (bool is_there = query.run(); is_there; is_there = query.next()) {
        message.at = time_of(at);
        newest.push_back(message);
    }
    return newest;
}

}  // namespace img::store
