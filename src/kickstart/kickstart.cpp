#include "kickstart/kickstart.hpp"

#include "base/text.hpp"
#include "kickstart/document_check.hpp"
#include "kickstart/reader.hpp"
#include "kickstart/text_check.hpp"

#include <algorithm>

namespace img::kickstart {

bool Parsed::has_errors() const {
    return std::ranges::find(diagnostics, Severity::error, &Diagnostic::severity) !=
           diagnostics.end();
}

bool Parsed::is_refused() const {
    return std::ranges::any_of(diagnostics, [](const Diagnostic& diagnostic) {
        return diagnostic.severity >= Severity::refused;
    });
}

Parsed parse(std::string_view text, const ParseOptions& options) {
    Parsed parsed;
    Reporter report;
    const Location nowhere{.file = options.file, .line = 0, .column = 0};
    if (const auto why = why_unreadable(text)) {
        report.error(nowhere, "{}", *why);
    } else if (trim(text).empty()) {
        report.refuse(nowhere, "the file is empty; a kickstart needs at least repo and %packages");
    } else {
        Reader reader(options, {.document = parsed.document, .report = report});
        parsed.text = reader.read(text);
        check_document(parsed.document, options.file, report);
    }
    parsed.diagnostics = report.take();
    return parsed;
}

}  // namespace img::kickstart
