// A YAML document as a value: every piece of it knows where it was written.
#pragma once

#include "syntax/syntax.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace img::kickstarter {

using syntax::Location;

struct YamlValue;
/// Shared, because an alias is the very value that it names.
using YamlNode = std::shared_ptr<const YamlValue>;

struct YamlValue {
    enum class Kind { null, text, list, map };
    struct Member {
        std::string key{};
        Location where{};
        YamlNode value{};
    };

    Kind kind = Kind::null;
    std::string text{};             ///< Of a scalar, as written: 1.0 stays "1.0".
    std::vector<YamlNode> items{};  ///< Of a list.
    std::vector<Member> members{};  ///< Of a map; each key once.
    Location where{};
    std::size_t nodes = 1;  ///< Of the whole below it, with every alias written out.

    /// Null where there is none.
    const Member* find(std::string_view key) const {
        for (const auto& member : members) {
            if (member.key == key) {
                return &member;
            }
        }
        return nullptr;
    }
};

}  // namespace img::kickstarter
