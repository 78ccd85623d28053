// One connection to a database: opened when it is needed, and again when it was lost.
#pragma once

#include "base/result.hpp"
#include "store/dialect.hpp"
#include "store/session.hpp"

#include <functional>
#include <optional>

namespace img::store {

/// What is to be done with the database. It may be done twice, so it sets all that it hands out
/// anew. It may throw what SOCI throws.
using Work = std::function<Result<void>(Session&)>;

/// For one thread at a time.
class Connection {
public:
    explicit Connection(const Dialect& dialect) : dialect_(dialect) {}

    /// Runs `work` outside of a transaction; once more on a new connection if the first was lost.
    Result<void> read(const Work& work);

    /// Runs `work` in a transaction, with none of its changes left if it fails. Where the
    /// connection is lost while COMMIT is on its way, a new one asks what became of it; only if
    /// there is none for kSettleTime the outcome stays unknown, and the Error says so.
    Result<void> transact(Durability durability, const Work& work);

    /// As transact(), for changes of the tables themselves.
    Result<void> migrate(const Work& work);

    /// Runs `work` in a transaction that reads one state of everything.
    Result<void> snapshot(const Work& work);

private:
    using Begin = std::function<std::string(Session&)>;

    std::optional<Failure> attempt(const std::function<void()>& action);
    void open_if_closed();
    void abandon(const std::optional<Failure>& failure);
    std::optional<Failure> transact_once(const Begin& begin, const Work& work);
    Result<void> transact(const Begin& begin, const Work& work);
    std::optional<Failure> settle(const std::string& transaction, Failure failure);

    const Dialect& dialect_;
    Session sql_;
    bool is_open_ = false;
};

}  // namespace img::store
