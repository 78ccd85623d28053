// Jobs in a database that speaks SQL.
#pragma once

#include "base/result.hpp"
#include "jobs/job_store.hpp"
#include "store/dialect.hpp"

#include <memory>

namespace img::store {

/// Brings the database up to date first.
Result<std::unique_ptr<jobs::JobStore>> open_sql_store(std::unique_ptr<Dialect> dialect);

}  // namespace img::store
