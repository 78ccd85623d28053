// The sections of a kickstart: "%name options", lines of another kind, "%end".
#pragma once

#include "kickstart/command_table.hpp"
#include "kickstart/package_wishes.hpp"

#include <span>
#include <string_view>

namespace img::kickstart {

/// What the lines between the header and %end are.
enum class Lines {
    packages,
    first_packages,  ///< Of %prepackages.
    attachments,
    script,
    certificate,
    idle,  ///< Kept, and not read.
};

struct Section {
    std::string_view name;     ///< With its "%".
    std::string_view history;  ///< As Command::history.
    Lines lines = Lines::idle;
    Effect effect = Effect::acts;
    std::string_view note;                 ///< As Command::note.
    ScriptKind script = ScriptKind::post;  ///< Of Lines::script.
};

std::span<const Section> sections();

/// nullptr: no section is called so.
const Section* find_section(std::string_view name);

/// What its header may say.
std::span<const OptionRow> options_of(const Section& section);

/// Reads a header whose section is not known; an error with the nearest name.
void report_unknown_section(const CommandLine& line, Reporter& report);

/// Reads "%packages …" into the document.
void read_packages_header(const CommandLine& line, Reading& reading);
std::span<const OptionRow> packages_header_options();

/// Reads a line of %packages, `text` being `line`'s text with its tokens replaced. One that is
/// refused goes to `unread`.
void read_package_line(const CommandLine& place,
                       const syntax::ExpandedLine& text,
                       PackageWishes& wishes,
                       std::vector<PackageName>& unread,
                       Reporter& report);

/// Reads "%post …": a script without its body.
Script read_script_header(const CommandLine& line, const Section& section, Reporter& report);
std::span<const OptionRow> script_header_options(const Section& section);

/// Reads "%certificate …": one without its body.
Certificate read_certificate_header(const CommandLine& line, Reporter& report);
std::span<const OptionRow> certificate_header_options();

}  // namespace img::kickstart
