// `img check`: every diagnostic of a kickstart file, as file:line:column: severity: text.
#include "base/exit_code.hpp"
#include "cli/kickstart_file.hpp"
#include "cli/mic2_options.hpp"
#include "cli/verb.hpp"
#include "engine/engine.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <ostream>

namespace img::cli {
namespace {

using syntax::Severity;

struct CheckFlags {
    KickstartFlags kickstart;
    std::string type, overlay;
    bool json = false;
};

struct Diagnosis {
    std::vector<syntax::Diagnostic> diagnostics;
    bool refused = false;  ///< By what the file says of its own build; that has been told.
};

/// What the language says of the file, or with --type what a build of that type would.
Result<Diagnosis> diagnose(const CheckFlags& flags, Console& console) {
    const auto text = TRY(read_kickstart(flags.kickstart.file, console.in));
    Diagnosis diagnosis;
    if (flags.type.empty()) {
        diagnosis.diagnostics = TRY(parse_text(flags.kickstart, text)).diagnostics;
        return diagnosis;
    }
    engine::BuildRequest request;
    request.kickstart = text;
    request.kickstart_name = kickstart_label(flags.kickstart.file);
    request.include = includes_of(flags.kickstart);
    request.image_type = flags.type;
    request.overlay = flags.overlay;
    KickstartFlags kickstart = flags.kickstart;
    if (const auto applied = apply_mic2_options(request, kickstart, console); !applied) {
        console.err << applied.error().message << '\n';
        diagnosis.refused = true;
        request.name = kickstart_name(flags.kickstart.file);
        request.options = {};
    }
    request.tokens = TRY(tokens_of(kickstart));
    diagnosis.diagnostics = TRY(engine::check(request));
    return diagnosis;
}

Result<int> check(const CheckFlags& flags, Console& console) {
    const auto diagnosis = TRY(diagnose(flags, console));
    const auto& diagnostics = diagnosis.diagnostics;
    const auto count = [&](Severity severity) {
        return std::ranges::count(diagnostics, severity, &syntax::Diagnostic::severity);
    };
    const auto errors = count(Severity::error);
    const auto refused = count(Severity::refused);
    if (flags.json) {
        console.out << fmt::format(R"({{"errors":{},"refused":{},"warnings":{},"diagnostics":{}}})",
                                   errors, refused, count(Severity::warning), to_json(diagnostics))
                    << '\n';
    } else {
        for (const auto& diagnostic : diagnostics) {
            console.out << to_text(diagnostic) << '\n';
        }
        if (errors == 0 && refused != 0) {
            console.err << "img: this is good kickstart, and no image can be built of it as it is; "
                           "see the lines that say refused\n";
        }
    }
    const bool is_refused = diagnosis.refused || (!flags.type.empty() && refused != 0);
    return errors != 0 || is_refused ? kRequestWrong : kDone;
}

}  // namespace

Verb check_verb(CLI::App& img) {
    const auto flags = std::make_shared<CheckFlags>();
    auto* parser = img.add_subcommand("check", "Say what is wrong with a kickstart file");
    add_options(*parser, flags->kickstart);
    parser->add_option("-t,--type", flags->type,
                       "Also say what a build of this image type would refuse");
    parser->add_option("--overlay", flags->overlay, "With --type: extra packages, vim,htop,-nano");
    parser->add_flag("--json", flags->json, "Print the diagnostics as JSON");
    return {parser, [flags](Console& console) { return check(*flags, console); }};
}

}  // namespace img::cli
