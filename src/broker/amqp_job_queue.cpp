#include "broker/amqp_job_queue.hpp"

#include "broker/amqp_topology.hpp"
#include "jobs/job_message.hpp"

#include <fmt/format.h>
#include <utility>

namespace img::broker {
namespace {

using jobs::BuildOrder;
using jobs::CancelOrder;
using jobs::Presence;
using jobs::Report;

// Messages, of at most 64 KiB each. While the database is away, so many may wait for their receipts
// and the ones behind them are heard all the same.
constexpr std::uint16_t kHeardAhead = 500;

Result<void> declare_all(Connection& connection) {
    TRY(topology::declare_dead_letters(connection));
    return topology::declare_exchanges(connection);
}

/// Hears a fanout, for as long as the connection is there.
std::function<Result<std::string>(Connection&)> ear_for(const std::string& fanout) {
    return [fanout](Connection& connection) { return topology::declare_ear(connection, fanout); };
}

/// As a handler that is done with the message when it returns.
template <typename Message>
auto receipted(std::function<void(const Message&)> handler) {
    return [handler = std::move(handler)](const Message& message,
                                          const jobs::JobQueue::Receipt& receipt) {
        handler(message);
        receipt();
    };
}

Result<std::string> prepare_reports(Connection& connection) {
    TRY(declare_all(connection));
    return topology::kReports;
}

}  // namespace

template <typename Message>
AmqpJobQueue::Hearing<Message>::Hearing(const AmqpUrl& url,
                                        std::string name,
                                        Prepare prepare,
                                        Decode decode)
    : decode_(decode),
      consumer_(
          url,
          {.name = std::move(name),
           .prepare =
               [this, prepare = std::move(prepare)](Connection& connection) {
                   receipts_->begin_connection();
                   return prepare(connection);
               },
           .unacknowledged_max = kHeardAhead,
           .handle = [this](Connection& connection,
                            const Delivery& delivery) { return handle(connection, delivery); },
           .idle = [this](Connection& connection) { return acknowledge(connection); },
           .is_wanted = [this] { return !listeners_.is_empty(); }}) {}

template <typename Message>
jobs::JobQueue::Token AmqpJobQueue::Hearing<Message>::listen(
    std::function<void(const Message&, const Receipt&)> handler) {
    auto token = listeners_.add(std::move(handler));
    consumer_.wake();
    // A broker that is away now is listened to as soon as it is back.
    (void)consumer_.wait_until_heard();
    return token;
}

template <typename Message>
Result<void> AmqpJobQueue::Hearing<Message>::handle(Connection& connection,
                                                    const Delivery& delivery) {
    const auto message = decode_(delivery.body);
    if (!message) {
        return connection.refuse(delivery.tag);
    }
    if (!listeners_.tell(*message, receipts_->add(receipts_, delivery.tag))) {
        return fail(Fault::transient, "queue: nobody listens any more");  // another one will
    }
    return acknowledge(connection);
}

template <typename Message>
Result<void> AmqpJobQueue::Hearing<Message>::acknowledge(Connection& connection) {
    for (const auto tag : receipts_->take()) {
        TRY(connection.acknowledge(tag));
    }
    return {};
}

void AmqpJobQueue::Receipts::begin_connection() {
    const std::lock_guard lock(mutex_);
    ++connection_;
    open_.clear();
    given_.clear();
}

jobs::JobQueue::Receipt AmqpJobQueue::Receipts::add(const std::shared_ptr<Receipts>& self,
                                                    std::uint64_t tag) {
    const std::lock_guard lock(mutex_);
    open_.insert(tag);
    return [self, connection = connection_, tag] { self->give(connection, tag); };
}

void AmqpJobQueue::Receipts::give(std::uint64_t connection, std::uint64_t tag) {
    const std::lock_guard lock(mutex_);
    if (connection == connection_ && open_.erase(tag) > 0) {
        given_.push_back(tag);
    }
}

std::vector<std::uint64_t> AmqpJobQueue::Receipts::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(given_, {});
}

bool AmqpJobQueue::Receipts::is_full() const {
    const std::lock_guard lock(mutex_);
    return open_.size() >= kHeardAhead;
}

AmqpJobQueue::AmqpJobQueue(const AmqpUrl& url)
    : url_(url),
      publisher_(url, "sender", declare_all),
      cancels_(url, "cancels", ear_for(topology::kCancels), jobs::cancel_order_from),
      reports_(url, "reports", prepare_reports, jobs::report_from),
      presences_(url, "presences", ear_for(topology::kPresences), jobs::presence_from) {}

Result<void> AmqpJobQueue::reach() {
    return publisher_.with_connection([](Connection&) { return Result<void>(); });
}

Result<void> AmqpJobQueue::send(const BuildOrder& order) {
    const auto sent = publisher_.send({.exchange = topology::kOrders,
                                       .key = order.worker,
                                       .body = to_json(order),
                                       .message_id = jobs::new_job_id()});
    if (!sent && sent.error().fault == Fault::missing) {
        return fail(Fault::missing, fmt::format("queue: there is no worker {}", order.worker));
    }
    return sent;
}

Result<void> AmqpJobQueue::send(const CancelOrder& order) {
    return publisher_.send({.exchange = topology::kCancels,
                            .body = to_json(order),
                            .is_persistent = false,
                            .is_mandatory = false});
}

Result<void> AmqpJobQueue::send(const Report& report) {
    return publisher_.send({.exchange = topology::kReports,
                            .key = topology::kReports,
                            .body = to_json(jobs::within_bounds(report))});
}

Result<void> AmqpJobQueue::send(const Presence& presence) {
    const auto& worker = presence.worker;
    if (!presence.is_gone) {
        // Before anybody can hear of the worker, so that its first order has somewhere to go.
        TRY(publisher_.with_connection([&worker](Connection& connection) {
            return topology::declare_order_queue(connection, worker);
        }));
    }
    TRY(publisher_.send({.exchange = topology::kPresences,
                         .body = to_json(jobs::within_bounds(presence)),
                         .is_persistent = false,
                         .is_mandatory = false}));
    if (!presence.is_gone) {
        return {};
    }
    {
        const std::lock_guard lock(mutex_);
        inboxes_.erase(worker);
    }
    return publisher_.with_connection([&worker](Connection& connection) {
        return connection.remove_queue(topology::order_queue(worker));
    });
}

std::shared_ptr<OrderInbox> AmqpJobQueue::inbox(const std::string& worker) {
    const std::lock_guard lock(mutex_);
    auto& inbox = inboxes_[worker];
    if (!inbox) {
        inbox = std::make_shared<OrderInbox>(url_, worker);
    }
    return inbox;
}

Result<std::optional<BuildOrder>> AmqpJobQueue::take(const std::string& worker,
                                                     std::chrono::milliseconds wait) {
    return inbox(worker)->take(wait);
}

Result<void> AmqpJobQueue::keep(const BuildOrder& order) {
    const std::lock_guard lock(mutex_);
    if (const auto inbox = inboxes_.find(order.worker); inbox != inboxes_.end()) {
        inbox->second->keep(order);
    }
    return {};
}

jobs::JobQueue::Token AmqpJobQueue::on_cancel(std::function<void(const CancelOrder&)> handler) {
    return cancels_.listen(receipted(std::move(handler)));
}

jobs::JobQueue::Token AmqpJobQueue::on_report(
    std::function<void(const Report&, const Receipt&)> handler) {
    return reports_.listen(std::move(handler));
}

jobs::JobQueue::Token AmqpJobQueue::on_presence(std::function<void(const Presence&)> handler) {
    return presences_.listen(receipted(std::move(handler)));
}

}  // namespace img::broker
