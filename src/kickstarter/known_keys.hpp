// The keys of configurations.yaml, of 2010 and of the later kickstarters, and what each may hold.
#pragma once

#include "kickstarter/yaml_value.hpp"
#include "syntax/reporter.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace img::kickstarter {

enum class KeyKind {
    text,    ///< A word, a number, or nothing; one line, without control characters.
    number,  ///< A whole number.
    flag,    ///< True or False.
    list     ///< Of words, or nothing. Lists of all layers are put together.
};

struct KnownKey {
    std::string_view name;
    KeyKind kind = KeyKind::text;
};

/// Of Default, of platforms and of configurations alike.
std::span<const KnownKey> configuration_keys();
/// Of an entry of repos.yaml.
std::span<const KnownKey> repository_keys();

/// Warns of keys that nobody knows, with the nearest one that is known, and reports values that
/// their keys cannot have. `map` is one.
void check_keys(const YamlValue& map, std::span<const KnownKey> known, syntax::Reporter& report);

/// "; did you mean Repos?" — also of words that differ in case alone — or nothing.
std::string meant_key(std::string_view word, std::span<const std::string> candidates);

/// As PyYAML: true, yes, on, false, no, off, whatever their case.
std::optional<bool> flag_of(std::string_view text);

}  // namespace img::kickstarter
