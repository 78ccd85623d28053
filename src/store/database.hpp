// A database with its connections: who writes, who reads, and how many of each.
#pragma once

#include "base/result.hpp"
#include "store/connection.hpp"
#include "store/dialect.hpp"
#include "store/group_writer.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace img::store {

/// Safe to use from several threads.
class Database {
public:
    explicit Database(std::unique_ptr<Dialect> dialect);

    const Dialect& dialect() const { return *dialect_; }

    /// Brings the tables up to date: before anything else is asked of it.
    Result<void> migrate();

    Result<void> write(Durability durability, Work work);

    /// Runs read(session) on a connection that reads, and gives what it gave.
    template <typename Read>
    auto read(const Read& read) -> Result<decltype(read(std::declval<Session&>()))> {
        decltype(read(std::declval<Session&>())) answer{};
        TRY(run_reading([&](Session& sql) -> Result<void> {
            answer = read(sql);
            return {};
        }));
        return answer;
    }

private:
    Result<void> run_reading(const Work& work);
    Connection& take_reader();
    void give_back(Connection& reader);

    std::unique_ptr<Dialect> dialect_;
    GroupWriter writer_{*dialect_};
    std::optional<GroupWriter> relaxed_writer_;
    std::vector<std::unique_ptr<Connection>> readers_;

    std::mutex mutex_;
    std::condition_variable given_back_;
    std::vector<Connection*> idle_;
};

}  // namespace img::store
