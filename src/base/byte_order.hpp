// Numbers in the byte orders of disks.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace img {

/// Writes `value` at `at`, its lowest byte first; the bytes are there already.
template <std::unsigned_integral T>
void put_le(std::string& bytes, std::size_t at, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        bytes.at(at + i) = static_cast<char>((value >> (8 * i)) & 0xff);
    }
}

/// The same, its highest byte first.
template <std::unsigned_integral T>
void put_be(std::string& bytes, std::size_t at, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        bytes.at(at + i) = static_cast<char>((value >> (8 * (sizeof(T) - 1 - i))) & 0xff);
    }
}

/// Reads what put_le() wrote; the bytes are there: std::out_of_range otherwise.
template <std::unsigned_integral T>
T get_le(std::string_view bytes, std::size_t at) {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        const auto byte = static_cast<unsigned char>(bytes.at(at + i));
        value = static_cast<T>(value | static_cast<T>(static_cast<T>(byte) << (8 * i)));
    }
    return value;
}

/// Reads what put_be() wrote.
template <std::unsigned_integral T>
T get_be(std::string_view bytes, std::size_t at) {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        const auto byte = static_cast<unsigned char>(bytes.at(at + i));
        value = static_cast<T>(value |
                               static_cast<T>(static_cast<T>(byte) << (8 * (sizeof(T) - 1 - i))));
    }
    return value;
}

}  // namespace img
