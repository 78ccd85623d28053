#include "kickstart/section.hpp"
#include "syntax/values.hpp"

#include <fmt/format.h>

namespace img::kickstart {
namespace {

using syntax::parse_absolute_path;
using syntax::parse_plain_name;
using syntax::parse_printable;

Result<std::string> parse_file_name(std::string_view text) {
    auto name = TRY(parse_printable(text));
    if (name.empty() || name.contains('/') || name == "." || name == "..") {
        return fail(Fault::invalid, "a file's name is wanted; the folder belongs into --dir");
    }
    return name;
}

const OptionTable<Certificate>& header_options() {
    static const OptionTable<Certificate> table{
        takes<&Certificate::file_name, parse_file_name>("--filename=NAME"),
        takes<&Certificate::folder, parse_absolute_path>("--dir=FOLDER"),
        takes<&Certificate::type, parse_plain_name>("--type=NAME", "F43"),
    };
    return table;
}

}  // namespace

std::span<const OptionRow> certificate_header_options() {
    return header_options().rows();
}

Certificate read_certificate_header(const CommandLine& line, Reporter& report) {
    Certificate certificate;
    certificate.where = line.where();
    const auto given = header_options().read(line, certificate, report);
    refuse_positionals(line, given, report);
    if (!given.has("--filename")) {
        report.error(line.where(), "%certificate needs --filename");
    }
    if (!given.has("--dir") && !given.has("--type")) {
        report.error(line.where(), "%certificate needs --dir");
    }
    return certificate;
}

}  // namespace img::kickstart
