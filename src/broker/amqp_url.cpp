#include "broker/amqp_url.hpp"

#include "base/printable.hpp"
#include "base/text.hpp"

#include <charconv>
#include <fmt/format.h>
#include <utility>

namespace img::broker {
namespace {

constexpr std::uint16_t kPlainPort = 5672, kTlsPort = 5671;  // IANA: amqp, amqps

Result<std::string> decoded(std::string_view text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            plain += text[at];
            continue;
        }
        unsigned char byte = 0;
        const auto digits = text.substr(at + 1, 2);
        const auto* const end = digits.data() + digits.size();
        if (digits.size() < 2 || std::from_chars(digits.data(), end, byte, 16).ptr != end ||
            byte == 0) {
            return fail(Fault::invalid,
                        "broker: two hexadecimal digits, not 00, belong behind a \"%\"");
        }
        plain += static_cast<char>(byte);
        at += 2;
    }
    return plain;
}

/// The parts of a text before and behind a separator; the second is empty where there is none.
std::pair<std::string_view, std::string_view> parted(std::string_view text, char separator) {
    const auto at = text.find(separator);
    return at == text.npos ? std::pair(text, std::string_view())
                           : std::pair(text.substr(0, at), text.substr(at + 1));
}

Result<void> read_user(std::string_view text, AmqpUrl& url) {
    const auto [user, password] = parted(text, ':');
    url.user = TRY(decoded(user));
    url.password = TRY(decoded(password));
    return {};
}

Result<void> read_place(std::string_view text, AmqpUrl& url) {
    const bool is_bracketed = text.starts_with('[');  // IPv6
    const auto host_end = is_bracketed ? text.find(']') : text.find(':');
    if (is_bracketed && host_end == text.npos) {
        return fail(Fault::invalid, "broker: a \"]\" is missing behind the host's address");
    }
    const auto host = is_bracketed ? text.substr(1, host_end - 1) : text.substr(0, host_end);
    const auto rest = text.substr(std::min(text.size(), host_end + (is_bracketed ? 1 : 0)));
    if (!host.empty()) {
        url.host = TRY(decoded(host));
    }
    if (rest.empty()) {
        return {};
    }
    const auto port = rest.substr(1);
    const auto* const end = port.data() + port.size();
    const auto read = std::from_chars(port.data(), end, url.port);
    if (!rest.starts_with(':') || read.ec != std::errc() || read.ptr != end || url.port == 0) {
        return fail(Fault::invalid,
                    fmt::format("broker: \"{}\" is no port", printable(rest.substr(0, 40))));
    }
    return {};
}

Result<void> read_parameter(std::string_view text, AmqpUrl& url) {
    const auto [key, encoded] = parted(text, '=');
    auto value = TRY(decoded(encoded));
    if (key == "cacertfile") {
        url.authorities_file = std::move(value);
    } else if (key == "certfile") {
        url.certificate_file = std::move(value);
    } else if (key == "keyfile") {
        url.key_file = std::move(value);
    } else if (key == "verify" && (value == "verify_none" || value == "verify_peer")) {
        url.verifies_peer = value == "verify_peer";
    } else {
        return fail(Fault::invalid,
                    fmt::format("broker: \"{}\" is not known; there are cacertfile=, certfile=, "
                                "keyfile=, verify=verify_peer and verify=verify_none",
                                printable(text.substr(0, 100))));
    }
    return {};
}

}  // namespace

std::string AmqpUrl::to_text() const {
    return fmt::format("{}://{}@{}:{}/{}", has_tls ? "amqps" : "amqp", printable(user),
                       printable(host), port, vhost == "/" ? "" : printable(vhost));
}

bool is_amqp_url(std::string_view text) {
    return text.starts_with("amqp://") || text.starts_with("amqps://");
}

Result<AmqpUrl> parse_amqp_url(std::string_view text) {
    if (!is_amqp_url(text)) {
        return fail(Fault::invalid, "broker: give amqp://user:password@host:port/vhost");
    }
    AmqpUrl url;
    url.has_tls = text.starts_with("amqps");
    url.port = url.has_tls ? kTlsPort : kPlainPort;
    const auto [address, query] = parted(text.substr(text.find("://") + 3), '?');
    const auto slash = address.find('/');
    const auto authority = address.substr(0, slash);
    const auto at = authority.rfind('@');
    if (at != authority.npos) {
        TRY(read_user(authority.substr(0, at), url));
    }
    TRY(read_place(at == authority.npos ? authority : authority.substr(at + 1), url));
    if (slash != address.npos && slash + 1 < address.size()) {
        url.vhost = TRY(decoded(address.substr(slash + 1)));
    }
    for (const auto& parameter : split(query, "&")) {
        TRY(read_parameter(parameter, url));
    }
    return url;
}

}  // namespace img::broker
