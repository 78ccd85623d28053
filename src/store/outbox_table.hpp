// Messages that are committed with the change that causes them, and sent after.
#pragma once

#include "jobs/job_store.hpp"
#include "store/session.hpp"

#include <vector>

namespace img::store {

/// A StatusNotice of the job as it is now.
void owe_notice(Session& sql, const std::string& id);
/// A CancelOrder to whoever builds the job.
void owe_cancel(Session& sql, const std::string& id);

/// As JobStore::outbox() and sent().
std::vector<jobs::Pending> read_outbox(Session& sql, std::size_t limit);
void forget_sent(Session& sql, std::int64_t row);

}  // namespace img::store
