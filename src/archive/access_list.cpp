#include "archive/access_list.hpp"

#include "base/byte_order.hpp"

#include <cstdint>
#include <fmt/format.h>

namespace img::archive {
namespace {

constexpr std::uint32_t kVersion = 2;  // POSIX_ACL_XATTR_VERSION
constexpr std::size_t kHeaderBytes = 4;
constexpr std::size_t kEntryBytes = 8;  // u16 tag, u16 permissions, u32 id

/// linux/posix_acl.h: ACL_USER_OBJ and so on; empty: no such tag.
std::string_view tag_text(std::uint16_t tag) {
    switch (tag) {
        case 0x01:
        case 0x02: return "user";
        case 0x04:
        case 0x08: return "group";
        case 0x10: return "mask";
        case 0x20: return "other";
        default: return "";
    }
}

}  // namespace

Result<std::string> access_list_text(std::string_view value) {
    const bool whole = value.size() >= kHeaderBytes && value.size() % kEntryBytes == kHeaderBytes;
    if (!whole || get_le<std::uint32_t>(value, 0) != kVersion) {
        return fail(Fault::broken, "an access control list is not in the form that Linux writes");
    }
    std::string text;
    for (std::size_t at = kHeaderBytes; at < value.size(); at += kEntryBytes) {
        const auto tag = get_le<std::uint16_t>(value, at);
        const auto may = get_le<std::uint16_t>(value, at + 2);
        const bool named = tag == 0x02 || tag == 0x08;
        if (tag_text(tag).empty()) {
            return fail(Fault::broken, fmt::format("an access control list has a tag {}", tag));
        }
        text += fmt::format("{}{}:{}:{}{}{}", text.empty() ? "" : ",", tag_text(tag),
                            named ? std::to_string(get_le<std::uint32_t>(value, at + 4)) : "",
                            (may & 4) != 0 ? 'r' : '-', (may & 2) != 0 ? 'w' : '-',
                            (may & 1) != 0 ? 'x' : '-');
    }
    return text;
}

}  // namespace img::archive
