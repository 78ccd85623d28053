#include "store/store.hpp"

#include "store/sql_job_store.hpp"
#include "store/sqlite_dialect.hpp"

#include <fmt/format.h>

namespace img::store {

Result<std::unique_ptr<jobs::JobStore>> open_job_store(const std::string& url) {
    constexpr std::string_view scheme = "sqlite:";
    if (url.starts_with(scheme) && url.size() > scheme.size()) {
        return open_sql_store(TRY(sqlite_dialect(url.substr(scheme.size()))));
    }
    return fail(
        Fault::invalid,
        fmt::format("store \"{}\": give sqlite:PATH, such as sqlite:/var/lib/img/jobs.db", url));
}

}  // namespace img::store
