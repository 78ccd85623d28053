// Where SQLite and PostgreSQL differ. All else is the same SQL over tables of the same names.
#pragma once

#include "base/result.hpp"
#include "store/session.hpp"

#include <string>
#include <string_view>

namespace img::store {

/// Whether a change must be on the disk before anybody is told that it succeeded.
enum class Durability {
    synced,   ///< On the disk, and in one line with all other synced changes.
    relaxed,  ///< A power cut may undo it, in the order in which such changes were made.
};

/// What became of a transaction whose COMMIT was not answered.
enum class Outcome { committed, undone, open };

/// What an exception of the library means.
struct Failure {
    Error error;
    bool is_lost = false;     ///< The connection is gone; a new one may do better.
    bool may_repeat = false;  ///< Two transactions were in each other's way; another try may do.
};

class Dialect {
public:
    virtual ~Dialect() = default;

    /// "sqlite" or "postgresql": in the names of migrations and in what is said to people.
    virtual std::string_view name() const = 0;
    /// The URL without its password.
    virtual std::string shown() const = 0;
    /// Connections that read beside the one that writes; 0: there is but one, for everything.
    virtual std::size_t readers() const = 0;
    /// Whether relaxed changes have a connection of their own.
    virtual bool has_relaxed_writer() const = 0;

    // These throw what SOCI throws.

    /// Opens the session, with the settings that all others rely on.
    virtual void connect(Session& sql) const = 0;
    /// Begins a transaction. From its first statement to its end no other synced one changes
    /// anything, so rows are numbered in the order in which others come to see them. Gives a
    /// number for outcome_of(), or nothing where no commit can have an unknown outcome.
    virtual std::string begin(Session& sql, Durability durability) const = 0;
    /// As begin(), for changes of the tables themselves: waits for others as long as they take.
    virtual void begin_migration(Session& sql) const = 0;
    /// Begins a transaction that reads the same state of everything, whatever others write.
    virtual void begin_snapshot(Session& sql) const = 0;
    /// On a new connection, of a transaction that begin() gave a number.
    virtual Outcome outcome_of(Session& sql, const std::string& transaction) const = 0;

    virtual Failure failure_of(const soci::soci_error& thrown, Session& sql) const = 0;
};

}  // namespace img::store
