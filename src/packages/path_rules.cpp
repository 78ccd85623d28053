#include "packages/path_rules.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fnmatch.h>

namespace img::packages {

std::vector<std::string> locale_folders(std::string_view locale) {
    const auto at = locale.find('@');
    const std::string modifier(at == std::string_view::npos ? "" : locale.substr(at));
    const std::string country(locale.substr(0, std::min(locale.find('.'), at)));
    const std::string language = country.substr(0, country.find('_'));
    std::vector<std::string> folders;
    for (const std::string& folder :
         {std::string(locale), country + modifier, country, language + modifier, language}) {
        if (!folder.empty() && std::ranges::find(folders, folder) == folders.end()) {
            folders.push_back(folder);
        }
    }
    return folders;
}

std::vector<PathRule> path_rules(const InstallOptions& options) {
    std::vector<PathRule> rules;
    if (options.languages) {
        rules = {{false, "/usr/share/locale/*"},
                 {true, "/usr/share/locale/locale.alias"},
                 {false, "/usr/share/man/*"},
                 {true, "/usr/share/man/man[0-9ln]*"}};  // the pages that are no translation
        for (const auto& locale : *options.languages) {
            for (const auto& folder : locale_folders(locale)) {
                rules.push_back({true, fmt::format("/usr/share/locale/{}/*", folder)});
                rules.push_back({true, fmt::format("/usr/share/man/{}/*", folder)});
            }
        }
    }
    if (options.exclude_docs) {
        for (const char* folder : {"doc", "man", "info"}) {
            rules.push_back({false, fmt::format("/usr/share/{}/*", folder)});
        }
        rules.push_back({true, "/usr/share/doc/*/copyright"});
    }
    return rules;
}

bool is_kept(const std::vector<PathRule>& rules, const std::string& path, bool folder_or_link) {
    const auto fits = [&](const PathRule& rule) {
        return ::fnmatch(rule.pattern.c_str(), path.c_str(), 0) == 0;
    };
    const auto last = std::find_if(rules.rbegin(), rules.rend(), fits);
    if (last == rules.rend() || last->included) {
        return true;
    }
    return folder_or_link && std::ranges::any_of(rules, [&](const PathRule& rule) {
               std::string start = rule.pattern.substr(0, rule.pattern.find_first_of("*?[\\"));
               start.resize(start.find_last_not_of('/') + 1);
               return rule.included && path.starts_with(start);
           });
}

}  // namespace img::packages
