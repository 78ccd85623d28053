// How a job moves on: single compare-and-set statements.
#pragma once

#include "jobs/job_store.hpp"
#include "store/session.hpp"

#include <optional>
#include <string>

namespace img::store {

/// As JobStore::move() and beat(), within a transaction.
std::optional<jobs::Job> move_job(Session& sql, const jobs::Move& move);
bool beat_job(Session& sql,
              const std::string& id,
              unsigned attempt,
              const jobs::Progress& progress,
              jobs::Time lease_end);

}  // namespace img::store
