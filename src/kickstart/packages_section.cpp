#include "base/text.hpp"
#include "kickstart/bounds.hpp"
#include "kickstart/quote.hpp"
#include "kickstart/section.hpp"

namespace img::kickstart {
namespace {

const OptionTable<Packages>& header_options() {
    static const std::string_view no_base = "nothing is installed but what is listed";
    static const std::string_view fetching = "IMG fetches by its own rules";
    static const std::string_view later = "not in this version";
    static const OptionTable<Packages> table{
        flag<&Packages::exclude_docs>("--excludedocs"),
        flag<&Packages::exclude_weakdeps>("--exclude-weakdeps"),
        flag<&Packages::exclude_weakdeps>("--excludeWeakdeps"),
        flag<&Packages::no_core>("--nocore"),
        flag<&Packages::ignore_missing>("--ignoremissing"),
        ignored("--nobase", Takes::nothing, no_base),
        ignored("--default", Takes::nothing, no_base),
        ignored("--resolvedeps", Takes::nothing, "dependencies are always resolved"),
        ignored("--timeout", Takes::value, fetching),
        ignored("--retries", Takes::value, fetching),
        dropped("--inst-langs", Takes::value_or_empty, later),
        dropped("--instLangs", Takes::value_or_empty, later),
        dropped("--multilib", Takes::nothing, later),
        dropped("--ignorebroken", Takes::nothing, later),
        refused("--ignoredeps", Takes::nothing, "an image without its dependencies is broken"),
    };
    return table;
}

/// The line without its comment and the blanks around. A "#" is a comment wherever it stands, as
/// no name holds one.
std::string_view name_part(std::string_view text) {
    return trim(text.substr(0, text.find('#')));
}

/// "@group --optional" loses its flags; they choose among a group's packages.
std::string_view without_group_flags(std::string_view name,
                                     const Location& where,
                                     Reporter& report) {
    for (const std::string_view flag : {"--optional", "--nodefaults"}) {
        if (name.ends_with(flag) && name.contains('@')) {
            report.warning(where, "{} {} is left out: not in this version",
                           in_quotes(trim(name.substr(0, name.size() - flag.size()))), flag);
            name = trim(name.substr(0, name.size() - flag.size()));
        }
    }
    return name;
}

}  // namespace

void read_packages_header(const CommandLine& line, Reading& reading) {
    Packages& packages = reading.document.packages;
    const auto given = header_options().read(line, packages, reading.report);
    refuse_positionals(line, given, reading.report);
    if (!packages.where) {
        packages.where = line.where();
    }
}

void read_package_line(const CommandLine& place,
                       const ExpandedLine& text,
                       PackageWishes& wishes,
                       Reporter& report) {
    auto name = name_part(text.text);
    if (name.empty()) {
        return;
    }
    const auto start = static_cast<std::size_t>(name.data() - text.text.data());
    const Location where{.file = place.file, .line = place.number, .column = text.column(start)};
    name = without_group_flags(name, where, report);
    auto wish = parse_package_wish(name);
    if (!wish) {
        if (const auto token = unknown_token(name)) {
            report.error(where, "token {} has no value", *token);
        } else if (name.find_first_of(" \t") != std::string_view::npos && !name.contains('@')) {
            report.error(where, "{} is more than one package; write one a line", in_quotes(name));
        } else {
            report.error(where, "{}", wish.error().message);
        }
        return;
    }
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
            report.error(where, "more than {} packages; leave some out", kPackagesMax);
            break;
    }
}

}  // namespace img::kickstart
