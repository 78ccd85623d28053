// The orders of one worker: fetched ahead from its queue, handed out one by one.
#pragma once

#include "broker/amqp_consumer.hpp"
#include "jobs/job_queue.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace img::broker {

/// An order stays on the broker until it is kept. When the connection is lost in between, the
/// broker hands it out once more; an order that was taken here is known by its message's id, so
/// that it is not given to a second slot.
class OrderInbox {
public:
    OrderInbox(const AmqpUrl& url, const std::string& worker);

    Result<std::optional<jobs::BuildOrder>> take(std::chrono::milliseconds wait);
    void keep(const jobs::BuildOrder& order);

private:
    using Time = std::chrono::steady_clock::time_point;
    struct Held {
        jobs::BuildOrder order{};
        std::uint64_t tag = 0;  ///< 0: not from the present connection.
        Time taken{};           ///< The clock's epoch: by nobody.
        bool is_kept = false;
    };

    Result<std::string> prepare(Connection& connection, const std::string& worker);
    Result<void> handle(Connection& connection, Delivery delivery);
    Result<void> acknowledge(Connection& connection);

    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, Held> held_;  ///< By message id: all that is not acknowledged.
    std::deque<std::string> waiting_;   ///< Those of them that nobody has taken.
    Consumer consumer_;                 ///< Last: its thread uses all of the above.
};

}  // namespace img::broker
