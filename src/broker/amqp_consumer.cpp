#include "broker/amqp_consumer.hpp"

namespace img::broker {
namespace {

constexpr std::chrono::milliseconds kSlice{100};  // how soon it sees that it is to end
constexpr std::chrono::seconds kFirstTryMax{15};  // connecting and declaring have bounds of 10 s

}  // namespace

Consumer::Consumer(AmqpUrl url, Listening listening)
    : url_(std::move(url)),
      listening_(std::move(listening)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Result<void> Consumer::wait_until_heard() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kFirstTryMax, [this] { return is_listening_ || failure_; });
    return failure_ ? Result<void>(std::unexpected(*failure_)) : Result<void>();
}

bool Consumer::is_listening() {
    const std::lock_guard lock(mutex_);
    return is_listening_;
}

void Consumer::wake() {
    // Under the lock, or a thread that has just asked is_wanted() would sleep through it.
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
}

void Consumer::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        {
            std::unique_lock lock(mutex_);
            if (!listening_.is_wanted()) {
                failure_.reset();  // it is of the past when somebody wants to listen again
            }
            if (!changed_.wait(lock, stop, [this] { return listening_.is_wanted(); })) {
                return;
            }
        }
        const auto heard = listen(stop);
        std::unique_lock lock(mutex_);
        is_listening_ = false;
        if (!heard) {
            failure_ = heard.error();
            changed_.notify_all();
            changed_.wait_for(lock, stop, back_off_.next(), [] { return false; });
        }
    }
}

Result<void> Consumer::listen(const std::stop_token& stop) {
    auto connection = TRY(Connection::open(url_, listening_.name));
    const auto queue = TRY(listening_.prepare(connection));
    TRY(connection.consume(queue, listening_.unacknowledged_max));
    back_off_.reset();
    {
        const std::lock_guard lock(mutex_);
        is_listening_ = true;
        failure_.reset();
        changed_.notify_all();
    }
    while (!stop.stop_requested() && listening_.is_wanted()) {
        auto delivery = TRY(connection.next(kSlice));
        if (delivery) {
            TRY(listening_.handle(connection, *std::move(delivery)));
        }
        TRY(listening_.idle(connection));
    }
    return {};
}

}  // namespace img::broker
