#include "rootfs/locale.hpp"

#include "base/nearest.hpp"
#include "base/printable.hpp"
#include "base/text.hpp"
#include "rootfs/place.hpp"
#include "rootfs/tree.hpp"

#include <algorithm>
#include <map>

namespace img::rootfs {
namespace {

constexpr auto kSupported = "/usr/share/i18n/SUPPORTED";
constexpr std::chrono::seconds kCompileTimeout{900};  // a dozen locales under a slow machine

/// "de_DE.utf8" and "de_DE.UTF-8" are the same to libc; locale-gen wants the second.
std::string canonical(std::string locale) {
    for (const std::string_view alias : {".utf8", ".UTF8", ".utf-8"}) {
        if (const auto at = locale.find(alias); at != std::string::npos) {
            locale.replace(at, alias.size(), ".UTF-8");
        }
    }
    return locale;
}

/// From "de_DE.UTF-8" to the line of SUPPORTED and locale.gen: "de_DE.UTF-8 UTF-8".
std::map<std::string, std::string> supported_lines(std::string_view text) {
    std::map<std::string, std::string> lines;
    for (const auto& line : split(text, "\n")) {
        if (const auto words = split(line, " \t"); words.size() == 2) {
            lines.emplace(words[0], words[0] + " " + words[1]);
        }
    }
    return lines;
}

Result<std::vector<std::string>> lines_to_compile(const Tree& tree,
                                                  const std::vector<std::string>& locales,
                                                  const kickstart::Location& where) {
    const auto supported = supported_lines(TRY(tree.read(kSupported)));
    std::vector<std::string> wanted;
    for (const auto& locale : locales) {
        if (is_built_in(locale)) {
            continue;
        }
        const auto found = supported.find(locale);
        if (found == supported.end()) {
            std::vector<std::string> names;
            for (const auto& [name, line] : supported) {
                names.push_back(name);
            }
            const std::string close = nearest(locale, names);
            return fail(Fault::invalid,
                        fmt::format("{}: the image knows no such locale{}",
                                    place("lang " + printable(locale), where),
                                    close.empty() ? "; the first column of "
                                                    "/usr/share/i18n/SUPPORTED lists them"
                                                  : ", did you mean " + close));
        }
        wanted.push_back(found->second);
    }
    return wanted;
}

/// locale.gen with `wanted` switched on: its own commented line where it has one.
std::string switched_on(std::string_view old, const std::vector<std::string>& wanted) {
    std::vector<std::string> missing = wanted;
    std::string text;
    while (!old.empty()) {
        const auto end = old.find('\n');
        std::string line(old.substr(0, end));
        old = end == std::string_view::npos ? std::string_view() : old.substr(end + 1);
        std::string_view bare = trim(line);
        while (bare.starts_with('#')) {
            bare = trim(bare.substr(1));
        }
        if (const auto hit = std::ranges::find(missing, bare); hit != missing.end()) {
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
        if (locale.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789_.@-") != std::string::npos ||
            locale.empty()) {
            return fail(Fault::invalid,
                        fmt::format("{}: not the name of a locale, as de_DE.UTF-8 is",
                                    place("lang " + printable(locale), lang.where)));
        }
    }
    const bool all_built_in = std::ranges::all_of(locales, is_built_in);
    if (!all_built_in && tree.is_file(kSupported) && tree.is_program("/usr/sbin/locale-gen")) {
        const auto wanted = TRY(lines_to_compile(tree, locales, lang.where));
        const std::string old =
            tree.exists("/etc/locale.gen") ? TRY(tree.read("/etc/locale.gen")) : std::string();
        TRY(tree.write("/etc/locale.gen", switched_on(old, wanted)));
        TRY(runner.run(
            {.argv = {"locale-gen"}, .root = tree.folder(), .timeout = kCompileTimeout}));
    } else if (!all_built_in) {
        log(fmt::format("warning: {} is set but not compiled: the image has no package locales",
                        place("lang " + locales.front(), lang.where)));
    }
    const std::string setting = "LANG=" + locales.front() + "\n";
    TRY(tree.write("/etc/default/locale", setting));
    if (tree.exists("/etc/locale.conf")) {
        TRY(tree.write("/etc/locale.conf", setting));
    }
    return {};
}

}  // namespace img::rootfs
