// UUIDs: derived from a name where two builds must agree, drawn at random where two must not.
#pragma once

#include "base/result.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace img {

/// Sixteen bytes in the order in which they are written as text (RFC 9562, section 4).
struct Uuid {
    std::array<std::uint8_t, 16> bytes{};

    bool operator==(const Uuid&) const = default;
    /// "6b29fc40-ca47-1067-b31d-00dd010662da", lower case.
    std::string text() const;
};

/// "6b29fc40-ca47-1067-b31d-00dd010662da" in either case. Fault::invalid: anything else.
Result<Uuid> parse_uuid(std::string_view text);

/// Version 8 (RFC 9562, section 5.8) from the SHA-256 of `seed`: the same seed, the same UUID.
Uuid uuid_from(std::string_view seed);

/// Version 4, from the kernel's random numbers.
Uuid random_uuid();

}  // namespace img
