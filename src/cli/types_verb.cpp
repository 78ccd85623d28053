// `img types`: the image types, a line each.
#include "base/exit_code.hpp"
#include "base/text.hpp"
#include "cli/verb.hpp"
#include "engine/image_type.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

namespace img::cli {
namespace {

int list_types(bool json, Console& console) {
    auto list = nlohmann::json::array();
    for (const auto& type : engine::image_types()) {
        const std::vector<std::string> subformats(type.subformats.begin(), type.subformats.end());
        list.push_back({{"name", type.name}, {"what", type.what}, {"subformats", subformats}});
        if (!json) {
            console.out << fmt::format(
                "{:<12} {}{}\n", type.name, type.what,
                subformats.empty() ? "" : " (" + join(subformats, ", ") + ")");
        }
    }
    if (json) {
        console.out << list.dump() << '\n';
    }
    return kDone;
}

}  // namespace

Verb types_verb(CLI::App& img) {
    const auto json = std::make_shared<bool>(false);
    auto* parser = img.add_subcommand("types", "List the image types");
    parser->add_flag("--json", *json, "Print them as JSON");
    return {parser, [json](Console& console) -> Result<int> { return list_types(*json, console); }};
}

}  // namespace img::cli
