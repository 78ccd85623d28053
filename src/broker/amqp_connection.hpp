// One connection to a broker, with one channel on it, and the few things that are said there.
#pragma once

#include "base/result.hpp"
#include "broker/amqp_url.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

struct amqp_connection_state_t_;
struct amqp_rpc_reply_t_;

namespace img::broker {

/// A message on its way out.
struct Letter {
    std::string exchange{};
    std::string key{};
    std::string body{};
    std::string message_id{};
    std::string correlation_id{};
    std::string reply_to{};
    /// Headers, for people and for tools that look into queues.
    std::vector<std::pair<std::string, std::string>> headers{};
    std::chrono::milliseconds lifetime{};  ///< In a queue; 0: as the queue has it.
    bool is_persistent = true;
    bool is_mandatory = true;  ///< Fault::missing where no queue takes it.
};

/// A message that came.
struct Delivery {
    std::uint64_t tag = 0;  ///< What an acknowledgement names.
    std::string body{};
    std::string message_id{};
    std::string correlation_id{};
    std::string reply_to{};
    bool is_redelivered = false;
};

struct Exchange {
    std::string name{};
    std::string type = "direct";
};

struct Queue {
    using Argument = std::pair<std::string, std::variant<std::string, std::int64_t, bool>>;

    std::string name{};
    bool is_durable = true;
    bool is_exclusive = false;  ///< This connection's alone, gone with it.
    bool is_auto_delete = false;
    bool wants_quorum = false;  ///< A classic one where the broker has no others.
    std::vector<Argument> arguments{};
};

/// One thread at a time. Once it is_broken() it is of no more use: open another one. Every call
/// ends in time: within 10 s, or with the heartbeats.
class Connection {
public:
    /// Fault::transient: nobody answers there. Fault::invalid: the broker does not know us, or we
    /// do not trust it; the sentence says which. `name` is what the broker's own tools show.
    static Result<Connection> open(const AmqpUrl& url, const std::string& name);

    Connection(Connection&&) noexcept = default;
    Connection& operator=(Connection&&) noexcept = default;
    ~Connection();

    bool is_broken() const { return is_broken_; }

    /// Makes them where they are missing. What is there already in another form is used as it is,
    /// also where making is forbidden: a broker may have been set up by the original, whose
    /// documented permissions let nobody declare anything. Fault::invalid: forbidden, and not
    /// there.
    Result<void> declare(const Exchange& exchange);
    Result<void> declare(const Queue& queue);
    Result<void> bind(const std::string& queue,
                      const std::string& exchange,
                      const std::string& key);
    /// With what is in it; no failure if there is none.
    Result<void> remove_queue(const std::string& queue);

    /// From now on publish() waits until the broker has the letter, on its disk if persistent.
    Result<void> ask_for_confirms();
    /// Without that, next() is where a letter comes back that nobody takes.
    /// Fault::missing: no queue takes it, or there is no such exchange. Fault::exhausted: the queue
    /// that should is full. Fault::transient: it may be there or not.
    Result<void> publish(const Letter& letter);

    /// At most so many messages at a time that are not acknowledged.
    Result<void> consume(const std::string& queue, std::uint16_t unacknowledged_max);
    /// The answers to letters with reply_to kReplyQueue (RabbitMQ's "direct reply-to").
    Result<void> consume_replies();
    /// Nothing: none came within `wait`, or something else did.
    Result<std::optional<Delivery>> next(std::chrono::milliseconds wait);
    Result<void> acknowledge(std::uint64_t tag);
    /// To the dead letters, if the queue has any.
    Result<void> refuse(std::uint64_t tag);

    /// Reads and sends heartbeats; for one that publishes seldom.
    Result<void> stay_alive();

private:
    struct Close {
        void operator()(amqp_connection_state_t_* state) const;
    };

    explicit Connection(const AmqpUrl& url);

    Result<void> connect(const AmqpUrl& url);
    Result<void> log_in(const AmqpUrl& url, const std::string& name);
    Result<void> open_channel();
    /// Whether a declaration went through; what the broker answered otherwise.
    struct Refusal {
        std::uint16_t code = 0;  ///< AMQP's, 404 and the like; 0: it was none.
        std::string text{};
    };
    Result<Refusal> try_exchange(const Exchange& exchange, bool is_passive);
    Result<Refusal> try_queue(const Queue& queue, bool is_passive);
    Result<Refusal> refusal_of(const amqp_rpc_reply_t_& reply, const char* what);
    /// Fault::transient: what the library or the broker said ended the connection or the channel.
    Result<void> checked(const amqp_rpc_reply_t_& reply, const std::string& what);
    std::unexpected<Error> broken(const std::string& what, int library_error);
    Result<void> wait_for_confirm();
    Result<void> unless_returned();
    /// Something other than a message or a confirmation came.
    Result<void> heed(unsigned method, void* decoded);
    Result<std::string> returned_letter(void* decoded);

    std::unique_ptr<amqp_connection_state_t_, Close> state_;
    std::string place_;            ///< For messages.
    std::string returned_{};       ///< Why the last letter came back.
    std::string blocked_{};        ///< Why the broker takes nothing at the moment.
    std::uint64_t published_ = 0;  ///< Letters on this channel.
    bool is_confirmed_ = false;
    bool is_broken_ = false;
};

inline constexpr const char* kReplyQueue = "amq.rabbitmq.reply-to";

}  // namespace img::broker
