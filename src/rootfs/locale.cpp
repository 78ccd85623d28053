#include "rootfs/locale.hpp"

#include "base/text.hpp"
#include "tree/distribution.hpp"
#include "tree/place.hpp"
#include "tree/plain_text.hpp"
#include "tree/tree.hpp"

#include <algorithm>
#include <map>

namespace img::rootfs {
namespace {

using tree::did_you_mean;
using tree::has_systemd;
using tree::is_plain;
using tree::is_rpm_tree;
using tree::place;
using tree::refuse;
using tree::Tree;

constexpr auto kSupported = "/usr/share/i18n/SUPPORTED";
constexpr std::chrono::seconds kCompileTimeout{900};  // a dozen locales under a slow machine

/// "de_DE.UTF-8@euro" in its three parts; the codeset as its lower-case letters and digits.
struct LocaleName {
    std::string language, codeset, modifier;
};

std::string bare(std::string_view codeset) {
    std::string out;
    for (const char c : codeset) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
            out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }
    }
    return out;
}

LocaleName parts_of(std::string_view locale) {
    LocaleName name;
    if (const auto at = locale.find('@'); at != std::string_view::npos) {
        name.modifier = locale.substr(at);
        locale = locale.substr(0, at);
    }
    const auto dot = locale.find('.');
    name.language = locale.substr(0, dot);
    name.codeset = dot == std::string_view::npos ? "" : bare(locale.substr(dot + 1));
    return name;
}

/// "de_DE.utf8" and "de_DE.UTF-8" are the same to libc; its tools and files have the second.
std::string canonical(const std::string& locale) {
    const auto name = parts_of(locale);
    if (is_built_in(locale)) {
        return locale == "C.utf8" ? "C.UTF-8" : locale;
    }
    if (name.codeset == "utf8" || (name.codeset.empty() && name.modifier.empty())) {
        return name.language + ".UTF-8" + name.modifier;
    }
    return locale;
}

/// SUPPORTED's first column to its second: "de_DE.UTF-8" to "UTF-8".
using Charsets = std::map<std::string, std::string>;

Charsets charsets_of(std::string_view text) {
    Charsets charsets;
    for (const auto& line : split(text, "\n")) {
        if (const auto words = split(line, " \t"); words.size() == 2) {
            charsets.emplace(words[0], words[1]);
        }
    }
    return charsets;
}

/// The name by which SUPPORTED has the locale: "sr_RS.UTF-8@latin" is its "sr_RS@latin UTF-8",
/// "de_DE.ISO-8859-1" its "de_DE ISO-8859-1". As written where it has none.
std::string supported_name(const std::string& locale, const Charsets& charsets) {
    if (charsets.contains(locale)) {
        return locale;
    }
    const auto name = parts_of(locale);
    const auto found = charsets.find(name.language + name.modifier);
    return found != charsets.end() && bare(found->second) == name.codeset ? found->first : locale;
}

/// locale.gen with `wanted` switched on: its own commented line where it has one.
std::string switched_on(std::string_view old, const std::vector<std::string>& wanted) {
    std::vector<std::string> missing = wanted;
    std::string text;
    while (!old.empty()) {
        const auto end = old.find('\n');
        std::string line(old.substr(0, end));
        old = end == std::string_view::npos ? std::string_view() : old.substr(end + 1);
        std::string_view naked = trim(line);
        while (naked.starts_with('#')) {
            naked = trim(naked.substr(1));
        }
        if (const auto hit = std::ranges::find(missing, naked); hit != missing.end()) {
            line = *hit;
            missing.erase(hit);
        }
        text += line + '\n';
    }
    for (const auto& line : missing) {
        text += line + '\n';
    }
    return text;
}

/// Debian's way. Gives the locales the names that SUPPORTED has for them.
Result<void> generate(system::CommandRunner& runner,
                      const Tree& tree,
                      std::vector<std::string>& locales,
                      const kickstart::Location& where) {
    const Charsets charsets = charsets_of(TRY(tree.read(kSupported)));
    std::vector<std::string> wanted;
    for (auto& locale : locales) {
        if (is_built_in(locale)) {
            continue;
        }
        locale = supported_name(locale, charsets);
        const auto found = charsets.find(locale);
        if (found == charsets.end()) {
            std::vector<std::string> names;
            for (const auto& [name, charset] : charsets) {
                names.push_back(name);
            }
            const std::string close = did_you_mean(locale, names);
            return refuse("lang " + locale, where,
                          "the image knows no such locale" +
                              (close.empty() ? "; the first column of " + std::string(kSupported) +
                                                   " lists them"
                                             : close));
        }
        wanted.push_back(locale + " " + found->second);
    }
    const std::string old = TRY(tree.read_if_there("/etc/locale.gen"));
    TRY(tree.write("/etc/locale.gen", switched_on(old, wanted)));
    TRY(runner.run({.argv = {"locale-gen"}, .root = tree.folder(), .timeout = kCompileTimeout}));
    return {};
}

/// libc's own name of the folder in which a compiled locale lies: "de_DE.utf8".
std::string folder_name(const LocaleName& name) {
    return name.language + (name.codeset.empty() ? "" : "." + name.codeset) + name.modifier;
}

/// The RPM way: compiled locales come in packages, or are compiled from glibc-locale-source.
Result<void> compile(system::CommandRunner& runner,
                     const Tree& tree,
                     const std::vector<std::string>& locales,
                     const kickstart::Location& where,
                     const system::LineSink& log) {
    const std::filesystem::path folder = "/usr/lib/locale";
    for (const auto& locale : locales) {
        const auto name = parts_of(locale);
        if (is_built_in(locale) || tree.is_folder(folder / folder_name(name)) ||
            tree.is_file(folder / "locale-archive")) {
            continue;
        }
        const std::string source = name.language + name.modifier;
        if (tree.is_program("/usr/bin/localedef") &&
            tree.is_file("/usr/share/i18n/locales/" + source)) {
            const std::string charset =
                name.codeset == "utf8" || name.codeset.empty()
                    ? "UTF-8"
                    : locale.substr(locale.find('.') + 1, locale.find('@') - locale.find('.') - 1);
            TRY(runner.run({.argv = {"localedef", "-i", source, "-f", charset, "--", locale},
                            .root = tree.folder(),
                            .timeout = kCompileTimeout}));
            continue;
        }
        log(fmt::format(
            "warning: {}: the image has no such locale; add glibc-langpack-{} to "
            "%packages",
            place("lang " + locale, where), name.language.substr(0, name.language.find('_'))));
    }
    return {};
}

}  // namespace

bool is_built_in(std::string_view locale) {
    return locale == "C" || locale == "POSIX" || locale == "C.UTF-8" || locale == "C.utf8";
}

Result<void> set_locale(system::CommandRunner& runner,
                        const Tree& tree,
                        const kickstart::Lang& lang,
                        const system::LineSink& log) {
    std::vector<std::string> locales{canonical(lang.locale)};
    for (const auto& locale : lang.additional) {
        locales.push_back(canonical(locale));
    }
    for (const auto& locale : locales) {
        if (!is_plain(locale, "_.@-") || locale.empty() || locale[0] == '.' || locale[0] == '-') {
            return refuse("lang " + locale, lang.where,
                          "not the name of a locale, as de_DE.UTF-8 is");
        }
    }
    const bool rpm = is_rpm_tree(tree);
    const bool all_built_in = std::ranges::all_of(locales, is_built_in);
    if (rpm) {
        TRY(compile(runner, tree, locales, lang.where, log));
    } else if (!all_built_in && tree.is_file(kSupported) &&
               tree.is_program("/usr/sbin/locale-gen")) {
        TRY(generate(runner, tree, locales, lang.where));
    } else if (!all_built_in) {
        log(fmt::format("warning: {} is set but not compiled: the image has no package locales",
                        place("lang " + locales.front(), lang.where)));
    }
    const std::string setting = "LANG=" + locales.front() + "\n";
    if (!rpm) {
        TRY(tree.write("/etc/default/locale", setting));
    }
    if (rpm && !has_systemd(tree)) {
        TRY(tree.write("/etc/sysconfig/i18n", "LANG=\"" + locales.front() + "\"\n"));
    }
    if (rpm || tree.exists("/etc/locale.conf")) {
        TRY(tree.write("/etc/locale.conf", setting));
    }
    return {};
}

}  // namespace img::rootfs
