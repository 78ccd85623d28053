#include "kickstarter/configuration.hpp"

#include "kickstarter/known_keys.hpp"

#include <ranges>
#include <unordered_set>

namespace img::kickstarter {

using Kind = YamlValue::Kind;

const YamlValue* Configuration::value(std::string_view key) const {
    for (const auto& layer : layers_ | std::views::reverse) {
        const auto* const member = layer ? layer->find(key) : nullptr;
        if (member != nullptr) {
            return member->value.get();
        }
    }
    return nullptr;
}

bool Configuration::names(std::string_view key) const {
    return value(key) != nullptr;
}

std::optional<Said> Configuration::said(std::string_view key) const {
    const auto* const found = value(key);
    return found != nullptr && found->kind == Kind::text
               ? std::optional(Said{.text = found->text, .where = found->where})
               : std::nullopt;
}

std::string Configuration::text(std::string_view key) const {
    return said(key).value_or(Said{}).text;
}

bool Configuration::flag(std::string_view key, bool otherwise) const {
    return flag_of(text(key)).value_or(otherwise);
}

std::vector<Said> Configuration::list(std::string_view key) const {
    std::vector<Said> items;
    std::unordered_set<std::string_view> seen;
    for (const auto& layer : layers_) {
        const auto* const member = layer ? layer->find(key) : nullptr;
        if (member == nullptr) {
            continue;
        }
        for (const auto& item : member->value->items) {
            if (item->kind == Kind::text && seen.insert(item->text).second) {
                items.push_back({.text = item->text, .where = item->where});
            }
        }
    }
    return items;
}

Location Configuration::where() const {
    return layers_.back() ? layers_.back()->where : Location{};
}

}  // namespace img::kickstarter
