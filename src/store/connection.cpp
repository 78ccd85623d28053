#include "store/connection.hpp"

#include <chrono>
#include <fmt/format.h>
#include <thread>

namespace img::store {
namespace {

using std::chrono::steady_clock;

// Deadlocks and serialization failures are rare here: changes that matter stand in line.
constexpr int kTriesMax = 4;

// A PostgreSQL that was killed is back within a second or two where its log is short.
constexpr auto kSettleTime = std::chrono::seconds(5);
constexpr auto kSettlePause = std::chrono::milliseconds(100);

}  // namespace

/// What went wrong, or nothing. An Error that the work returns is not of the connection: it is
/// thrown through here by transact_once().
std::optional<Failure> Connection::attempt(const std::function<void()>& action) {
    try {
        action();
        return std::nullopt;
    } catch (const soci::soci_error& thrown) {
        auto failure = dialect_.failure_of(thrown, sql_);
        if (failure.is_lost) {
            is_open_ = false;
        }
        return failure;
    }
}

void Connection::open_if_closed() {
    if (!is_open_) {
        sql_.prepared.clear();
        sql_.close();
        dialect_.connect(sql_);
        is_open_ = true;
    }
}

Result<void> Connection::read(const Work& work) {
    for (int tries = 1;; ++tries) {
        Result<void> outcome;
        const auto failure = attempt([&] {
            open_if_closed();
            outcome = work(sql_);
        });
        if (!failure) {
            return outcome;
        }
        if (!failure->is_lost || tries == 2) {
            return std::unexpected(failure->error);
        }
    }
}

Result<void> Connection::transact(Durability durability, const Work& work) {
    return transact([&](Session& sql) { return dialect_.begin(sql, durability); }, work);
}

Result<void> Connection::migrate(const Work& work) {
    const auto begin = [this](Session& sql) {
        dialect_.begin_migration(sql);
        return std::string();
    };
    return transact(begin, work);
}

Result<void> Connection::snapshot(const Work& work) {
    const auto begin = [this](Session& sql) {
        dialect_.begin_snapshot(sql);
        return std::string();
    };
    return transact(begin, work);
}

Result<void> Connection::transact(const Begin& begin, const Work& work) {
    for (int tries = 1;; ++tries) {
        const bool was_open = is_open_;
        const auto failure = transact_once(begin, work);
        if (!failure) {
            return {};
        }
        // Idle connections are lost when the server was restarted, which says nothing of now.
        const bool may_repeat = failure->may_repeat || (failure->is_lost && was_open);
        if (!may_repeat || tries == kTriesMax) {
            return std::unexpected(failure->error);
        }
    }
}

/// One try. After a failure nothing of it is left.
std::optional<Failure> Connection::transact_once(const Begin& begin, const Work& work) {
    std::string transaction;
    Result<void> outcome;
    auto failure = attempt([&] {
        open_if_closed();
        transaction = begin(sql_);
        outcome = work(sql_);
    });
    if (failure || !outcome) {
        abandon(failure);
        return failure ? failure : std::optional(Failure{.error = outcome.error()});
    }
    failure = attempt([&] { sql_ << "COMMIT"; });
    if (failure && failure->is_lost && !transaction.empty()) {
        return settle(transaction, *failure);
    }
    if (failure) {
        abandon(failure);
    }
    return failure;
}

void Connection::abandon(const std::optional<Failure>& failure) {
    if (!failure || !failure->is_lost) {
        // SQLite has rolled back by itself after some errors; then this one says so, and may.
        (void)attempt([&] { sql_ << "ROLLBACK"; });
    }
}

/// The connection went while COMMIT was under way: whether it was done is known to the server.
std::optional<Failure> Connection::settle(const std::string& transaction, Failure failure) {
    const auto deadline = steady_clock::now() + kSettleTime;
    while (steady_clock::now() < deadline) {
        auto outcome = Outcome::open;
        const auto asking = attempt([&] {
            open_if_closed();
            outcome = dialect_.outcome_of(sql_, transaction);
        });
        if (!asking && outcome == Outcome::committed) {
            return std::nullopt;
        }
        if (!asking && outcome == Outcome::undone) {
            failure.may_repeat = true;
            return failure;
        }
        std::this_thread::sleep_for(kSettlePause);
    }
    failure.is_lost = false;  // which would have it repeated
    failure.error.message +=
        "; whether the last change was made is not known: ask again with the "
        "same id or reference, which changes nothing if it was";
    return failure;
}

}  // namespace img::store
