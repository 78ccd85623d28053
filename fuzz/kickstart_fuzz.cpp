// Any bytes: parse() ends with few diagnostics in plain UTF-8, and what it understood prints as a
// text that it understands the same way.
#include "fuzz/fuzzing.hpp"
#include "kickstart/bounds.hpp"
#include "kickstart/kickstart.hpp"

#include <cstdint>

namespace ks = img::kickstart;
using img::fuzz::give_up;

namespace {

std::string sentences(const ks::Parsed& parsed) {
    std::string text;
    for (const auto& diagnostic : parsed.diagnostics) {
        text += to_text(diagnostic) + "\n";
    }
    return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto parsed = ks::parse(text, {.file = "fuzz.ks", .tokens = {{"ARCH", "a 'b"}}});
    if (parsed.diagnostics.size() > ks::kDiagnosticsMax + 1) {
        give_up("too many diagnostics", std::to_string(parsed.diagnostics.size()));
    }
    for (const auto& diagnostic : parsed.diagnostics) {
        img::fuzz::check_sentence(to_text(diagnostic));
    }

    // Where there were errors the document is what was left of them; only a sound one has to come
    // back whole.
    if (parsed.has_errors()) {
        return 0;
    }
    const auto printed = ks::print(parsed.document);
    const auto again = ks::parse(printed, {.file = "again.ks", .tokens = {}});
    if (again.has_errors()) {
        give_up("what is printed is refused", printed + "---\n" + sentences(again));
    }
    if (const auto twice = ks::print(again.document); twice != printed) {
        give_up("what is printed reads differently", printed + "---\n" + twice);
    }
    return 0;
}
