// A session of SOCI that remembers the statements it has prepared.
#pragma once

#include <map>
#include <soci/session.h>
#include <soci/statement.h>
#include <string>

namespace img::store {

/// PostgreSQL plans each statement anew unless it was prepared, which takes ten times as long as
/// running it. SQLite prepares in microseconds, and a statement that it keeps may hold a lock.
struct Session : soci::session {
    bool is_postgres() const { return get_backend_name() == "postgresql"; }

    /// By their texts; of this connection, so they are forgotten before it is closed.
    std::map<std::string, soci::statement> prepared{};
};

}  // namespace img::store
