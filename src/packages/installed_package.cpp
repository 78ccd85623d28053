#include "packages/installed_package.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

namespace img::packages {
namespace {

constexpr const char* kNotSaid = "not said in a form for machines";

std::string line_of(const InstalledPackage& package) {
    return fmt::format("{}.{} {}", package.name, package.architecture, package.version);
}

}  // namespace

std::vector<std::string> licenses_of_copyright(std::string_view text) {
    if (!text.starts_with("Format:") && !text.contains("\nFormat:")) {
        return {};
    }
    constexpr std::string_view kField = "License:";
    std::set<std::string> names;
    for (const auto& line : split(text, "\n")) {
        const std::string_view field = line;
        if (field.starts_with(kField) && !trim(field.substr(kField.size())).empty()) {
            names.emplace(trim(field.substr(kField.size())));
        }
    }
    return {names.begin(), names.end()};
}

std::string package_list(const std::vector<InstalledPackage>& packages, bool vcs) {
    std::string text;
    for (const auto& package : packages) {
        text += line_of(package) + (vcs ? " " + package.source : "") + "\n";
    }
    return text;
}

std::string file_list(const std::vector<InstalledPackage>& packages) {
    std::string text;
    for (const auto& package : packages) {
        text += line_of(package) + "\n";
        for (const auto& file : package.files) {
            text += fmt::format("    {}\n", file);
        }
        text += "\n";
    }
    return text;
}

std::string license_list(const std::vector<InstalledPackage>& packages) {
    std::map<std::string, std::vector<std::string>> by_license;
    for (const auto& package : packages) {
        const std::vector<std::string> none{kNotSaid};
        for (const auto& license : package.licenses.empty() ? none : package.licenses) {
            by_license[license].push_back(package.name);
        }
    }
    std::vector<std::string> order;
    for (const auto& [license, names] : by_license) {
        order.push_back(license);
    }
    std::ranges::stable_sort(order, std::ranges::greater{},
                             [&](const auto& license) { return by_license[license].size(); });
    std::string text = "Summary:\n";
    for (const auto& license : order) {
        text += fmt::format("{:6} {}\n", by_license[license].size(), license);
    }
    text += "\nDetails:\n";
    for (const auto& license : order) {
        text += fmt::format("{}:\n", license);
        for (const auto& name : by_license[license]) {
            text += fmt::format("    {}\n", name);
        }
    }
    return text;
}

}  // namespace img::packages
