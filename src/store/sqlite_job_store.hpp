// Jobs in an SQLite file: one connection writes, a few read beside it.
#pragma once

#include "base/result.hpp"
#include "jobs/job_store.hpp"

#include <memory>
#include <string>

namespace img::store {

/// `path`, or ":memory:".
Result<std::unique_ptr<jobs::JobStore>> open_sqlite(const std::string& path);

}  // namespace img::store
