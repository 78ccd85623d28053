// The steps from an empty database to today's tables.
#pragma once

#include "base/result.hpp"

#include <soci/session.h>
#include <span>
#include <string_view>

namespace img::store {

struct Migration {
    std::string_view file;  ///< 0001_jobs.sql
    std::string_view text;  ///< Statements, an empty line after each.
};

/// All of them, oldest first: number n makes version n.
std::span<const Migration> migrations();

/// Takes the steps that are missing, each with its version in one transaction. There is no way
/// back. Fault::invalid: the database is of a newer version than this program.
Result<void> migrate(soci::session& sql);

}  // namespace img::store
