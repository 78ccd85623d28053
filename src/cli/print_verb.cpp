// `img print`: the kickstart file as IMG understood it, tokens resolved.
#include "cli/exit_code.hpp"
#include "cli/kickstart_file.hpp"
#include "cli/verb.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

namespace img::cli {
namespace {

struct PrintFlags {
    std::string file;
    std::vector<std::string> tokens;
    bool json = false;
};

Result<int> print_file(const PrintFlags& flags, Console& console) {
    const auto parsed = TRY(parse_file(flags.file, flags.tokens, console.in));
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
    parser->add_option("FILE", flags->file, "Kickstart file, or - for standard input")->required();
    parser->add_option("--token", flags->tokens, "KEY=VALUE: @KEY@ in the file becomes VALUE")
        ->take_all()
        ->expected(1);
    parser->add_flag("--json", flags->json, "Print it inside a JSON object");
    return {parser, [flags](Console& console) { return print_file(*flags, console); }};
}

}  // namespace img::cli
