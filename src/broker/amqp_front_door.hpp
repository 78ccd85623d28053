// The original's exchanges and queues: strangers' requests in, statuses, links and errors out.
#pragma once

#include "broker/amqp_consumer.hpp"
#include "broker/amqp_publisher.hpp"
#include "broker/original_message.hpp"
#include "jobs/front_door.hpp"

#include <functional>
#include <memory>

namespace img::broker {

/// A request stays on the broker until it is a job or has been refused: its sender and the
/// operator know by then.
class AmqpFrontDoor : public jobs::FrontDoor {
public:
    AmqpFrontDoor(const AmqpUrl& url, PublicUrl public_url);

    /// Faults as AmqpJobQueue::reach().
    Result<void> reach();

    /// Tokens end with the door at the latest. Letting go waits for a handler that is running.
    Token on_request(std::function<jobs::Verdict(const jobs::ForeignRequest&)> handler,
                     std::function<void(const jobs::RefusedMessage&)> refused) override;
    Token on_inquiry(std::function<Result<std::optional<jobs::StatusNotice>>(const std::string&)>
                         handler) override;
    Result<void> send(const jobs::StatusNotice& notice) override;

private:
    const AmqpUrl url_;
    const PublicUrl public_url_;
    const std::shared_ptr<Publisher> publisher_;
};

}  // namespace img::broker
