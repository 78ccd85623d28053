#include "broker/amqp_connection.hpp"

#include "base/printable.hpp"

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <array>
#include <fmt/format.h>

namespace img::broker {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr amqp_channel_t kChannel = 1;
constexpr int kFrameMax = 128 << 10;   // librabbitmq's and RabbitMQ's own
constexpr int kHeartbeatSeconds = 10;  // two that do not come mean that the other side is gone
constexpr milliseconds kConnectMax{3000};
constexpr milliseconds kAnswerMax{10'000};  // a broker that flushes its disk takes a while
// AMQP 0-9-1, section 1.2.
constexpr std::uint16_t kAccessRefused = 403, kNotFound = 404;
// Debian's ca-certificates; librabbitmq 0.11 trusts nobody of its own accord.
constexpr const char* kSystemAuthorities = "/etc/ssl/certs/ca-certificates.crt";

timeval to_timeval(milliseconds wait) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(wait);
    return {.tv_sec = seconds.count(),
            .tv_usec = std::chrono::microseconds(wait - seconds).count()};
}

/// The library takes what it only reads as something that it could write.
amqp_bytes_t bytes_of(const std::string& text) {
    return {.len = text.size(), .bytes = const_cast<char*>(text.data())};
}

amqp_bytes_t bytes_of(const char* text) {
    return amqp_cstring_bytes(text);
}

std::string text_of(amqp_bytes_t bytes) {
    return {static_cast<const char*>(bytes.bytes), bytes.len};
}

amqp_field_value_t value_of(const std::string& text) {
    amqp_field_value_t value{};
    value.kind = AMQP_FIELD_KIND_UTF8;
    value.value.bytes = bytes_of(text);
    return value;
}

amqp_field_value_t value_of(std::int64_t number) {
    amqp_field_value_t value{};
    value.kind = AMQP_FIELD_KIND_I64;
    value.value.i64 = number;
    return value;
}

amqp_field_value_t value_of(bool flag) {
    amqp_field_value_t value{};
    value.kind = AMQP_FIELD_KIND_BOOLEAN;
    value.value.boolean = flag ? 1 : 0;
    return value;
}

/// Names and values must outlive it.
class Table {
public:
    void add(const char* name, amqp_field_value_t value) {
        entries_.push_back({.key = bytes_of(name), .value = value});
    }
    amqp_table_t get() {
        return {.num_entries = static_cast<int>(entries_.size()), .entries = entries_.data()};
    }

private:
    std::vector<amqp_table_entry_t> entries_;
};

Result<void> trust(amqp_socket_t* socket, const AmqpUrl& url) {
    amqp_ssl_socket_set_verify_peer(socket, url.verifies_peer ? 1 : 0);
    amqp_ssl_socket_set_verify_hostname(socket, url.verifies_peer ? 1 : 0);
    const auto& authorities =
        url.authorities_file.empty() ? std::string(kSystemAuthorities) : url.authorities_file;
    if (url.verifies_peer &&
        amqp_ssl_socket_set_cacert(socket, authorities.c_str()) != AMQP_STATUS_OK) {
        return fail(Fault::invalid,
                    fmt::format("broker {}: no certificates of authorities in {}, give another "
                                "file as cacertfile=",
                                url.to_text(), authorities));
    }
    if (!url.certificate_file.empty() &&
        amqp_ssl_socket_set_key(socket, url.certificate_file.c_str(), url.key_file.c_str()) !=
            AMQP_STATUS_OK) {
        return fail(Fault::invalid,
                    fmt::format("broker {}: {} and {} are no certificate and its key",
                                url.to_text(), url.certificate_file, url.key_file));
    }
    return {};
}

bool is_distrust(int status) {
    return status == AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED ||
           status == AMQP_STATUS_SSL_PEER_VERIFY_FAILED;
}

/// What the broker gave as its reason to close a channel or a connection.
struct Closing {
    std::uint16_t code = 0;
    std::string text{};
};

Closing closing_of(amqp_method_number_t id, const void* decoded) {
    if (id == AMQP_CHANNEL_CLOSE_METHOD) {
        const auto* const closing = static_cast<const amqp_channel_close_t*>(decoded);
        return {.code = closing->reply_code, .text = printable(text_of(closing->reply_text))};
    }
    if (id == AMQP_CONNECTION_CLOSE_METHOD) {
        const auto* const closing = static_cast<const amqp_connection_close_t*>(decoded);
        return {.code = closing->reply_code, .text = printable(text_of(closing->reply_text))};
    }
    return {.code = 0, .text = fmt::format("it sent {}", amqp_method_name(id))};
}

void add_text(std::string& target,
              const amqp_basic_properties_t& properties,
              amqp_flags_t flag,
              amqp_bytes_t text) {
    if ((properties._flags & flag) != 0) {
        target = text_of(text);
    }
}

Delivery delivery_of(const amqp_envelope_t& envelope) {
    Delivery delivery;
    delivery.tag = envelope.delivery_tag;
    delivery.is_redelivered = envelope.redelivered != 0;
    delivery.body = text_of(envelope.message.body);
    const auto& properties = envelope.message.properties;
    add_text(delivery.message_id, properties, AMQP_BASIC_MESSAGE_ID_FLAG, properties.message_id);
    add_text(delivery.correlation_id, properties, AMQP_BASIC_CORRELATION_ID_FLAG,
             properties.correlation_id);
    add_text(delivery.reply_to, properties, AMQP_BASIC_REPLY_TO_FLAG, properties.reply_to);
    return delivery;
}

}  // namespace

void Connection::Close::operator()(amqp_connection_state_t_* state) const {
    amqp_destroy_connection(state);
}

Connection::Connection(const AmqpUrl& url)
    : state_(amqp_new_connection()), place_("broker " + url.to_text()) {}

Connection::~Connection() {
    if (state_ && !is_broken_) {
        const auto moment = to_timeval(milliseconds(500));  // a courtesy, worth no more
        amqp_set_rpc_timeout(state_.get(), &moment);
        amqp_connection_close(state_.get(), AMQP_REPLY_SUCCESS);
    }
}

Result<Connection> Connection::open(const AmqpUrl& url, const std::string& name) {
    Connection connection(url);
    TRY(connection.connect(url));
    TRY(connection.log_in(url, name));
    TRY(connection.open_channel());
    return connection;
}

Result<void> Connection::connect(const AmqpUrl& url) {
    auto* const socket =
        url.has_tls ? amqp_ssl_socket_new(state_.get()) : amqp_tcp_socket_new(state_.get());
    if (socket == nullptr) {
        return broken("there is no memory for a connection", AMQP_STATUS_NO_MEMORY);
    }
    if (url.has_tls) {
        const auto trusted = trust(socket, url);
        if (!trusted) {
            is_broken_ = true;
            return std::unexpected(trusted.error());
        }
    }
    const auto wait = to_timeval(kConnectMax);
    const auto status = amqp_socket_open_noblock(socket, url.host.c_str(), url.port, &wait);
    if (is_distrust(status)) {
        is_broken_ = true;
        return fail(Fault::invalid,
                    fmt::format("{}: its certificate is not to be trusted ({}); name the authority "
                                "that signed it as cacertfile=",
                                place_, amqp_error_string2(status)));
    }
    if (status != AMQP_STATUS_OK) {
        return broken("it cannot be reached, see that it runs and listens there", status);
    }
    return {};
}

Result<void> Connection::log_in(const AmqpUrl& url, const std::string& name) {
    const auto wait = to_timeval(kAnswerMax);
    amqp_set_handshake_timeout(state_.get(), &wait);
    amqp_set_rpc_timeout(state_.get(), &wait);
    Table abilities;
    for (const char* ability : {"publisher_confirms", "basic.nack", "consumer_cancel_notify",
                                "connection.blocked", "authentication_failure_close"}) {
        abilities.add(ability, value_of(true));
    }
    amqp_field_value_t able{};
    able.kind = AMQP_FIELD_KIND_TABLE;
    able.value.table = abilities.get();
    Table properties;
    properties.add("capabilities", able);
    properties.add("connection_name", value_of(name));
    const auto about_us = properties.get();
    const auto reply = amqp_login_with_properties(
        state_.get(), url.vhost.c_str(), 0, kFrameMax, kHeartbeatSeconds, &about_us,
        AMQP_SASL_METHOD_PLAIN, url.user.c_str(), url.password.c_str());
    if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION) {
        is_broken_ = true;
        const auto closing = closing_of(reply.reply.id, reply.reply.decoded);
        return fail(Fault::invalid,
                    fmt::format("{}: it does not let us in: {}; see user, password and vhost in "
                                "the URL, and `rabbitmqctl list_permissions`",
                                place_, closing.text));
    }
    return checked(reply, "log in");
}

Result<void> Connection::open_channel() {
    amqp_channel_open(state_.get(), kChannel);
    return checked(amqp_get_rpc_reply(state_.get()), "open a channel");
}

std::unexpected<Error> Connection::broken(const std::string& what, int library_error) {
    is_broken_ = true;
    return fail(Fault::transient,
                fmt::format("{}: {}: {}", place_, what, amqp_error_string2(library_error)));
}

Result<void> Connection::checked(const amqp_rpc_reply_t& reply, const std::string& what) {
    switch (reply.reply_type) {
        case AMQP_RESPONSE_NORMAL: return {};
        case AMQP_RESPONSE_LIBRARY_EXCEPTION: return broken(what, reply.library_error);
        case AMQP_RESPONSE_SERVER_EXCEPTION:
        case AMQP_RESPONSE_NONE: break;
    }
    is_broken_ = true;
    return fail(Fault::transient,
                fmt::format("{}: {}: {}", place_, what,
                            closing_of(reply.reply.id, reply.reply.decoded).text));
}

Result<Connection::Refusal> Connection::refusal_of(const amqp_rpc_reply_t& reply,
                                                   const char* what) {
    if (reply.reply_type != AMQP_RESPONSE_SERVER_EXCEPTION ||
        reply.reply.id != AMQP_CHANNEL_CLOSE_METHOD) {
        TRY(checked(reply, what));
        return Refusal();
    }
    auto [code, text] = closing_of(reply.reply.id, reply.reply.decoded);
    amqp_channel_close_ok_t heard{};
    if (const auto sent =
            amqp_send_method(state_.get(), kChannel, AMQP_CHANNEL_CLOSE_OK_METHOD, &heard);
        sent != AMQP_STATUS_OK) {
        return broken(what, sent);
    }
    TRY(open_channel());
    return Refusal{.code = code, .text = std::move(text)};
}

Result<Connection::Refusal> Connection::try_exchange(const Exchange& exchange, bool is_passive) {
    amqp_exchange_declare(state_.get(), kChannel, bytes_of(exchange.name), bytes_of(exchange.type),
                          is_passive ? 1 : 0, 1, 0, 0, amqp_empty_table);
    return refusal_of(amqp_get_rpc_reply(state_.get()), "declare an exchange");
}

Result<void> Connection::declare(const Exchange& exchange) {
    const auto refusal = TRY(try_exchange(exchange, false));
    if (refusal.code == 0 || TRY(try_exchange(exchange, true)).code == 0) {
        return {};
    }
    return fail(Fault::invalid,
                fmt::format("{}: exchange \"{}\" is not there and cannot be made: {}", place_,
                            exchange.name, refusal.text));
}

Result<Connection::Refusal> Connection::try_queue(const Queue& queue, bool is_passive) {
    Table arguments;
    const std::string quorum = "quorum";
    if (queue.wants_quorum) {
        arguments.add("x-queue-type", value_of(quorum));
    }
    for (const auto& [name, value] : queue.arguments) {
        std::visit([&](const auto& plain) { arguments.add(name.c_str(), value_of(plain)); }, value);
    }
    amqp_queue_declare(state_.get(), kChannel, bytes_of(queue.name), is_passive ? 1 : 0,
                       queue.is_durable ? 1 : 0, queue.is_exclusive ? 1 : 0,
                       queue.is_auto_delete ? 1 : 0, arguments.get());
    return refusal_of(amqp_get_rpc_reply(state_.get()), "declare a queue");
}

Result<void> Connection::declare(const Queue& queue) {
    auto refusal = TRY(try_queue(queue, false));
    if (refusal.code == 0 || TRY(try_queue(queue, true)).code == 0) {
        return {};
    }
    if (queue.wants_quorum && refusal.code != kAccessRefused) {
        auto classic = queue;
        classic.wants_quorum = false;
        refusal = TRY(try_queue(classic, false));
        if (refusal.code == 0) {
            return {};
        }
    }
    return fail(Fault::invalid,
                fmt::format("{}: queue \"{}\" is not there and cannot be made: {}; give the user "
                            "permission, rabbitmqctl set_permissions -p VHOST USER \".*\" \".*\" "
                            "\".*\"",
                            place_, queue.name, refusal.text));
}

Result<void> Connection::bind(const std::string& queue,
                              const std::string& exchange,
                              const std::string& key) {
    amqp_queue_bind(state_.get(), kChannel, bytes_of(queue), bytes_of(exchange), bytes_of(key),
                    amqp_empty_table);
    const auto refusal = TRY(refusal_of(amqp_get_rpc_reply(state_.get()), "bind a queue"));
    if (refusal.code != 0 && refusal.code != kAccessRefused) {
        return fail(Fault::invalid, fmt::format("{}: queue \"{}\" cannot be bound to \"{}\": {}",
                                                place_, queue, exchange, refusal.text));
    }
    return {};  // where binding is forbidden, whoever made the queue has bound it
}

Result<void> Connection::remove_queue(const std::string& queue) {
    amqp_queue_delete(state_.get(), kChannel, bytes_of(queue), 0, 0);
    const auto refusal = TRY(refusal_of(amqp_get_rpc_reply(state_.get()), "delete a queue"));
    if (refusal.code != 0 && refusal.code != kNotFound) {
        return fail(Fault::invalid, fmt::format("{}: queue \"{}\" cannot be deleted: {}", place_,
                                                queue, refusal.text));
    }
    return {};
}

Result<void> Connection::ask_for_confirms() {
    published_ = 0;
    is_confirmed_ = true;
    amqp_confirm_select(state_.get(), kChannel);
    return checked(amqp_get_rpc_reply(state_.get()), "ask for confirms");
}

Result<void> Connection::publish(const Letter& letter) {
    amqp_maybe_release_buffers(state_.get());
    returned_.clear();
    amqp_basic_properties_t properties{};
    properties._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG;
    properties.content_type = bytes_of("application/json");
    properties.delivery_mode =
        letter.is_persistent ? AMQP_DELIVERY_PERSISTENT : AMQP_DELIVERY_NONPERSISTENT;
    const auto add = [&properties](const std::string& text, amqp_flags_t flag,
                                   amqp_bytes_t& field) {
        if (!text.empty()) {
            properties._flags |= flag;
            field = bytes_of(text);
        }
    };
    add(letter.message_id, AMQP_BASIC_MESSAGE_ID_FLAG, properties.message_id);
    add(letter.correlation_id, AMQP_BASIC_CORRELATION_ID_FLAG, properties.correlation_id);
    add(letter.reply_to, AMQP_BASIC_REPLY_TO_FLAG, properties.reply_to);
    const auto lifetime =
        letter.lifetime.count() > 0 ? std::to_string(letter.lifetime.count()) : std::string();
    add(lifetime, AMQP_BASIC_EXPIRATION_FLAG, properties.expiration);
    Table headers;
    for (const auto& [name, value] : letter.headers) {
        headers.add(name.c_str(), value_of(value));
    }
    if (!letter.headers.empty()) {
        properties._flags |= AMQP_BASIC_HEADERS_FLAG;
        properties.headers = headers.get();
    }
    const auto status =
        amqp_basic_publish(state_.get(), kChannel, bytes_of(letter.exchange), bytes_of(letter.key),
                           letter.is_mandatory ? 1 : 0, 0, &properties, bytes_of(letter.body));
    if (status != AMQP_STATUS_OK) {
        return broken("send a message", status);
    }
    ++published_;
    return is_confirmed_ ? wait_for_confirm() : Result<void>();
}

Result<void> Connection::wait_for_confirm() {
    const auto end = Clock::now() + kAnswerMax;
    for (;;) {
        const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now());
        const auto wait = to_timeval(std::max(left, milliseconds(0)));
        amqp_frame_t frame;
        const auto status = amqp_simple_wait_frame_noblock(state_.get(), &frame, &wait);
        if (status != AMQP_STATUS_OK) {
            return broken(blocked_.empty() ? "wait for it to confirm a message"
                                           : "it takes nothing at the moment: " + blocked_,
                          status);
        }
        if (frame.frame_type != AMQP_FRAME_METHOD) {
            continue;
        }
        const auto& method = frame.payload.method;
        if (method.id == AMQP_BASIC_ACK_METHOD) {
            const auto* const ack = static_cast<const amqp_basic_ack_t*>(method.decoded);
            if (ack->delivery_tag >= published_) {
                return unless_returned();
            }
        } else if (method.id == AMQP_BASIC_NACK_METHOD) {
            return fail(Fault::exhausted, fmt::format("{}: the queue is full, try again", place_));
        } else {
            TRY(heed(method.id, method.decoded));
        }
    }
}

Result<void> Connection::unless_returned() {
    if (returned_.empty()) {
        return {};
    }
    return fail(Fault::missing,
                fmt::format("{}: nobody is there to take a message: {}", place_, returned_));
}

Result<void> Connection::heed(unsigned method, void* decoded) {
    if (method == AMQP_BASIC_RETURN_METHOD) {
        returned_ = TRY(returned_letter(decoded));
        return {};
    }
    if (method == AMQP_CONNECTION_BLOCKED_METHOD) {
        blocked_ =
            printable(text_of(static_cast<const amqp_connection_blocked_t*>(decoded)->reason));
        return {};
    }
    if (method == AMQP_CONNECTION_UNBLOCKED_METHOD) {
        blocked_.clear();
        return {};
    }
    if (method == AMQP_BASIC_ACK_METHOD || method == AMQP_BASIC_NACK_METHOD) {
        return {};
    }
    is_broken_ = true;
    if (method == AMQP_BASIC_CANCEL_METHOD) {
        return fail(Fault::transient, place_ + ": the queue that was listened to has been deleted");
    }
    const auto closing = closing_of(method, decoded);
    return fail(closing.code == kNotFound ? Fault::missing : Fault::transient,
                fmt::format("{}: it ends the connection: {}", place_, closing.text));
}

Result<std::string> Connection::returned_letter(void* decoded) {
    auto reason = printable(text_of(static_cast<const amqp_basic_return_t*>(decoded)->reply_text));
    amqp_message_t message;
    TRY(checked(amqp_read_message(state_.get(), kChannel, &message, 0), "read what came back"));
    amqp_destroy_message(&message);
    return reason;
}

Result<void> Connection::consume(const std::string& queue, std::uint16_t unacknowledged_max) {
    amqp_basic_qos(state_.get(), kChannel, 0, unacknowledged_max, 0);
    TRY(checked(amqp_get_rpc_reply(state_.get()), "say how much to send at a time"));
    amqp_basic_consume(state_.get(), kChannel, bytes_of(queue), amqp_empty_bytes, 0, 0, 0,
                       amqp_empty_table);
    return checked(amqp_get_rpc_reply(state_.get()), "listen to " + queue);
}

Result<void> Connection::consume_replies() {
    amqp_basic_consume(state_.get(), kChannel, bytes_of(kReplyQueue), amqp_empty_bytes, 0, 1, 0,
                       amqp_empty_table);
    return checked(amqp_get_rpc_reply(state_.get()), "listen to replies");
}

Result<std::optional<Delivery>> Connection::next(milliseconds wait) {
    amqp_maybe_release_buffers(state_.get());
    const auto time = to_timeval(wait);
    amqp_envelope_t envelope;
    const auto reply = amqp_consume_message(state_.get(), &envelope, &time, 0);
    if (reply.reply_type == AMQP_RESPONSE_NORMAL) {
        std::optional delivery(delivery_of(envelope));
        amqp_destroy_envelope(&envelope);
        return delivery;
    }
    if (reply.library_error == AMQP_STATUS_TIMEOUT) {
        return std::nullopt;
    }
    if (reply.library_error != AMQP_STATUS_UNEXPECTED_STATE) {
        TRY(checked(reply, "wait for messages"));
        return std::nullopt;
    }
    TRY(stay_alive());  // something that is no message stands in front
    TRY(unless_returned());
    return std::nullopt;
}

Result<void> Connection::acknowledge(std::uint64_t tag) {
    const auto status = amqp_basic_ack(state_.get(), kChannel, tag, 0);
    return status == AMQP_STATUS_OK ? Result<void>() : broken("acknowledge a message", status);
}

Result<void> Connection::refuse(std::uint64_t tag) {
    const auto status = amqp_basic_reject(state_.get(), kChannel, tag, 0);
    return status == AMQP_STATUS_OK ? Result<void>() : broken("refuse a message", status);
}

Result<void> Connection::stay_alive() {
    amqp_maybe_release_buffers(state_.get());
    const timeval now{};
    amqp_frame_t frame;
    const auto status = amqp_simple_wait_frame_noblock(state_.get(), &frame, &now);
    if (status == AMQP_STATUS_TIMEOUT) {
        return {};
    }
    if (status != AMQP_STATUS_OK) {
        return broken("keep the connection", status);
    }
    return frame.frame_type == AMQP_FRAME_METHOD
               ? heed(frame.payload.method.id, frame.payload.method.decoded)
               : Result<void>();
}

}  // namespace img::broker
