// Takes strangers' requests from one of the original's queues, one at a time.
#pragma once

#include "broker/amqp_consumer.hpp"
#include "broker/amqp_publisher.hpp"
#include "broker/original_message.hpp"
#include "jobs/front_door.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>

namespace img::broker {

/// Declares all that requests and their answers need.
Result<void> declare_desk(Connection& connection);

/// To the queues of results. They are not mandatory: a broker set up without one of them, as the
/// original's was, has nobody who reads it.
Result<void> send_answers(Publisher& publisher, const std::vector<Answer>& answers);

/// What the desks of one door share.
struct Hall {
    PublicUrl public_url{};
    std::shared_ptr<Publisher> publisher{};
    std::function<jobs::Verdict(const jobs::ForeignRequest&)> judge{};
    std::function<void(const jobs::RefusedMessage&)> refused{};
};

/// A request is acknowledged when its verdict has been carried out: until then the broker has it,
/// and hands it to another service if this one ends. While the store is away the desk waits with
/// the request in its hand, for giving it back would count as one more attempt at it.
class RequestDesk {
public:
    using Read = RequestBody (*)(std::string_view body, const std::string& message_id);

    RequestDesk(const AmqpUrl& url, std::string queue, Read read, Hall hall);
    ~RequestDesk() { is_closing_ = true; }

private:
    Result<void> handle(Connection& connection, const Delivery& delivery);
    Result<jobs::Verdict> judged(Connection& connection, const jobs::ForeignRequest& request);
    Result<void> refuse(const Delivery& delivery,
                        const std::string& reference,
                        const std::string& reason);

    const std::string queue_;
    const Read read_;
    const Hall hall_;
    std::atomic<bool> is_closing_ = false;
    Consumer consumer_;  ///< Last: its thread uses all of the above.
};

}  // namespace img::broker
