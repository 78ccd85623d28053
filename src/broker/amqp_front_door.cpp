#include "broker/amqp_front_door.hpp"

#include "broker/amqp_topology.hpp"
#include "broker/request_desk.hpp"

#include <utility>

namespace img::broker {
namespace {

using jobs::StatusNotice;

constexpr std::uint16_t kInquiriesAhead = 20;
constexpr std::chrono::milliseconds kReplyLife = std::chrono::seconds(30);

using Inquire = std::function<Result<std::optional<StatusNotice>>(const std::string&)>;

/// What whoever asks is told; nothing while the store is away, so that he asks again.
std::optional<OriginalStatus> answer_to(const std::string& reference,
                                        const Inquire& inquire,
                                        const PublicUrl& url) {
    const auto notice = inquire(reference);
    if (!notice) {
        return std::nullopt;
    }
    return *notice ? status_of((*notice)->job, reference, url)
                   : OriginalStatus{.id = reference, .error = "no job is known by this id"};
}

struct Desks {
    Desks(const AmqpUrl& url, const Hall& hall)
        : kickstarts(url, topology::kKickstartQueue, kickstart_request_from, hall),
          configurations(url, topology::kConfigurationQueue, configuration_request_from, hall) {}

    RequestDesk kickstarts, configurations;
};

}  // namespace

AmqpFrontDoor::AmqpFrontDoor(const AmqpUrl& url, PublicUrl public_url)
    : url_(url),
      public_url_(std::move(public_url)),
      publisher_(std::make_shared<Publisher>(url, "statuses", declare_desk)) {}

Result<void> AmqpFrontDoor::reach() {
    return publisher_->with_connection([](Connection&) { return Result<void>(); });
}

jobs::FrontDoor::Token AmqpFrontDoor::on_request(
    std::function<jobs::Verdict(const jobs::ForeignRequest&)> handler,
    std::function<void(const jobs::RefusedMessage&)> refused) {
    const Hall hall{.public_url = public_url_,
                    .publisher = publisher_,
                    .judge = std::move(handler),
                    .refused = std::move(refused)};
    return std::make_shared<Desks>(url_, hall);
}

jobs::FrontDoor::Token AmqpFrontDoor::on_inquiry(Inquire handler) {
    return std::make_shared<Consumer>(
        url_,
        Listening{
            .name = "inquiries",
            .prepare = [](Connection& connection) -> Result<std::string> {
                TRY(topology::declare_inquiries(connection));
                return topology::kInquiries;
            },
            .unacknowledged_max = kInquiriesAhead,
            .handle = [publisher = publisher_, url = public_url_, inquire = std::move(handler)](
                          Connection& connection, const Delivery& delivery) -> Result<void> {
                const auto question = original_status_from(delivery.body);
                const auto answer = question && !delivery.reply_to.empty()
                                        ? answer_to(question->id, inquire, url)
                                        : std::nullopt;
                if (answer) {
                    // Whoever has gone away since has no queue any more, which harms nobody.
                    (void)publisher->send({.key = delivery.reply_to,
                                           .body = to_json(*answer),
                                           .correlation_id = delivery.correlation_id,
                                           .lifetime = kReplyLife,
                                           .is_persistent = false,
                                           .is_mandatory = false});
                }
                return connection.acknowledge(delivery.tag);
            }});
}

Result<void> AmqpFrontDoor::send(const StatusNotice& notice) {
    auto references = notice.references;
    if (references.empty()) {
        references.push_back(notice.job.id);
    }
    for (const auto& reference : references) {
        TRY(send_answers(*publisher_, answers_to(notice.job, reference, public_url_)));
    }
    return {};
}

}  // namespace img::broker
