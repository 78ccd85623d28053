#include "kickstart/kickstart.hpp"

#include "base/text.hpp"
#include "kickstart/bounds.hpp"
#include "kickstart/document_check.hpp"
#include "kickstart/reader.hpp"
#include "kickstart/text_check.hpp"
#include "syntax/tokens.hpp"

#include <algorithm>

namespace img::kickstart {
namespace {

using syntax::Diagnostic;
using syntax::expand;
using syntax::Severity;

}  // namespace

bool Parsed::has_errors() const {
    return std::ranges::find(diagnostics, Severity::error, &Diagnostic::severity) !=
           diagnostics.end();
}

bool Parsed::is_refused() const {
    return std::ranges::any_of(diagnostics, [](const Diagnostic& diagnostic) {
        return diagnostic.severity >= Severity::refused;
    });
}

Result<std::string> replace_tokens(std::string_view text,
                                   const std::map<std::string, std::string>& tokens) {
    auto expanded = expand(text, tokens, kTextBytesMax);
    if (expanded.too_long) {
        return fail(Fault::invalid, "with its tokens replaced the kickstart is larger than 16 MiB");
    }
    return std::move(expanded.text);
}

Parsed parse(std::string_view text, const ParseOptions& options) {
    Parsed parsed;
    Reporter report;
    const Location nowhere{.file = options.file, .line = 0, .column = 0};
    if (const auto why = why_unreadable(text)) {
        report.error(nowhere, "{}", *why);
    } else if (trim(text).empty()) {
        report.error(nowhere,
                     "the file is empty; a kickstart needs at least url --url=@DEBIAN_MIRROR@ "
                     "--suite=bookworm --components=main");
    } else {
        Reader reader(options, {.document = parsed.document, .report = report});
        parsed.text = reader.read(text);
        check_document(parsed.document, options.file, report);
    }
    parsed.diagnostics = report.take();
    return parsed;
}

}  // namespace img::kickstart
