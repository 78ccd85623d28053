// Which database a URL means.
#pragma once

#include "store/dialect.hpp"

#include <memory>

namespace img::store {

/// Fault::invalid: no such kind of URL. Opens nothing yet.
Result<std::unique_ptr<Dialect>> dialect_of(const std::string& url);

}  // namespace img::store
