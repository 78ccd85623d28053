// Opens the queue of messages, and the door for strangers, that a URL names.
//
// This room implements jobs::JobQueue and jobs::FrontDoor. It knows how messages travel, and must
// never know HTTP, SQL or builds.
#pragma once

#include "base/result.hpp"
#include "jobs/front_door.hpp"
#include "jobs/job_queue.hpp"

#include <memory>
#include <string>

namespace img::broker {

/// `memory:` for a service and its worker in one program; messages go with it.
/// `amqp://user:password@host:port/vhost` or `amqps://…?cacertfile=FILE` for RabbitMQ, see AmqpUrl.
/// A broker that is away is waited for: what is sent until then fails with Fault::transient.
/// Fault::invalid: no such kind of URL, or the broker does not let us in.
Result<std::unique_ptr<jobs::JobQueue>> open_job_queue(const std::string& url);

/// Whether open_job_queue() can make something of the URL; looks at nothing but its words.
/// Fault::invalid: it cannot.
Result<void> check_url(const std::string& url);

struct FrontDoorOptions {
    /// Where strangers reach the service, "http://host:8080", for the links in their statuses.
    std::string public_url{};
};

/// The original's exchanges and queues at that broker; with `memory:` a door through which nobody
/// comes. Faults as open_job_queue().
Result<std::unique_ptr<jobs::FrontDoor>> open_front_door(const std::string& url,
                                                         FrontDoorOptions options);

}  // namespace img::broker
