// `img print`: the kickstart file as IMG understood it, tokens and includes resolved.
#include "base/exit_code.hpp"
#include "cli/kickstart_file.hpp"
#include "cli/verb.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

namespace img::cli {
namespace {

struct PrintFlags {
    KickstartFlags kickstart;
    bool json = false;
};

Result<int> print_file(const PrintFlags& flags, Console& console) {
    const auto text = TRY(read_kickstart(flags.kickstart.file, console.in));
    const auto parsed = TRY(parse_text(flags.kickstart, text));
    for (const auto& diagnostic : parsed.diagnostics) {
        console.err << to_text(diagnostic) << '\n';
    }
    if (parsed.has_errors()) {
        return kRequestWrong;
    }
    const auto printed = kickstart::print(parsed.document);
    if (flags.json) {
        console.out << nlohmann::json{{"kickstart", printed}}.dump(
                           -1, ' ', false, nlohmann::json::error_handler_t::replace)
                    << '\n';
    } else {
        console.out << printed;
    }
    return kDone;
}

}  // namespace

Verb print_verb(CLI::App& img) {
    const auto flags = std::make_shared<PrintFlags>();
    auto* parser = img.add_subcommand("print", "Print a kickstart file as it was understood");
    add_options(*parser, flags->kickstart);
    parser->add_flag("--json", flags->json, "Print it inside a JSON object");
    return {parser, [flags](Console& console) { return print_file(*flags, console); }};
}

}  // namespace img::cli
