#include "broker/order_inbox.hpp"

#include "broker/amqp_topology.hpp"
#include "jobs/job_message.hpp"

#include <algorithm>

namespace img::broker {
namespace {

using jobs::BuildOrder;
using Clock = std::chrono::steady_clock;

// A worker is given no more orders than it has free slots; these are few at a time.
constexpr std::uint16_t kUnacknowledgedMax = 16;
// The service gives an order again that is not begun within 30 s, so that one that has been held
// for longer than this is of no more use to anybody.
constexpr std::chrono::seconds kHeldMax{60};

}  // namespace

OrderInbox::OrderInbox(const AmqpUrl& url, const std::string& worker)
    : consumer_(
          url,
          {.name = "orders of " + worker,
           .prepare = [this,
                       worker](Connection& connection) { return prepare(connection, worker); },
           .unacknowledged_max = kUnacknowledgedMax,
           .handle = [this](Connection& connection,
                            Delivery delivery) { return handle(connection, std::move(delivery)); },
           .idle = [this](Connection& connection) { return acknowledge(connection); }}) {}

Result<std::string> OrderInbox::prepare(Connection& connection, const std::string& worker) {
    {
        // Of what the last connection brought, only that which was taken matters: all of it comes
        // again.
        const std::lock_guard lock(mutex_);
        waiting_.clear();
        std::erase_if(held_, [](const auto& one) { return one.second.taken == Time(); });
        for (auto& [id, held] : held_) {
            held.tag = 0;
        }
    }
    TRY(topology::declare_dead_letters(connection));
    TRY(topology::declare_exchanges(connection));
    TRY(topology::declare_order_queue(connection, worker));
    return topology::order_queue(worker);
}

Result<void> OrderInbox::handle(Connection& connection, Delivery delivery) {
    auto order = jobs::build_order_from(delivery.body);
    if (!order) {
        return connection.refuse(delivery.tag);
    }
    const std::lock_guard lock(mutex_);
    const auto [place, is_new] = held_.try_emplace(delivery.message_id);
    place->second.tag = delivery.tag;
    if (is_new) {
        place->second.order = *std::move(order);
        waiting_.push_back(delivery.message_id);
        changed_.notify_one();
    }
    return {};
}

Result<void> OrderInbox::acknowledge(Connection& connection) {
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    for (auto place = held_.begin(); place != held_.end();) {
        const auto& held = place->second;
        const bool is_old = held.taken != Time() && now - held.taken > kHeldMax;
        if (held.tag != 0 && (held.is_kept || is_old)) {
            TRY(connection.acknowledge(held.tag));
            place = held_.erase(place);
        } else if (is_old) {
            place = held_.erase(place);
        } else {
            ++place;
        }
    }
    return {};
}

Result<std::optional<BuildOrder>> OrderInbox::take(std::chrono::milliseconds wait) {
    const auto end = Clock::now() + wait;
    auto heard = consumer_.wait_until_heard();
    std::unique_lock lock(mutex_);
    if (changed_.wait_until(lock, end, [this] { return !waiting_.empty(); })) {
        auto& held = held_.at(waiting_.front());
        waiting_.pop_front();
        held.taken = Clock::now();
        return held.order;
    }
    if (!heard) {
        return std::unexpected(heard.error());
    }
    return std::nullopt;
}

void OrderInbox::keep(const BuildOrder& order) {
    const std::lock_guard lock(mutex_);
    for (auto& [id, held] : held_) {
        if (held.taken != Time() && held.order.id == order.id &&
            held.order.attempt == order.attempt) {
            held.is_kept = true;
        }
    }
}

}  // namespace img::broker
