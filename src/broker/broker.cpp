#include "broker/broker.hpp"

#include "broker/amqp_front_door.hpp"
#include "broker/amqp_job_queue.hpp"
#include "broker/closed_front_door.hpp"
#include "broker/memory_job_queue.hpp"

#include <utility>

namespace img::broker {
namespace {

Result<AmqpUrl> amqp_url(const std::string& url) {
    if (!is_amqp_url(url)) {
        return fail(Fault::invalid,
                    "broker: give memory:, amqp://user:password@host:port/vhost or amqps://…");
    }
    return parse_amqp_url(url);
}

/// A broker that is away comes back; one that does not let us in is the operator's business.
Result<void> unless_away(Result<void> reached) {
    return !reached && reached.error().fault == Fault::transient ? Result<void>() : reached;
}

}  // namespace

Result<std::unique_ptr<jobs::JobQueue>> open_job_queue(const std::string& url) {
    if (url == "memory:") {
        return std::make_unique<MemoryJobQueue>();
    }
    auto queue = std::make_unique<AmqpJobQueue>(TRY(amqp_url(url)));
    TRY(unless_away(queue->reach()));
    return queue;
}

Result<void> check_url(const std::string& url) {
    if (url != "memory:") {
        TRY(amqp_url(url));
    }
    return {};
}

Result<std::unique_ptr<jobs::FrontDoor>> open_front_door(const std::string& url,
                                                         FrontDoorOptions options) {
    if (url == "memory:") {
        return std::make_unique<ClosedFrontDoor>();
    }
    while (options.public_url.ends_with('/')) {
        options.public_url.pop_back();
    }
    auto door = std::make_unique<AmqpFrontDoor>(TRY(amqp_url(url)), std::move(options.public_url));
    TRY(unless_away(door->reach()));
    return door;
}

}  // namespace img::broker
