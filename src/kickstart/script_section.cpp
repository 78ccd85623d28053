#include "kickstart/section.hpp"
#include "syntax/values.hpp"

namespace img::kickstart {
namespace {

using syntax::parse_absolute_path;

const OptionTable<Script>& header_options() {
    static const OptionTable<Script> table{
        takes<&Script::interpreter, parse_absolute_path>("--interpreter=PROGRAM"),
        takes<&Script::log, parse_absolute_path>("--log=FILE", "F19"),
        takes<&Script::log, parse_absolute_path>("--logfile=FILE"),
        flag<&Script::error_on_fail>("--erroronfail"),
        flag<&Script::in_tree, false>("--nochroot"),  // last: only a %post knows it
    };
    return table;
}

}  // namespace

std::span<const OptionRow> script_header_options(const Section& section) {
    const auto rows = header_options().rows();
    return section.script == ScriptKind::post ? rows : rows.first(rows.size() - 1);
}

Script read_script_header(const CommandLine& line, const Section& section, Reporter& report) {
    Script script;
    script.kind = section.script;
    script.in_tree = section.script == ScriptKind::post;  // the others find no tree to run in
    script.where = line.where();
    const auto given = read_options(line, script_header_options(section), &script, report);
    refuse_positionals(line, given, report);
    return script;
}

}  // namespace img::kickstart
