// Sizes in bytes: the units, and their form for people.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace img {

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;
constexpr std::uint64_t kGiB = 1024 * kMiB;

/// The next multiple of `unit`, or `value` where it is one. `unit` is not 0.
constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
    return (value + unit - 1) / unit * unit;
}

/// "512 B", "3.4 MiB": one decimal above bytes, for messages and pages.
std::string human_size(std::uint64_t bytes);

/// "8G", "512M", "4096" (bytes), in powers of 1024; letters K M G T in either case, "iB" allowed.
/// Fault::invalid: anything else, or more than 2^63 bytes.
Result<std::uint64_t> parse_size(std::string_view text);

}  // namespace img
