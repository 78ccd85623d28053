// Any bytes: parse() ends with few diagnostics in plain UTF-8, and what it understood prints as a
// text that it understands the same way. The same bytes as an overlay end likewise.
#include "kickstart/bounds.hpp"
#include "kickstart/kickstart.hpp"
#include "kickstart/overlay.hpp"
#include "kickstart/quote.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace ks = img::kickstart;

namespace {

[[noreturn]] void give_up(const char* why, const std::string& text) {
    std::fprintf(stderr, "%s:\n%s\n", why, text.c_str());
    std::abort();
}

void check_diagnostics(const ks::Parsed& parsed) {
    if (parsed.diagnostics.size() > ks::kDiagnosticsMax + 1) {
        give_up("too many diagnostics", std::to_string(parsed.diagnostics.size()));
    }
    for (const auto& diagnostic : parsed.diagnostics) {
        const auto text = to_text(diagnostic);
        for (std::size_t at = 0; at < text.size();) {
            const auto length = ks::utf8_length(std::string_view(text).substr(at));
            if (length == 0 || ks::has_control_characters(text.substr(at, length))) {
                give_up("a diagnostic that no terminal should show", text);
            }
            at += length;
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto parsed = ks::parse(text, {.file = "fuzz.ks", .tokens = {{"ARCH", "a 'b"}}});
    check_diagnostics(parsed);

    // Where there were errors the document is what was left of them; only a sound one has to come
    // back whole.
    const auto printed = ks::print(parsed.document);
    if (!parsed.has_errors()) {
        const auto again = ks::parse(printed, {.file = "again.ks", .tokens = {}});
        if (again.has_errors()) {
            for (const auto& diagnostic : again.diagnostics) {
                std::fprintf(stderr, "%s\n", to_text(diagnostic).c_str());
            }
            give_up("what is printed is refused", printed);
        }
        if (print(again.document) != printed) {
            give_up("what is printed reads differently",
                    printed + "\n---\n" + print(again.document));
        }
    }
    (void)ks::parse_overlay(text);
    return 0;
}
