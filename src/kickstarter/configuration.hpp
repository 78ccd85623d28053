// One image's configuration: Default, overridden by its platform, overridden by its own entry.
#pragma once

#include "kickstarter/yaml_value.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace img::kickstarter {

/// A value, and where to mend it.
struct Said {
    std::string text{};
    Location where{};
};

/// Asks for values whose kinds check_keys() has seen; those that it refused are as if not said.
class Configuration {
public:
    /// Each of them a map, or null.
    Configuration(YamlNode defaults, YamlNode platform, YamlNode entry)
        : layers_{std::move(defaults), std::move(platform), std::move(entry)} {}

    /// Whether a layer names the key, if only with nothing behind it.
    bool names(std::string_view key) const;
    /// Of the last layer that names the key; nothing where that says nothing.
    std::optional<Said> said(std::string_view key) const;
    /// As said(), without its place; "" for nothing.
    std::string text(std::string_view key) const;
    bool flag(std::string_view key, bool otherwise) const;
    /// All layers' items in their order, each text once.
    std::vector<Said> list(std::string_view key) const;

    /// Where its own entry begins.
    Location where() const;

private:
    const YamlValue* value(std::string_view key) const;

    std::array<YamlNode, 3> layers_;
};

}  // namespace img::kickstarter
