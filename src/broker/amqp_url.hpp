// Where a broker is and who we are there, from one URL.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace img::broker {

/// amqp://user:password@host:port/vhost, as RabbitMQ's URI specification has it: what is left out
/// is guest:guest@localhost, port 5672 (amqps: 5671), vhost "/". User, password and vhost may be
/// percent-encoded. Of the query parameters of that specification these are known:
/// cacertfile=FILE (whom to trust instead of the system's authorities), certfile=FILE and
/// keyfile=FILE (who we are), verify=verify_none (trust anybody, for tests).
struct AmqpUrl {
    std::string host = "localhost";
    std::uint16_t port = 5672;
    std::string user = "guest";
    std::string password = "guest";
    std::string vhost = "/";
    bool has_tls = false;
    bool verifies_peer = true;
    std::string authorities_file{};
    std::string certificate_file{};
    std::string key_file{};

    /// Without the password, for messages and logs.
    std::string to_text() const;
};

bool is_amqp_url(std::string_view text);

/// Fault::invalid: not such a URL, or a parameter that is not known.
Result<AmqpUrl> parse_amqp_url(std::string_view text);

}  // namespace img::broker
