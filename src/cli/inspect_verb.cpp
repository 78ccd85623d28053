// `img inspect`: what an image holds, read back without mounting it.
#include "base/exit_code.hpp"
#include "cli/verb.hpp"
#include "inspect/description_json.hpp"
#include "inspect/description_text.hpp"
#include "inspect/inspect.hpp"
#include "system/process_runner.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

namespace img::cli {
namespace {

struct InspectFlags {
    std::string image;
    bool json = false;
    bool packages = false;
};

Result<int> inspect_image(const InspectFlags& flags, Console& console) {
    system::ProcessRunner runner;
    const auto image = TRY(inspect::inspect(flags.image, runner));
    if (flags.json) {
        console.out << to_json(image).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
                    << '\n';
    } else {
        console.out << to_text(image, {.packages = flags.packages});
    }
    return kDone;
}

}  // namespace

Verb inspect_verb(CLI::App& img) {
    const auto flags = std::make_shared<InspectFlags>();
    auto* parser = img.add_subcommand("inspect", "Tell what an image holds, without mounting it");
    parser->add_option("IMAGE", flags->image, "An image file, packed or not, or a folder")
        ->required();
    parser->add_flag("--packages", flags->packages, "List the installed packages too");
    parser->add_flag("--json", flags->json, "Print all of it as JSON");
    return {parser, [flags](Console& console) { return inspect_image(*flags, console); }};
}

}  // namespace img::cli
