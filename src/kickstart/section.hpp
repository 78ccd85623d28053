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
    script,
    skipped,  ///< Read over; the header's diagnostic has said why.
};

struct Section {
    std::string_view name;  ///< With its "%".
    Lines lines = Lines::skipped;
    Effect effect = Effect::acts;
    ScriptKind script = ScriptKind::post;  ///< Of Lines::script.
    std::string_view note;                 ///< Of one that does not act: the reason.
};

std::span<const Section> sections();

/// nullptr: no section is called so.
const Section* find_section(std::string_view name);

/// Reads a header whose section is not known; an error with the nearest name.
void report_unknown_section(const CommandLine& line, Reporter& report);

/// Reads "%packages …" into the document.
void read_packages_header(const CommandLine& line, Reading& reading);

/// Reads a line of %packages, `text` being `line`'s text with its tokens replaced.
void read_package_line(const CommandLine& place,
                       const ExpandedLine& text,
                       PackageWishes& wishes,
                       Reporter& report);

/// Reads "%post …": a script without its body.
Script read_script_header(const CommandLine& line, const Section& section, Reporter& report);

}  // namespace img::kickstart
