// Numbers in the byte order of disks.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>

namespace img::image {

/// Writes `value` at `at`, its lowest byte first; the bytes are there already.
template <std::unsigned_integral T>
void put_le(std::string& bytes, std::size_t at, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        bytes.at(at + i) = static_cast<char>((value >> (8 * i)) & 0xff);
    }
}

}  // namespace img::image
