#include "base/byte_fields.hpp"

namespace img {

std::string text_at(std::string_view bytes, std::size_t at, std::size_t size) {
    auto field = bytes.substr(at, size);
    field = field.substr(0, field.find('\0'));
    const auto last = field.find_last_not_of(' ');
    return std::string(field.substr(0, last == std::string_view::npos ? 0 : last + 1));
}

Uuid uuid_at(std::string_view bytes, std::size_t at) {
    Uuid uuid;
    for (std::size_t i = 0; i < uuid.bytes.size(); ++i) {
        uuid.bytes.at(i) = static_cast<std::uint8_t>(bytes.at(at + i));
    }
    return uuid;
}

}  // namespace img
