// `img templates`: the kickstarts that the service offers by name.
#include "api/template_view.hpp"
#include "base/exit_code.hpp"
#include "base/printable.hpp"
#include "cli/service_client.hpp"
#include "cli/verb.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <memory>
#include <ostream>

namespace img::cli {
namespace {

struct TemplatesFlags {
    std::string server;
    bool json = false;
};

Result<int> list_templates(const TemplatesFlags& flags, Console& console) {
    auto service = connect(flags.server, console);
    const auto list = TRY(service.templates());
    if (flags.json) {
        console.out << api::to_json(list);
        return kDone;
    }
    for (const auto& one : list.templates) {
        console.out << fmt::format(
            "{:<24} {:<10} {}{}{}\n", printable(one.name), printable(one.image_type),
            printable(one.display_name),
            one.platform.empty() ? "" : " — " + printable(one.platform),
            one.description.empty() ? "" : ": " + printable(one.description));
    }
    for (const auto& fault : list.faults) {
        console.err << "img: not offered: " << printable(fault) << '\n';
    }
    return kDone;
}

}  // namespace

Verb templates_verb(CLI::App& img) {
    const auto flags = std::make_shared<TemplatesFlags>();
    auto* parser = img.add_subcommand("templates", "List the kickstarts that the service offers");
    parser->add_option("--server", flags->server, "Address of the service");
    parser->add_flag("--json", flags->json, "Print them as JSON");
    return {parser, [flags](Console& console) { return list_templates(*flags, console); }};
}

}  // namespace img::cli
