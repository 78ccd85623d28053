#include "broker/broker.hpp"

#include "broker/amqp_job_queue.hpp"
#include "broker/memory_job_queue.hpp"

#include <fmt/format.h>

namespace img::broker {

Result<std::unique_ptr<jobs::JobQueue>> open_job_queue(const std::string& url) {
    if (url == "memory:") {
        return std::make_unique<MemoryJobQueue>();
    }
    if (!is_amqp_url(url)) {
        return fail(Fault::invalid,
                    "broker: give memory:, amqp://user:password@host:port/vhost or amqps://…");
    }
    auto queue = std::make_unique<AmqpJobQueue>(TRY(parse_amqp_url(url)));
    if (auto reached = queue->reach(); !reached && reached.error().fault != Fault::transient) {
        return std::unexpected(reached.error());
    }
    return queue;
}

}  // namespace img::broker
