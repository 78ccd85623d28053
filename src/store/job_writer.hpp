// The one connection that changes the database, shared by all threads that want to.
#pragma once

#include "base/result.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <soci/session.h>
#include <vector>

namespace img::store {

/// Whether a change must be on the disk before anybody is told that it succeeded.
enum class Durability { synced, relaxed };

/// Changes that come while another is being synchronised to the disk go into one transaction
/// together: a disk that takes 1 ms for each could serve no more than 1000 a second otherwise.
class JobWriter {
public:
    using Work = std::function<Result<void>(soci::session&)>;

    /// `sql` is open; a JobWriter owns all use of it, except as reads say.
    explicit JobWriter(soci::session& sql) : sql_(sql) {}

    /// Runs `work` in a transaction, with none of its changes left if it fails or throws what
    /// SOCI throws. It may be run twice: it must set all that it hands out anew.
    Result<void> write(Durability durability, Work work);

    /// Runs `read` on the same connection while nobody writes: for a database in memory, which
    /// has but one.
    Result<void> read(const Work& read);

private:
    struct Waiting {
        Work work;
        Durability durability;
        Result<void> result{};
        bool is_done = false;
    };

    void lead(std::unique_lock<std::mutex>& lock);
    void run(std::vector<Waiting*>& batch);
    Result<void> transact(const std::vector<Waiting*>& batch);

    soci::session& sql_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_busy_ = false;
    bool is_relaxed_ = false;  ///< The connection's PRAGMA synchronous now; FULL at first.
    std::vector<Waiting*> waiting_;
};

}  // namespace img::store
