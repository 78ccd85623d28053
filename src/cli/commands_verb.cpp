// `img commands`: the kickstart language as a table, for people and programs.
#include "base/exit_code.hpp"
#include "cli/verb.hpp"
#include "kickstart/reference.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

namespace img::cli {
namespace {

using kickstart::CommandReference;

nlohmann::json json_of(const std::vector<CommandReference>& references) {
    auto list = nlohmann::json::array();
    for (const auto& one : references) {
        auto options = nlohmann::json::array();
        for (const auto& option : one.options) {
            options.push_back({{"name", option.name},
                               {"value", option.value},
                               {"since", kickstart::since(option.history)},
                               {"until", kickstart::until(option.history)},
                               {"effect", option.effect},
                               {"note", option.note}});
        }
        list.push_back({{"name", one.name},
                        {"words", one.words},
                        {"since", kickstart::since(one.history)},
                        {"until", kickstart::until(one.history)},
                        {"effect", one.effect},
                        {"note", one.note},
                        {"any_options", one.any_options},
                        {"options", std::move(options)}});
    }
    return list;
}

void print_lines(const std::vector<CommandReference>& references, Console& console) {
    for (const auto& one : references) {
        console.out << fmt::format("{:<22} {:<8} {}\n", one.name, one.effect, one.note);
    }
}

int list_commands(bool json, Console& console) {
    if (json) {
        console.out << nlohmann::json{{"commands", json_of(kickstart::command_reference())},
                                      {"sections", json_of(kickstart::section_reference())}}
                           .dump()
                    << '\n';
        return kDone;
    }
    print_lines(kickstart::command_reference(), console);
    print_lines(kickstart::section_reference(), console);
    return kDone;
}

}  // namespace

Verb commands_verb(CLI::App& img) {
    const auto json = std::make_shared<bool>(false);
    auto* parser =
        img.add_subcommand("commands", "List the kickstart commands, and what comes of each");
    parser->add_flag("--json", *json, "Print them as JSON, with their options");
    return {parser,
            [json](Console& console) -> Result<int> { return list_commands(*json, console); }};
}

}  // namespace img::cli
