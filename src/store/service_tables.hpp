// What services and workers tell each other through the database: leases, presences, refusals.
#pragma once

#include "base/result.hpp"
#include "jobs/job_store.hpp"

#include <soci/session.h>
#include <string>
#include <vector>

namespace img::store {

// As the functions of JobStore that have these names.

struct LeaseWish {
    std::string lease{};
    std::string holder{};
    jobs::Time now{};
    jobs::Time until{};
};

bool hold_lease(soci::session& sql, const LeaseWish& wish);
void let_lease_go(soci::session& sql, const std::string& lease, const std::string& holder);

void note_worker(soci::session& sql, const jobs::Presence& presence, jobs::Time now);
std::vector<jobs::Presence> present_workers(soci::session& sql, jobs::Time now);

void note_refused(soci::session& sql, const jobs::RefusedMessage& refused);
std::vector<jobs::RefusedMessage> refused_messages(soci::session& sql, std::size_t limit);

}  // namespace img::store
