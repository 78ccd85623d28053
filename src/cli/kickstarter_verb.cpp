// `img kickstarter`: kickstart files from YAML configurations, as the kickstarter of MeeGo did.
#include "base/exit_code.hpp"
#include "cli/kickstart_file.hpp"
#include "cli/verb.hpp"
#include "kickstarter/kickstarter.hpp"
#include "kickstarter/output_folder.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

namespace img::cli {
namespace {

struct KickstarterFlags {
    std::string configurations, repositories, custom, build_id;
    std::string folder = ".";
    bool json = false;
};

std::string as_json(const kickstarter::Generated& generated) {
    auto list = nlohmann::json::array();
    for (const auto& made : generated.kickstarts) {
        list.push_back(
            {{"name", made.name}, {"file", made.file_name + ".ks"}, {"platform", made.platform}});
    }
    // A name may hold any bytes that YAML allows.
    return fmt::format(R"({{"kickstarts":{},"diagnostics":{}}})",
                       list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                       to_json(generated.diagnostics));
}

Result<int> generate(const KickstarterFlags& flags, Console& console) {
    auto sources = TRY(kickstarter::read_sources(
        flags.configurations, flags.repositories,
        flags.custom.empty() ? std::nullopt : std::optional<std::filesystem::path>(flags.custom)));
    sources.build_id = flags.build_id;
    auto generated = kickstarter::generate(sources);
    for (const auto& diagnostic : generated.diagnostics) {
        console.err << to_text(diagnostic) << '\n';
    }
    if (generated.has_errors()) {
        generated.kickstarts.clear();
    } else {
        TRY(kickstarter::write_kickstarts(flags.folder, generated.kickstarts));
    }
    if (flags.json) {
        console.out << as_json(generated) << '\n';
    } else {
        for (const auto& made : generated.kickstarts) {
            console.out << fmt::format("Creating {} ({}.ks)\n", made.name, made.file_name);
        }
    }
    return generated.has_errors() ? kRequestWrong : kDone;
}

}  // namespace

Verb kickstarter_verb(CLI::App& img) {
    const auto flags = std::make_shared<KickstarterFlags>();
    auto* parser = img.add_subcommand("kickstarter", "Make kickstart files of YAML configurations");
    parser->add_option("-c,--configs", flags->configurations, "configurations.yaml")->required();
    parser->add_option("-r,--repos", flags->repositories, "repos.yaml")->required();
    parser->add_option("-o,--outdir", flags->folder, "Folder for the kickstart files")
        ->capture_default_str();
    parser->add_option("--custom", flags->custom,
                       "Folder of part/ and scripts/ (custom/ beside the configurations)");
    parser->add_option("--build-id", flags->build_id,
                       "For @BUILD_ID@ in addresses of repositories, which else stays there");
    parser->add_flag("--json", flags->json, "Print what was made as JSON");
    return {parser, [flags](Console& console) { return generate(*flags, console); }};
}

}  // namespace img::cli
