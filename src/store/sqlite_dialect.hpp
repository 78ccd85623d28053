// SQLite: a file or the memory, one connection that writes, a few that read beside it.
#pragma once

#include "store/dialect.hpp"

#include <memory>

namespace img::store {

/// `path`, or ":memory:". Fault::invalid: SOCI cannot be told a path with a quote in it.
Result<std::unique_ptr<Dialect>> sqlite_dialect(std::string path);

}  // namespace img::store
