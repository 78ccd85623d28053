#include "kickstarter/known_keys.hpp"

#include "base/nearest.hpp"
#include "syntax/quote.hpp"
#include "syntax/values.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

namespace img::kickstarter {
namespace {

using syntax::in_quotes;
using syntax::Reporter;
using Kind = YamlValue::Kind;

constexpr std::array kConfigurationKeys{
    KnownKey{"Name"},
    KnownKey{"FileName"},
    KnownKey{"Platform"},
    KnownKey{"Active", KeyKind::flag},
    KnownKey{"Architecture"},
    KnownKey{"Baseline"},
    KnownKey{"Bootloader", KeyKind::flag},
    KnownKey{"BootloaderAppend"},
    KnownKey{"BootloaderOptions"},
    KnownKey{"BootloaderTimeout", KeyKind::number},
    KnownKey{"DefaultUser"},
    KnownKey{"DefaultUserPass"},
    KnownKey{"Desktop"},
    KnownKey{"Distribution"},
    KnownKey{"ExtraPackages", KeyKind::list},
    KnownKey{"FileSystem"},
    KnownKey{"Groups", KeyKind::list},
    KnownKey{"Kernel"},
    KnownKey{"Keyboard"},
    KnownKey{"Language"},
    KnownKey{"Mic2Options"},
    KnownKey{"NoChrootScripts", KeyKind::list},
    KnownKey{"PackageArgs"},
    KnownKey{"Part"},
    KnownKey{"PartSize", KeyKind::number},
    KnownKey{"PostScripts", KeyKind::list},
    KnownKey{"PrePackages", KeyKind::list},
    KnownKey{"RemovePackages", KeyKind::list},
    KnownKey{"Repos", KeyKind::list},
    KnownKey{"RootPass"},
    KnownKey{"SaveRepos", KeyKind::flag},
    KnownKey{"Schedule"},  // when a build service of old made the image; nobody asks here
    KnownKey{"Session"},
    KnownKey{"StartX", KeyKind::flag},
    KnownKey{"Timezone"},
};
constexpr std::array kRepositoryKeys{
    KnownKey{"Name"},     KnownKey{"Url"},      KnownKey{"Options"},
    KnownKey{"Username"}, KnownKey{"Password"},
};

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

/// A value that becomes part of a line: a line end in it would begin a command of its own.
void check_line(std::string_view key, const YamlValue& value, Reporter& report) {
    if (syntax::has_control_characters(value.text)) {
        report.error(value.where,
                     "{} holds a control character or a line end; it is one line of a "
                     "kickstart",
                     key);
    }
}

void check_list(std::string_view key, const YamlValue& value, Reporter& report) {
    if (value.kind != Kind::list) {
        report.error(value.where, "{} is a list: write each on a line of its own, behind \"- \"",
                     key);
        return;
    }
    for (const auto& item : value.items) {
        if (item->kind != Kind::text || item->text.empty()) {
            report.error(item->where, "{} is a list of words, and this is none", key);
            continue;
        }
        check_line(key, *item, report);
    }
}

void check_value(const KnownKey& key, const YamlValue& value, Reporter& report) {
    if (value.kind == Kind::null) {
        return;  // as good as not said; whoever needs it says so
    }
    if (key.kind == KeyKind::list) {
        check_list(key.name, value, report);
        return;
    }
    if (value.kind != Kind::text) {
        report.error(value.where, "{} is one word, not a {}", key.name,
                     value.kind == Kind::list ? "list" : "map");
        return;
    }
    check_line(key.name, value, report);
    if (key.kind == KeyKind::number &&
        !syntax::parse_number(value.text, std::numeric_limits<std::uint32_t>::max())) {
        report.error(value.where, "{} is a whole number, not {}", key.name, in_quotes(value.text));
    }
    if (key.kind == KeyKind::flag && !flag_of(value.text)) {
        report.error(value.where, "{} is True or False, not {}", key.name, in_quotes(value.text));
    }
}

}  // namespace

std::span<const KnownKey> configuration_keys() {
    return kConfigurationKeys;
}

std::span<const KnownKey> repository_keys() {
    return kRepositoryKeys;
}

void check_keys(const YamlValue& map, std::span<const KnownKey> known, Reporter& report) {
    std::vector<std::string> names;
    for (const auto& key : known) {
        names.emplace_back(key.name);
    }
    for (const auto& member : map.members) {
        const auto key = std::ranges::find(known, member.key, &KnownKey::name);
        if (key != known.end()) {
            check_value(*key, *member.value, report);
        } else {
            report.warning(member.where, "no key is called {}; it is passed over{}",
                           in_quotes(member.key), meant_key(member.key, names));
        }
    }
}

std::string meant_key(std::string_view word, std::span<const std::string> candidates) {
    const auto same = std::ranges::find(candidates, lower(word), lower);
    const auto best = same != candidates.end() ? *same : nearest(word, candidates);
    return best.empty() ? best : fmt::format("; did you mean {}?", best);
}

std::optional<bool> flag_of(std::string_view text) {
    const auto word = lower(text);
    if (word == "true" || word == "yes" || word == "on") {
        return true;
    }
    if (word == "false" || word == "no" || word == "off") {
        return false;
    }
    return std::nullopt;
}

}  // namespace img::kickstarter
