// Any bytes: parse() ends with few diagnostics in plain UTF-8, and what it understood prints as a
// text that it understands the same way.
#include "fuzz/fuzzing.hpp"
#include "kickstart/kickstart.hpp"
#include "syntax/reporter.hpp"

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

/// Some texts of a name each, one of which includes itself.
img::Result<ks::Included> include(const std::string& name, const std::string& /*from*/) {
    if (name == "again.ks") {
        return ks::Included{.file = name, .text = "%include again.ks\n%include again.ks\n"};
    }
    if (name == "names.inc") {
        return ks::Included{.file = name, .text = "vim\n-nano\n@core\n%end\n"};
    }
    if (name.ends_with(".ks")) {
        return ks::Included{.file = name, .text = "timezone UTC\n%packages\n%include names.inc"};
    }
    return img::fail(img::Fault::missing, "there is no such file");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto parsed =
        ks::parse(text, {.file = "fuzz.ks", .tokens = {{"ARCH", "a 'b"}}, .include = include});
    if (parsed.diagnostics.size() > img::syntax::kDiagnosticsMax + 1) {
        give_up("too many diagnostics", std::to_string(parsed.diagnostics.size()));
    }
    for (const auto& diagnostic : parsed.diagnostics) {
        img::fuzz::check_sentence(to_text(diagnostic));
    }

    // Where there were errors the document is what was left of them. One that is refused has lost
    // what IMG does not build, and may miss what a command needs; all others come back whole.
    if (parsed.has_errors()) {
        return 0;
    }
    const auto printed = ks::print(parsed.document);
    const auto again = ks::parse(printed, {.file = "again.ks", .tokens = {}, .include = {}});
    if (again.has_errors()) {
        if (!parsed.is_refused()) {
            give_up("what is printed is refused", printed + "---\n" + sentences(again));
        }
        return 0;
    }
    if (const auto twice = ks::print(again.document); twice != printed) {
        give_up("what is printed reads differently", printed + "---\n" + twice);
    }
    return 0;
}
