#include "broker/request_desk.hpp"

#include "base/printable.hpp"
#include "broker/amqp_topology.hpp"

#include <chrono>
#include <thread>
#include <utility>

namespace img::broker {
namespace {

using jobs::Verdict;

constexpr std::size_t kExcerptMax = 500;
constexpr std::size_t kReasonMax = 4 << 10;
constexpr std::chrono::hours kResultsLife{168};  // where a foreign queue has no bound of its own
constexpr std::chrono::milliseconds kPause{100};

/// What was refused, for whoever looks through the dead letters.
Letter dead_letter(const Delivery& delivery, const std::string& queue, const std::string& reason) {
    return {.exchange = topology::kDead,
            .key = queue,
            .body = delivery.body,
            .message_id = delivery.message_id,
            .headers = {{"x-img-queue", queue}, {"x-img-reason", reason}},
            .is_mandatory = false};
}

}  // namespace

Result<void> declare_desk(Connection& connection) {
    // Strangers can be served without a place for dead letters; the operator is told of each.
    const auto declared = topology::declare_dead_letters(connection);
    if (!declared && declared.error().fault != Fault::invalid) {
        return declared;
    }
    return topology::declare_front_door(connection);
}

Result<void> send_answers(Publisher& publisher, const std::vector<Answer>& answers) {
    for (const auto& [key, body] : answers) {
        TRY(publisher.send({.exchange = topology::kResults,
                            .key = key,
                            .body = body,
                            .lifetime = kResultsLife,
                            .is_mandatory = false}));
    }
    return {};
}

RequestDesk::RequestDesk(const AmqpUrl& url, std::string queue, Read read, Hall hall)
    : queue_(std::move(queue)),
      read_(read),
      hall_(std::move(hall)),
      consumer_(
          url,
          {.name = "requests of " + queue_,
           .prepare = [this](Connection& connection) -> Result<std::string> {
               TRY(declare_desk(connection));
               return queue_;
           },
           .unacknowledged_max = 1,
           .handle = [this](Connection& connection,
                            const Delivery& delivery) { return handle(connection, delivery); }}) {}

Result<void> RequestDesk::handle(Connection& connection, const Delivery& delivery) {
    const auto body = read_(delivery.body, delivery.message_id);
    auto verdict = body.request ? TRY(judged(connection, *body.request))
                                : Verdict{.kind = Verdict::Kind::refused,
                                          .reason = body.request.error().message};
    if (verdict.kind == Verdict::Kind::refused) {
        TRY(refuse(delivery, body.reference, printable(verdict.reason)));
    }
    return connection.acknowledge(delivery.tag);
}

/// Asks again until there is a verdict for good; Fault::transient: the desk closes before.
Result<Verdict> RequestDesk::judged(Connection& connection, const jobs::ForeignRequest& request) {
    BackOff back_off;
    for (;;) {
        auto verdict = hall_.judge(request);
        if (verdict.kind != Verdict::Kind::later) {
            return verdict;
        }
        const auto end = std::chrono::steady_clock::now() + back_off.next();
        while (std::chrono::steady_clock::now() < end) {
            if (is_closing_) {
                return fail(Fault::transient, "the desk closes: " + verdict.reason);
            }
            TRY(connection.stay_alive());
            std::this_thread::sleep_for(kPause);
        }
    }
}

/// First the sender and the dead letters, which may fail and are then done again; then the
/// operator.
Result<void> RequestDesk::refuse(const Delivery& delivery,
                                 const std::string& reference,
                                 const std::string& reason) {
    const auto said = reason.substr(0, kReasonMax);
    TRY(send_answers(*hall_.publisher, refusals(reference, said, hall_.public_url)));
    const auto kept = hall_.publisher->send(dead_letter(delivery, queue_, said));
    if (!kept && kept.error().fault != Fault::missing) {
        return kept;
    }
    hall_.refused({.at = std::chrono::time_point_cast<std::chrono::milliseconds>(
                       std::chrono::system_clock::now()),
                   .queue = queue_,
                   .reference = reference,
                   .reason = said,
                   .excerpt = printable(delivery.body.substr(0, kExcerptMax))});
    return {};
}

}  // namespace img::broker
