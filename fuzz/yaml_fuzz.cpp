// Any bytes as the configurations and repositories of kickstarter: few plain sentences, file names
// that stay in their folder, kickstarts that parse; the same again the second time.
//
// A line "=== repos.yaml" parts an input in two; one without it is both files.
#include "fuzz/fuzzing.hpp"
#include "kickstart/kickstart.hpp"
#include "kickstarter/kickstarter.hpp"
#include "syntax/reporter.hpp"

#include <cstdint>

namespace ks = img::kickstart;
using img::fuzz::give_up;
using img::kickstarter::Generated;

namespace {

Generated generate(std::string_view text) {
    constexpr std::string_view kParting = "=== repos.yaml\n";
    const auto at = text.find(kParting);
    const bool parted = at != std::string_view::npos;
    // Scripts and partitions of a golden test, so that names in the YAML can find some.
    return img::kickstarter::generate({
        .configurations_file = "configurations.yaml",
        .configurations = std::string(text.substr(0, at)),
        .repositories_file = "repos.yaml",
        .repositories = std::string(parted ? text.substr(at + kParting.size()) : text),
        .folder = IMG_FUZZ_FOLDER,
        .custom_root = IMG_FUZZ_FOLDER,
        .custom_below = "custom",
        .build_id = "fuzz",
    });
}

void check_diagnostics(const Generated& generated) {
    if (generated.diagnostics.size() > img::syntax::kDiagnosticsMax + 1) {
        give_up("too many diagnostics", std::to_string(generated.diagnostics.size()));
    }
    for (const auto& diagnostic : generated.diagnostics) {
        img::fuzz::check_sentence(to_text(diagnostic));
    }
}

void check_kickstart(const img::kickstarter::Kickstart& made) {
    const auto& name = made.file_name;
    if (name.empty() || name.starts_with('.') || name.find_first_of("/\n\\") != name.npos) {
        give_up("a file name that leaves its folder", name);
    }
    const auto parsed = ks::parse(made.text, {.file = name + ".ks", .tokens = {}});
    if (parsed.has_errors()) {
        give_up("what is generated without an error has one",
                made.text + "---\n" + to_text(parsed.diagnostics.front()));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto generated = generate(text);
    check_diagnostics(generated);
    if (generated.has_errors()) {
        return 0;
    }
    const auto again = generate(text);
    for (std::size_t i = 0; i < generated.kickstarts.size(); ++i) {
        const auto& made = generated.kickstarts[i];
        check_kickstart(made);
        if (again.kickstarts.at(i).text != made.text) {
            give_up("the same YAML gives another kickstart", made.text);
        }
    }
    return 0;
}
