#include "store/dialect_of.hpp"

#include "store/postgres_dialect.hpp"
#include "store/sqlite_dialect.hpp"

#include <fmt/format.h>

namespace img::store {

Result<std::unique_ptr<Dialect>> dialect_of(const std::string& url) {
    constexpr std::string_view sqlite = "sqlite:";
    if (url.starts_with(sqlite) && url.size() > sqlite.size()) {
        return sqlite_dialect(url.substr(sqlite.size()));
    }
    // libpq knows both names.
    if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
        return postgres_dialect(url);
    }
    return fail(Fault::invalid,
                fmt::format("store \"{}\": give sqlite:PATH, such as sqlite:/var/lib/img/jobs.db, "
                            "or postgresql://USER@HOST/DATABASE",
                            url));
}

}  // namespace img::store
