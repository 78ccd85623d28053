#include "kickstarter/safe_name.hpp"

#include "syntax/quote.hpp"

namespace img::kickstarter {

bool is_safe_name(std::string_view name) {
    constexpr std::size_t kBytesMax = 100;  // with an ending it stays far below NAME_MAX
    if (name.empty() || name.size() > kBytesMax || name.contains('/') ||
        std::string_view(".- ").contains(name.front()) || syntax::has_control_characters(name)) {
        return false;
    }
    for (std::size_t at = 0; at < name.size();) {
        const auto length = syntax::utf8_length(name.substr(at));
        if (length == 0) {
            return false;
        }
        at += length;
    }
    return true;
}

}  // namespace img::kickstarter
