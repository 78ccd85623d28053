// `img check`: every diagnostic of a kickstart file, as file:line:column: error|warning: text.
#include "cli/exit_code.hpp"
#include "cli/kickstart_file.hpp"
#include "cli/verb.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <ostream>

namespace img::cli {
namespace {

struct CheckFlags {
    std::string file;
    std::vector<std::string> tokens;
    bool json = false;
};

Result<int> check(const CheckFlags& flags, Console& console) {
    const auto parsed = TRY(parse_file(flags.file, flags.tokens, console.in));
    const auto count = [&](kickstart::Severity severity) {
        return std::ranges::count(parsed.diagnostics, severity, &kickstart::Diagnostic::severity);
    };
    if (flags.json) {
        console.out << fmt::format(R"({{"errors":{},"warnings":{},"diagnostics":{}}})",
                                   count(kickstart::Severity::error),
                                   count(kickstart::Severity::warning), to_json(parsed.diagnostics))
                    << '\n';
    } else {
        for (const auto& diagnostic : parsed.diagnostics) {
            console.out << to_text(diagnostic) << '\n';
        }
    }
    return parsed.has_errors() ? kRequestWrong : kDone;
}

}  // namespace

Verb check_verb(CLI::App& img) {
    const auto flags = std::make_shared<CheckFlags>();
    auto* parser = img.add_subcommand("check", "Say what is wrong with a kickstart file");
    parser->add_option("FILE", flags->file, "Kickstart file, or - for standard input")->required();
    parser->add_option("--token", flags->tokens, "KEY=VALUE: @KEY@ in the file becomes VALUE")
        ->take_all()
        ->expected(1);
    parser->add_flag("--json", flags->json, "Print the diagnostics as JSON");
    return {parser, [flags](Console& console) { return check(*flags, console); }};
}

}  // namespace img::cli
