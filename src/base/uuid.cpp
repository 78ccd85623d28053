#include "base/uuid.hpp"

#include "base/digest.hpp"

#include <charconv>
#include <fmt/format.h>
#include <random>

namespace img {
namespace {

void mark(Uuid& uuid, std::uint8_t version) {
    uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0f) | (version << 4));
    uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3f) | 0x80);  // RFC 9562 variant
}

}  // namespace

std::string Uuid::text() const {
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            out += '-';
        }
        out += fmt::format("{:02x}", bytes[i]);
    }
    return out;
}

Result<Uuid> parse_uuid(std::string_view text) {
    Uuid uuid;
    std::size_t at = 0;
    bool right = text.size() == 36;
    for (std::size_t i = 0; right && i < uuid.bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            right = text[at++] == '-';
        }
        const char* const first = text.data() + at;
        right = right && std::from_chars(first, first + 2, uuid.bytes[i], 16).ptr == first + 2;
        at += 2;
    }
    if (!right) {
        return fail(Fault::invalid, fmt::format("'{}' is not a UUID", text));
    }
    return uuid;
}

Uuid uuid_from(std::string_view seed) {
    const std::string hex = sha256_hex(seed);
    Uuid uuid;
    for (std::size_t i = 0; i < uuid.bytes.size(); ++i) {
        uuid.bytes[i] = static_cast<std::uint8_t>(std::stoul(hex.substr(2 * i, 2), nullptr, 16));
    }
    mark(uuid, 8);
    return uuid;
}

Uuid random_uuid() {
    std::random_device device;
    Uuid uuid;
    for (auto& byte : uuid.bytes) {
        byte = static_cast<std::uint8_t>(device());
    }
    mark(uuid, 4);
    return uuid;
}

}  // namespace img
