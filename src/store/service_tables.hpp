// What services and workers tell each other through the database: leases, presences, refusals.
#pragma once

#include "base/result.hpp"
#include "jobs/job_store.hpp"
#include "store/session.hpp"

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

bool hold_lease(Session& sql, const LeaseWish& wish);
void let_lease_go(Session& sql, const std::string& lease, const std::string& holder);

void note_worker(Session& sql, const jobs::Presence& presence, jobs::Time now);
std::vector<jobs::Presence> present_workers(Session& sql, jobs::Time now);

void note_refused(Session& sql, const jobs::RefusedMessage& refused);
std::vector<jobs::RefusedMessage> refused_messages(Session& sql, std::size_t limit);

}  // namespace img::store
