#include "kickstart/kickstart.hpp"

#include "base/text.hpp"
#include "kickstart/bounds.hpp"
#include "kickstart/document_check.hpp"
#include "kickstart/reader.hpp"

#include <algorithm>
#include <optional>

namespace img::kickstart {
namespace {

/// Text has next to no control bytes; one in ten of a file's first 64 KiB means it is something
/// else, such as an image that was picked by mistake.
bool looks_binary(std::string_view text) {
    const auto head = text.substr(0, std::size_t{64} << 10);
    const auto controls = std::ranges::count_if(head, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f';
    });
    return static_cast<std::size_t>(controls) > head.size() / 10;
}

/// Why the text cannot be read at all.
std::optional<std::string> refusal(std::string_view text) {
    if (text.size() > kTextBytesMax) {
        return fmt::format("the file has {} bytes; a kickstart has at most {} MiB", text.size(),
                           kTextBytesMax >> 20);
    }
    if (text.contains('\0') || looks_binary(text)) {
        return "the file is binary; a kickstart is text";
    }
    if (trim(text).empty()) {
        return "the file is empty; a kickstart needs at least part, repo and %packages";
    }
    return std::nullopt;
}

}  // namespace

bool Parsed::has_errors() const {
    return std::ranges::any_of(diagnostics, [](const Diagnostic& diagnostic) {
        return diagnostic.severity == Severity::error;
    });
}

Parsed parse(std::string_view text, const ParseOptions& options) {
    Parsed parsed;
    Reporter report;
    if (const auto why = refusal(text)) {
        report.error({.file = options.file, .line = 0, .column = 0}, "{}", *why);
    } else {
        Reader reader(options.file, options.tokens,
                      {.document = parsed.document, .report = report});
        reader.read(text);
        reader.finish();
        check_document(parsed.document, options.file, report);
    }
    parsed.diagnostics = report.take();
    return parsed;
}

}  // namespace img::kickstart
