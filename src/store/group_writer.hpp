// A connection that changes the database, shared by all threads that want to.
#pragma once

#include "base/result.hpp"
#include "store/connection.hpp"

#include <condition_variable>
#include <mutex>
#include <vector>

namespace img::store {

/// Changes that come while another is being synchronised to the disk go into one transaction
/// together: a disk that takes 1 ms for each could serve no more than 1000 a second otherwise.
class GroupWriter {
public:
    explicit GroupWriter(const Dialect& dialect) : connection_(dialect) {}

    /// The connection itself, before others use the writer.
    Connection& connection() { return connection_; }

    /// Runs `work` in a transaction, with none of its changes left if it fails.
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

    Connection connection_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_busy_ = false;
    std::vector<Waiting*> waiting_;
};

}  // namespace img::store
