#include "broker/amqp_publisher.hpp"

#include <algorithm>

namespace img::broker {
namespace {

// The connection's heartbeat is 10 s; a letter must also never meet one that died long ago.
constexpr std::chrono::seconds kHeartbeat{2};

}  // namespace

std::chrono::milliseconds BackOff::next() {
    const auto now = wait_;
    wait_ = std::min(2 * wait_, kMost);
    return now;
}

Publisher::Publisher(AmqpUrl url, std::string name, Prepare prepare)
    : url_(std::move(url)),
      name_(std::move(name)),
      prepare_(std::move(prepare)),
      heart_([this](const std::stop_token& stop) { stay_alive(stop); }) {}

Result<void> Publisher::send(const Letter& letter) {
    return with_connection([&](Connection& connection) { return connection.publish(letter); });
}

Result<void> Publisher::with_connection(const std::function<Result<void>(Connection&)>& work) {
    const std::lock_guard lock(mutex_);
    if (connection_) {
        // Nothing is on its way yet, so that a connection found dead may be replaced.
        if (const auto alive = connection_->stay_alive(); !alive) {
            connection_.reset();
        }
    }
    if (!connection_) {
        TRY(connect());
    }
    return done(work(*connection_));
}

Result<void> Publisher::connect() {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_try_) {
        return std::unexpected(last_failure_);
    }
    auto connection = Connection::open(url_, name_);
    auto prepared =
        connection ? prepare_(*connection) : Result<void>(std::unexpected(connection.error()));
    if (prepared) {
        prepared = connection->ask_for_confirms();
    }
    if (!prepared) {
        last_failure_ = prepared.error();
        next_try_ = std::chrono::steady_clock::now() + back_off_.next();
        return prepared;
    }
    back_off_.reset();
    connection_.emplace(*std::move(connection));
    return {};
}

/// Lets a connection go that has failed, and says what a full queue means to the sender.
Result<void> Publisher::done(Result<void> result) {
    if (connection_->is_broken()) {
        connection_.reset();
    }
    if (!result && result.error().fault == Fault::exhausted) {
        return fail(Fault::transient, result.error().message);
    }
    return result;
}

void Publisher::stay_alive(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stopping_.wait_for(lock, stop, kHeartbeat, [] { return false; }) &&
           !stop.stop_requested()) {
        if (connection_ && !connection_->stay_alive()) {
            connection_.reset();
        }
    }
}

}  // namespace img::broker
