// Which jobs a page or an answer is to list, as its address says.
#pragma once

#include "base/result.hpp"
#include "http/http.hpp"
#include "jobs/job_store.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace img::web {

/// A query parameter or header that has to be a number; nothing where it is empty.
Result<std::optional<std::uint64_t>> number(std::string_view name, std::string_view text);

/// ?state=, ?limit= and ?before=. Fault::invalid: a value that openapi.yaml does not allow.
Result<jobs::JobFilter> filter_from(const http::Request& request);

}  // namespace img::web
