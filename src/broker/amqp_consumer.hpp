// Listens to one queue from a thread of its own, and connects again whenever it has to.
#pragma once

#include "broker/amqp_connection.hpp"
#include "broker/amqp_publisher.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace img::broker {

/// What a Consumer does with its connection. All of it is called from the consumer's thread.
struct Listening {
    std::string name{};  ///< Of the connection, for the broker's tools.
    /// Declares what is needed; the queue to listen to.
    std::function<Result<std::string>(Connection&)> prepare{};
    std::uint16_t unacknowledged_max = 1;
    /// Acknowledges the delivery, now or later; a failure ends the connection, and the broker
    /// hands out again what was not acknowledged.
    std::function<Result<void>(Connection&, Delivery)> handle{};
    /// After each delivery, and ten times a second.
    std::function<Result<void>(Connection&)> idle = [](Connection&) { return Result<void>(); };
    /// While this says no, nobody listens; changes are announced by wake().
    std::function<bool()> is_wanted = [] { return true; };
};

class Consumer {
public:
    Consumer(AmqpUrl url, Listening listening);

    /// Until it listens, or has tried in vain; 15 s at most. Then the last failure.
    Result<void> wait_until_heard();
    /// Whether the broker has us among the queue's consumers, as far as we know.
    bool is_listening();
    /// is_wanted() may say something else now.
    void wake();

private:
    void run(const std::stop_token& stop);
    Result<void> listen(const std::stop_token& stop);

    const AmqpUrl url_;
    const Listening listening_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    bool is_listening_ = false;
    std::optional<Error> failure_{};  ///< Of the last try; nothing while it listens.
    BackOff back_off_;                ///< The thread's own.
    std::jthread thread_;             ///< Last: it uses all of the above.
};

}  // namespace img::broker
