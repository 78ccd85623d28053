#include "broker/visitor.hpp"

#include "broker/amqp_publisher.hpp"
#include "broker/amqp_topology.hpp"
#include "broker/request_desk.hpp"
#include "jobs/job.hpp"

#include <fmt/format.h>
#include <utility>

namespace img::broker {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

Visitor::Visitor(AmqpUrl url)
    : url_(std::make_unique<AmqpUrl>(std::move(url))),
      publisher_(std::make_unique<Publisher>(*url_, "visitor", declare_desk)) {}

Visitor::Visitor(Visitor&&) noexcept = default;
Visitor& Visitor::operator=(Visitor&&) noexcept = default;
Visitor::~Visitor() = default;

Result<Visitor> Visitor::come_to(const std::string& url) {
    Visitor visitor(TRY(parse_amqp_url(url)));
    TRY(visitor.publisher_->with_connection([](Connection&) { return Result<void>(); }));
    return visitor;
}

Result<void> Visitor::send(const jobs::ForeignRequest& request) {
    const auto& key =
        request.configuration.empty() ? topology::kKickstartKey : topology::kConfigurationKey;
    return publisher_->send({.exchange = topology::kRequests,
                             .key = key,
                             .body = to_original(request),
                             .message_id = request.request.reference});
}

Result<OriginalStatus> Visitor::ask(const std::string& reference, milliseconds wait) {
    // The reply comes to the channel that asked, which therefore is one of its own.
    auto connection = TRY(Connection::open(*url_, "inquiry"));
    TRY(connection.consume_replies());
    const auto question = jobs::new_job_id();
    TRY(connection.publish({.key = topology::kInquiries,
                            .body = to_json(OriginalStatus{.id = reference}),
                            .correlation_id = question,
                            .reply_to = kReplyQueue,
                            .lifetime = wait,
                            .is_persistent = false}));
    const auto end = Clock::now() + wait;
    for (auto left = wait; left.count() > 0;
         left = std::chrono::duration_cast<milliseconds>(end - Clock::now())) {
        const auto reply = connection.next(left);
        if (!reply && reply.error().fault == Fault::missing) {
            return fail(Fault::transient, "no service listens at the broker, try again later");
        }
        if (!reply) {
            return std::unexpected(reply.error());
        }
        if (*reply && (*reply)->correlation_id == question) {
            return original_status_from((*reply)->body);
        }
    }
    return fail(Fault::transient,
                fmt::format("no service answered within {} s, try again later",
                            std::chrono::ceil<std::chrono::seconds>(wait).count()));
}

}  // namespace img::broker
