// What the operator's actions on a database say of themselves.
#pragma once

#include "jobs/job.hpp"

#include <cstdint>
#include <string>

namespace img::store {

/// Versions of the tables, before and after; equal where nothing was to be done.
struct Migrated {
    int from = 0;  ///< 0: there were no tables.
    int to = 0;
};

/// What stands in a backup.
struct BackupSummary {
    int schema = 0;  ///< Version of the tables that it was made from.
    jobs::Time made{};
    std::uint64_t jobs = 0;
    std::uint64_t rows = 0;  ///< Of all tables, the jobs among them.
    std::string sha256{};
};

}  // namespace img::store
