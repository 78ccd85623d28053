#include "broker/amqp_topology.hpp"

#include "jobs/job.hpp"

#include <chrono>

namespace img::broker::topology {
namespace {

using namespace std::chrono_literals;
using Arguments = std::vector<Queue::Argument>;

// How often a message is handed out to readers that do not survive it. What waits behind it in a
// reader's hands counts too, so that prefetching ones get more.
constexpr std::int64_t kHandsMax = 10, kPrefetchedHandsMax = 50;
constexpr std::int64_t kOrdersMax = 64;         // for one worker; its free slots are fewer
constexpr std::int64_t kReportsMax = 100'000;   // of at most 64 KiB; then workers wait
constexpr std::int64_t kRequestsMax = 100'000;  // then strangers' messages are refused
constexpr std::int64_t kResultsMax = 10'000;    // then the oldest goes
constexpr std::int64_t kDeadMax = 1'000;
constexpr std::int64_t kInquiriesMax = 1'000;
constexpr std::chrono::milliseconds kWorkerGone = 5min;  // then its queue goes
constexpr std::chrono::milliseconds kResultsLife = 168h, kDeadLife = 336h;
constexpr std::chrono::milliseconds kInquiryLife = 10s;

std::int64_t number(std::chrono::milliseconds time) {
    return time.count();
}

/// A full queue refuses what comes: its sender tries again.
void add_bound(Arguments& arguments, std::int64_t most) {
    arguments.emplace_back("x-max-length", most);
    arguments.emplace_back("x-overflow", std::string("reject-publish"));
}

/// A full queue lets its oldest messages go.
Queue bounded_queue(const std::string& name, std::int64_t most, std::chrono::milliseconds life) {
    return {.name = name, .arguments = {{"x-max-length", most}, {"x-message-ttl", number(life)}}};
}

Queue work_queue(const std::string& name, std::int64_t most, std::int64_t hands_max) {
    Queue queue{.name = name, .wants_quorum = true};
    add_bound(queue.arguments, most);
    queue.arguments.emplace_back("x-delivery-limit", hands_max);
    queue.arguments.emplace_back("x-dead-letter-exchange", kDead);
    return queue;
}

Result<void> declare_bound(Connection& connection,
                           const Queue& queue,
                           const std::string& exchange,
                           const std::string& key) {
    TRY(connection.declare(queue));
    return connection.bind(queue.name, exchange, key);
}

}  // namespace

std::string order_queue(const std::string& worker) {
    return kOrders + "." + worker;
}

Result<void> declare_dead_letters(Connection& connection) {
    TRY(connection.declare(Exchange{.name = kDead, .type = "fanout"}));
    return declare_bound(connection, bounded_queue(kDead, kDeadMax, kDeadLife), kDead, "");
}

Result<void> declare_exchanges(Connection& connection) {
    TRY(connection.declare(Exchange{.name = kOrders}));
    TRY(connection.declare(Exchange{.name = kCancels, .type = "fanout"}));
    TRY(connection.declare(Exchange{.name = kPresences, .type = "fanout"}));
    return declare_report_queue(connection);
}

Result<void> declare_order_queue(Connection& connection, const std::string& worker) {
    // A classic queue: it is made whenever a worker starts, and RabbitMQ 3.10 writes down where a
    // new quorum queue lives only a moment later; one that was made just before a crash never
    // finds a leader again. Nobody hands out an order twice: a worker that crashes has another
    // name afterwards.
    Queue queue{.name = order_queue(worker)};
    add_bound(queue.arguments, kOrdersMax);
    queue.arguments.emplace_back("x-dead-letter-exchange", kDead);
    queue.arguments.emplace_back("x-expires", number(kWorkerGone));
    return declare_bound(connection, queue, kOrders, worker);
}

Result<void> declare_report_queue(Connection& connection) {
    TRY(connection.declare(Exchange{.name = kReports}));
    auto queue = work_queue(kReports, kReportsMax, kPrefetchedHandsMax);
    queue.arguments.emplace_back("x-single-active-consumer", true);
    return declare_bound(connection, queue, kReports, kReports);
}

Result<std::string> declare_ear(Connection& connection, const std::string& fanout) {
    TRY(connection.declare(Exchange{.name = fanout, .type = "fanout"}));
    const Queue queue{.name = fanout + "." + jobs::new_job_id(),
                      .is_durable = false,
                      .is_exclusive = true,
                      .is_auto_delete = true};
    TRY(declare_bound(connection, queue, fanout, ""));
    return queue.name;
}

Result<void> declare_front_door(Connection& connection) {
    TRY(connection.declare(Exchange{.name = kRequests}));
    TRY(connection.declare(Exchange{.name = kResults}));
    for (const auto& [queue, key] : {std::pair(kKickstartQueue, kKickstartKey),
                                     std::pair(kConfigurationQueue, kConfigurationKey)}) {
        TRY(declare_bound(connection, work_queue(queue, kRequestsMax, kHandsMax), kRequests, key));
    }
    for (const auto& [queue, key] :
         {std::pair(kStatusQueue, kStatusKey), std::pair(kLinkQueue, kLinkKey),
          std::pair(kErrorQueue, kErrorKey)}) {
        TRY(declare_bound(connection, bounded_queue(queue, kResultsMax, kResultsLife), kResults,
                          key));
    }
    return {};
}

Result<void> declare_inquiries(Connection& connection) {
    auto queue = bounded_queue(kInquiries, kInquiriesMax, kInquiryLife);
    queue.is_durable = false;
    queue.is_auto_delete = true;  // without it nobody answers, which the asker sees at once
    return connection.declare(queue);
}

}  // namespace img::broker::topology
