#include "kickstart/section.hpp"

#include "kickstart/quote.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace img::kickstart {
namespace {

constexpr std::string_view kLater = "not in this version";
constexpr std::string_view kInstaller = "it is for the installer";

constexpr std::array<Section, 12> kSections{{
    {"%packages", Lines::packages, Effect::acts, {}, {}},
    {"%pre", Lines::script, Effect::none, ScriptKind::pre,
     "it prepares an installer; use %pre-install or %post"},
    {"%pre-install", Lines::script, Effect::acts, ScriptKind::pre_install, {}},
    {"%post", Lines::script, Effect::acts, ScriptKind::post, {}},
    {"%onerror", Lines::script, Effect::acts, ScriptKind::on_error, {}},
    {"%traceback", Lines::script, Effect::none, ScriptKind::traceback, kInstaller},
    {"%addon", Lines::skipped, Effect::none, {}, kInstaller},
    {"%anaconda", Lines::skipped, Effect::none, {}, kInstaller},
    {"%certificate", Lines::skipped, Effect::refused, {}, kLater},
    {"%prepackages", Lines::skipped, Effect::refused, {}, kLater},
    {"%attachment", Lines::skipped, Effect::refused, {}, kLater},
    {"%pack", Lines::skipped, Effect::refused, {}, kLater},
}};

}  // namespace

std::span<const Section> sections() {
    return kSections;
}

const Section* find_section(std::string_view name) {
    const auto* const section = std::ranges::find(kSections, name, &Section::name);
    return section == kSections.end() ? nullptr : section;
}

void report_unknown_section(const CommandLine& line, Reporter& report) {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> found{"%include", "%end"};
        for (const auto& section : kSections) {
            found.emplace_back(section.name);
        }
        return found;
    }();
    const auto& name = line.words.front().text;
    report.error(line.where(), "no section is called {}{}", in_quotes(name),
                 report.meant(name, names));
}

}  // namespace img::kickstart
