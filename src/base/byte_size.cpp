#include "base/byte_size.hpp"

#include <array>
#include <charconv>
#include <fmt/format.h>
#include <limits>

namespace img {

std::string human_size(std::uint64_t bytes) {
    constexpr std::array kUnits{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < kKiB) {
        return fmt::format("{} B", bytes);
    }
    double value = static_cast<double>(bytes) / static_cast<double>(kKiB);
    std::size_t unit = 0;
    while (value >= 1024.0 && unit + 1 < kUnits.size()) {
        value /= 1024.0;
        ++unit;
    }
    return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

Result<std::uint64_t> parse_size(std::string_view text) {
    constexpr std::string_view kLetters = "KMGT";
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    const auto wrong = [&] {
        return fail(Fault::invalid,
                    fmt::format("'{}' is not a size: write a number with K, M, G or T", text));
    };
    if (error != std::errc{}) {
        return wrong();
    }
    if (unit.ends_with("iB")) {
        unit.remove_suffix(2);
    }
    unsigned shift = 0;
    if (!unit.empty()) {
        const char upper = static_cast<char>(unit.front() & ~0x20);
        const auto place = kLetters.find(upper);
        if (unit.size() != 1 || place == std::string_view::npos) {
            return wrong();
        }
        shift = static_cast<unsigned>(10 * (place + 1));
    }
    if (number > (static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) >> shift)) {
        return wrong();
    }
    return number << shift;
}

}  // namespace img
