#include "kickstart/section.hpp"

#include "syntax/quote.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace img::kickstart {
namespace {

using syntax::in_quotes;

constexpr std::string_view kInstaller = "it is for the installer";

constexpr std::array<Section, 12> kSections{{
    {"%packages", "FC3", Lines::packages, Effect::acts, "what is installed", {}},
    {"%prepackages",
     "mic",
     Lines::first_packages,
     Effect::acts,
     "what is installed before all else",
     {}},
    {"%pre", "FC3", Lines::script, Effect::none,
     "it looks at the machine that is installed on; use %pre-install or %post", ScriptKind::pre},
    {"%pre-install", "F24", Lines::script, Effect::acts,
     "runs before the first package is installed", ScriptKind::pre_install},
    {"%post", "FC3", Lines::script, Effect::acts,
     "runs in the installed tree, with --nochroot beside it", ScriptKind::post},
    {"%onerror", "F24", Lines::script, Effect::acts, "runs when the build fails",
     ScriptKind::on_error},
    {"%pack", "Sailfish", Lines::script, Effect::acts, "runs when the image is there",
     ScriptKind::pack},
    {"%traceback", "FC3", Lines::script, Effect::none, "it runs when an installer crashes",
     ScriptKind::traceback},
    {"%attachment", "mic", Lines::attachments, Effect::acts, "files that lie beside the image", {}},
    {"%certificate", "F42", Lines::certificate, Effect::acts, "becomes a file of the tree", {}},
    {"%addon", "F18", Lines::idle, Effect::none, kInstaller, {}},
    {"%anaconda", "F22", Lines::idle, Effect::none, kInstaller, {}},
}};

}  // namespace

std::span<const Section> sections() {
    return kSections;
}

const Section* find_section(std::string_view name) {
    const auto* const section = std::ranges::find(kSections, name, &Section::name);
    return section == kSections.end() ? nullptr : section;
}

std::span<const OptionRow> options_of(const Section& section) {
    switch (section.lines) {
        case Lines::packages: return packages_header_options();
        case Lines::script: return script_header_options(section);
        case Lines::certificate: return certificate_header_options();
        case Lines::first_packages:
        case Lines::attachments:
        case Lines::idle: break;
    }
    return {};
}

void report_unknown_section(const CommandLine& line, Reporter& report) {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> found{"%include", "%ksappend", "%end"};
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
