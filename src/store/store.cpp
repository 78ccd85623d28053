#include "store/store.hpp"

#include "store/sqlite_job_store.hpp"

#include <fmt/format.h>

namespace img::store {

Result<std::unique_ptr<jobs::JobStore>> open_job_store(const std::string& url) {
    constexpr std::string_view kSqlite = "sqlite:";
    if (url.starts_with(kSqlite) && url.size() > kSqlite.size()) {
        return open_sqlite(url.substr(kSqlite.size()));
    }
    return fail(
        Fault::invalid,
        fmt::format("store \"{}\": give sqlite:PATH, such as sqlite:/var/lib/img/jobs.db", url));
}

}  // namespace img::store
