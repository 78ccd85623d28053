// The steps from an empty database to today's tables.
#pragma once

#include "base/result.hpp"
#include "store/admin_report.hpp"
#include "store/connection.hpp"

#include <span>
#include <string_view>

namespace img::store {

struct Migration {
    std::string_view name;    ///< 0001_jobs
    std::string_view sqlite;  ///< Statements, an empty line after each.
    std::string_view postgresql;
};

/// All of them, oldest first: number n makes version n.
std::span<const Migration> migrations();

/// The version that this program works with.
int current_version();

/// Takes the steps that are missing, all in one transaction and in line with other programs that
/// want the same. There is no way back. Fault::invalid: the database is of a newer version than
/// `target`; tests of a step make a database of the version before it.
Result<Migrated> migrate(Connection& connection,
                         const Dialect& dialect,
                         int target = current_version());

}  // namespace img::store
