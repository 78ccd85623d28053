// PostgreSQL, where several services may share one database.
#pragma once

#include "store/dialect.hpp"

#include <memory>

namespace img::store {

/// `url` as libpq takes it: postgresql://USER:PASSWORD@HOST:PORT/DATABASE?NAME=VALUE. Connections
/// give up after some seconds of silence unless the URL says otherwise. Fault::invalid: libpq
/// cannot read it.
Result<std::unique_ptr<Dialect>> postgres_dialect(const std::string& url);

}  // namespace img::store
