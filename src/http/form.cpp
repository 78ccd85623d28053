#include "http/form.hpp"

#include "base/printable.hpp"
#include "base/text.hpp"
#include "http/url.hpp"

#include <algorithm>

namespace img::http {

namespace {

constexpr std::size_t kFieldsMax = 64;
constexpr std::size_t kBoundaryMax = 70;  // RFC 2046, section 5.1.1

/// The value of `; key=value` or `; key="value"` in a header field.
std::optional<std::string> header_parameter(std::string_view field, std::string_view key) {
    auto rest = field.substr(std::min(field.find(';'), field.size()));
    while (rest.starts_with(';')) {
        rest = trim(rest.substr(1));
        const auto equals = rest.find('=');
        if (equals == std::string_view::npos) {
            return std::nullopt;
        }
        const auto name = trim(rest.substr(0, equals));
        rest.remove_prefix(equals + 1);
        std::string value;
        if (rest.starts_with('"')) {
            std::size_t i = 1;
            for (; i < rest.size() && rest[i] != '"'; ++i) {
                // Browsers send %22 for a quote; a backslash is one only before a quote.
                i += rest[i] == '\\' && i + 1 < rest.size() && rest[i + 1] == '"' ? 1u : 0u;
                value.push_back(rest[i]);
            }
            rest.remove_prefix(std::min(i + 1, rest.size()));
            rest = trim(rest);
        } else {
            const auto end = std::min(rest.find(';'), rest.size());
            value = trim(rest.substr(0, end));
            rest.remove_prefix(end);
        }
        if (equal_ignoring_case(name, key)) {
            return value;
        }
    }
    return std::nullopt;
}

std::string last_component(std::string_view path) {
    return std::string(path.substr(path.find_last_of("/\\") + 1));
}

/// Reads one part: header lines, an empty line, the value.
Result<FormField> parse_part(std::string_view part) {
    const auto head_end = part.find("\r\n\r\n");
    if (head_end == std::string_view::npos) {
        return fail(Fault::invalid, "the form has a part without an end to its header");
    }
    FormField field{.name = {}, .file_name = {}, .value = std::string(part.substr(head_end + 4))};
    auto head = part.substr(0, head_end + 2);
    bool is_named = false;
    while (!head.empty()) {
        const auto end = head.find("\r\n");
        const auto line = head.substr(0, end);
        const auto colon = std::min(line.find(':'), line.size());
        if (equal_ignoring_case(trim(line.substr(0, colon)), "Content-Disposition")) {
            const auto value = line.substr(std::min(colon + 1, line.size()));
            const auto name = header_parameter(value, "name");
            is_named = name.has_value();
            field.name = name.value_or("");
            field.file_name = last_component(header_parameter(value, "filename").value_or(""));
        }
        head.remove_prefix(end + 2);
    }
    if (!is_named) {
        return fail(Fault::invalid, "the form has a part without a name");
    }
    return field;
}

Result<Form> parse_multipart(std::string_view body, std::string_view boundary) {
    const std::string delimiter = "\r\n--" + std::string(boundary);
    // The first delimiter may stand at the very beginning, without a line end before it.
    if (!body.starts_with(std::string_view(delimiter).substr(2))) {
        return fail(Fault::invalid, "the form does not begin with its boundary");
    }
    body.remove_prefix(delimiter.size() - 2);
    std::vector<FormField> fields;
    while (!body.starts_with("--")) {
        if (!body.starts_with("\r\n")) {
            return fail(Fault::invalid, "the form has a boundary that does not end its line");
        }
        body.remove_prefix(2);
        const auto end = body.find(delimiter);
        if (end == std::string_view::npos) {
            return fail(Fault::invalid, "the form ends before its last boundary");
        }
        if (fields.size() == kFieldsMax) {
            return fail(Fault::invalid, "the form has more than 64 fields");
        }
        fields.push_back(TRY(parse_part(body.substr(0, end))));
        body.remove_prefix(end + delimiter.size());
    }
    return Form(std::move(fields));
}

}  // namespace

const FormField* Form::find(std::string_view name) const {
    const auto found = std::ranges::find(fields_, name, &FormField::name);
    return found == fields_.end() ? nullptr : &*found;
}

std::string_view Form::get(std::string_view name) const {
    const auto* const field = find(name);
    return field == nullptr ? std::string_view() : std::string_view(field->value);
}

Result<Form> parse_form(const Request& request) {
    const auto type = request.headers.get("Content-Type");
    const auto kind = trim(type.substr(0, type.find(';')));
    if (equal_ignoring_case(kind, "application/x-www-form-urlencoded")) {
        std::vector<FormField> fields;
        for (auto& [name, value] : parse_query(request.body)) {
            fields.push_back({.name = std::move(name), .file_name = {}, .value = std::move(value)});
        }
        return Form(std::move(fields));
    }
    if (equal_ignoring_case(kind, "multipart/form-data")) {
        const auto boundary = header_parameter(type, "boundary");
        if (!boundary || boundary->empty() || boundary->size() > kBoundaryMax) {
            return fail(Fault::invalid, "multipart/form-data comes without a usable boundary");
        }
        return parse_multipart(request.body, *boundary);
    }
    return fail(Fault::invalid,
                "a form is application/x-www-form-urlencoded or "
                "multipart/form-data, and this is " +
                    (kind.empty() ? std::string("neither") : printable(kind)));
}

}  // namespace img::http
