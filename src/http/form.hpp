// Forms as browsers post them: urlencoded, and multipart with files (RFC 7578).
#pragma once

#include "base/result.hpp"
#include "http/http.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace img::http {

struct FormField {
    std::string name;
    std::string file_name;  ///< The last component alone, whatever the browser sent.
    std::string value;
};

class Form {
public:
    explicit Form(std::vector<FormField> fields) : fields_(std::move(fields)) {}

    /// The first field of that name, or nullptr.
    const FormField* find(std::string_view name) const;
    /// Its value, or "".
    std::string_view get(std::string_view name) const;

private:
    std::vector<FormField> fields_;
};

/// At most 64 fields. Fault::invalid: neither kind of form, or a broken one.
Result<Form> parse_form(const Request& request);

}  // namespace img::http
