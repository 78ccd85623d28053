#include "kickstart/section.hpp"
#include "kickstart/values.hpp"

namespace img::kickstart {

Script read_script_header(const CommandLine& line, const Section& section, Reporter& report) {
    static const OptionTable<Script> table{
        takes<&Script::interpreter, parse_absolute_path>("--interpreter"),
        takes<&Script::log, parse_absolute_path>("--log"),
        takes<&Script::log, parse_absolute_path>("--logfile"),
        flag<&Script::error_on_fail>("--erroronfail"),
        flag<&Script::in_tree, false>("--nochroot"),
    };
    Script script;
    script.kind = section.script;
    script.where = line.where();
    const auto given = table.read(line, script, report);
    refuse_positionals(line, given, report);
    return script;
}

}  // namespace img::kickstart
