// Sends letters, one after another, over a connection that it opens anew whenever it has to.
#pragma once

#include "broker/amqp_connection.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace img::broker {

/// How long to leave a broker alone that did not answer: 0.1 s, then twice as long each time, 5 s
/// at most.
class BackOff {
public:
    std::chrono::milliseconds next();
    void reset() { wait_ = kFirst; }

private:
    static constexpr std::chrono::milliseconds kFirst{100}, kMost{5000};
    std::chrono::milliseconds wait_ = kFirst;
};

/// Safe to call from several threads, which take turns. While the broker is away it tries no more
/// often than BackOff says; letters in between fail at once.
class Publisher {
public:
    /// Declares what letters need, on each new connection.
    using Prepare = std::function<Result<void>(Connection&)>;

    Publisher(AmqpUrl url, std::string name, Prepare prepare);

    /// Success: the broker has it. Fault::missing: nobody takes it. Fault::transient: the broker is
    /// away or its queue is full; then the letter may have arrived all the same.
    Result<void> send(const Letter& letter);

    /// Something else to be done on the same connection.
    Result<void> with_connection(const std::function<Result<void>(Connection&)>& work);

private:
    Result<void> connect();
    Result<void> done(Result<void> result);
    void stay_alive(const std::stop_token& stop);

    const AmqpUrl url_;
    const std::string name_;
    const Prepare prepare_;
    std::mutex mutex_;
    std::condition_variable_any stopping_;
    std::optional<Connection> connection_;
    BackOff back_off_;
    std::chrono::steady_clock::time_point next_try_{};
    Error last_failure_{};
    std::jthread heart_;  ///< Last: it uses all of the above.
};

}  // namespace img::broker
