#include "base/text.hpp"
#include "kickstart/bounds.hpp"
#include "kickstart/section.hpp"
#include "syntax/quote.hpp"
#include "syntax/values.hpp"

namespace img::kickstart {
namespace {

using syntax::ExpandedLine;
using syntax::in_quotes;
using syntax::parse_plain_name;
using syntax::unknown_token;

Result<void> set_languages(Packages& packages, std::string_view text) {
    std::vector<std::string> languages;
    for (const auto& name : split(text, ":, \t")) {
        languages.push_back(TRY(parse_plain_name(name)));
    }
    packages.languages = std::move(languages);
    return {};
}

const OptionTable<Packages>& header_options() {
    static constexpr std::string_view kNoBase = "nothing is installed but what is listed";
    static constexpr std::string_view kFetching = "IMG fetches by its own rules";
    static const OptionTable<Packages> table{
        flag<&Packages::exclude_docs>("--excludedocs"),
        flag<&Packages::exclude_weakdeps>("--exclude-weakdeps", "F24"),
        flag<&Packages::exclude_weakdeps>("--excludeWeakdeps", "F24"),
        flag<&Packages::no_core>("--nocore", "F21"),
        flag<&Packages::ignore_missing>("--ignoremissing"),
        without(Effect::dropped, flag<&Packages::ignore_broken>("--ignorebroken", "F32"),
                "a package that cannot be installed ends the build"),
        without(Effect::dropped, flag<&Packages::multilib>("--multilib", "F18"),
                "packages of one architecture are installed"),
        calls<set_languages>("--inst-langs=[LOCALE,…]", "F9"),
        calls<set_languages>("--instLangs=[LOCALE,…]", "F9"),
        ignored("--nobase", kNoBase, "F14-F21"),
        ignored("--default", kNoBase, "F7"),
        ignored("--resolvedeps", "dependencies are always resolved", "FC3-F8"),
        ignored("--timeout=N", kFetching, "F22"),
        ignored("--retries=N", kFetching, "F22"),
        refused("--ignoredeps", "an image without its dependencies is broken", "FC3-F8"),
    };
    return table;
}

/// The line without its comment and the blanks around. A "#" is a comment wherever it stands, as
/// no name holds one.
std::string_view name_part(std::string_view text) {
    return trim(text.substr(0, text.find('#')));
}

/// "@group --optional" without its flags, which choose among a group's packages. Nothing, and an
/// error, where it has both.
std::optional<std::string> take_scope(std::string_view name,
                                      GroupScope& scope,
                                      const Location& where,
                                      Reporter& report) {
    bool optional = false;
    bool no_defaults = false;
    std::vector<std::string> words;
    for (auto& word : split(name, " \t")) {
        // Beginnings of the two are taken for them, as long as they can be no other option.
        const bool is_flag = word.size() > 3;
        if (is_flag && std::string_view("--optional").starts_with(word)) {
            optional = true;
        } else if (is_flag && std::string_view("--nodefaults").starts_with(word)) {
            no_defaults = true;
        } else {
            words.push_back(std::move(word));
        }
    }
    if (optional && no_defaults) {
        report.error(where, "{} has both --optional and --nodefaults; keep one", in_quotes(name));
        return std::nullopt;
    }
    scope = optional ? GroupScope::all : no_defaults ? GroupScope::mandatory : GroupScope::defaults;
    return join(words, " ");
}

}  // namespace

std::span<const OptionRow> packages_header_options() {
    return header_options().rows();
}

void read_packages_header(const CommandLine& line, Reading& reading) {
    Packages& packages = reading.document.packages;
    const auto given = header_options().read(line, packages, reading.report);
    refuse_positionals(line, given, reading.report);
    for (const std::string_view option : {"--nobase", "--nocore"}) {
        if (given.has("--default") && given.has(option)) {
            reading.report.error(line.where(), "%packages has both --default and {}; keep one",
                                 option);
        }
    }
    if (!packages.where) {
        packages.where = line.where();
    }
}

void read_package_line(const CommandLine& place,
                       const ExpandedLine& text,
                       PackageWishes& wishes,
                       std::vector<PackageName>& unread,
                       Reporter& report) {
    auto name = name_part(text.text);
    const auto written = name;
    if (name.empty()) {
        return;
    }
    const auto start = static_cast<std::size_t>(name.data() - text.text.data());
    const Location where{.file = place.file, .line = place.number, .column = text.column(start)};
    if (name == "-") {
        report.error(where, "a - without a name; take it out");
        return;
    }
    auto scope = GroupScope::defaults;
    std::string group;  // `name` may look into it
    if (name.starts_with('@')) {
        auto bare = take_scope(name, scope, where, report);
        if (!bare) {
            return;
        }
        group = std::move(*bare);
        name = group;
    }
    auto wish = parse_package_wish(name);
    if (!wish) {
        if (const auto token = unknown_token(name)) {
            report.refuse(where, "token {} has no value", *token);
        } else if (name.find_first_of(" \t") != std::string_view::npos && !name.contains('@')) {
            report.refuse(where, "{} is more than one package; write one a line", in_quotes(name));
        } else {
            report.refuse(where, "{}", wish.error().message);
        }
        unread.push_back({.text = std::string(written), .where = where});
        return;
    }
    wish->scope = scope;
    wish->where = where;
    switch (wishes.add(std::move(*wish))) {
        case PackageWishes::Added::first: break;
        case PackageWishes::Added::repeated:
            report.note(where, "{} was said before", in_quotes(name));
            break;
        case PackageWishes::Added::reversed:
            report.warning(where, "{} takes back what an earlier line said; the later one counts",
                           in_quotes(name));
            break;
        case PackageWishes::Added::too_many:
            report.refuse(where, "more than {} packages; leave some out", kPackagesMax);
            break;
    }
}

}  // namespace img::kickstart
