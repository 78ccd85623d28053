#include "image/uuid_text.hpp"

#include <charconv>
#include <fmt/format.h>

namespace img::image {

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

}  // namespace img::image
