// How a job comes into the store, or is found to be there already.
#pragma once

#include "base/result.hpp"
#include "jobs/job_store.hpp"
#include "store/session.hpp"

namespace img::store {

/// As JobStore::add(), within a transaction. An Error is an answer: nothing was changed then, and
/// what else the transaction does is not harmed.
Result<jobs::Added> submit(Session& sql, const jobs::Job& job, jobs::Time joins_since);

}  // namespace img::store
