#include "base/crc32.hpp"

#include <array>

namespace img {
namespace {

using Table = std::array<std::uint32_t, 256>;

constexpr Table table_of(std::uint32_t polynomial) {
    Table table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) {
            value = (value >> 1) ^ ((value & 1) != 0 ? polynomial : 0U);
        }
        table[i] = value;
    }
    return table;
}

std::uint32_t crc(const Table& table, std::string_view bytes, std::uint32_t before) {
    std::uint32_t value = ~before;
    for (const char byte : bytes) {
        value = table[(value ^ static_cast<unsigned char>(byte)) & 0xff] ^ (value >> 8);
    }
    return ~value;
}

}  // namespace

std::uint32_t crc32(std::string_view bytes, std::uint32_t before) {
    static constexpr Table kTable = table_of(0xedb88320);
    return crc(kTable, bytes, before);
}

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
    static constexpr Table kTable = table_of(0x82f63b78);
    return crc(kTable, bytes, before);
}

}  // namespace img
