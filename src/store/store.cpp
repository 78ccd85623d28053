#include "store/store.hpp"

#include "store/dialect_of.hpp"
#include "store/sql_job_store.hpp"

namespace img::store {

Result<std::unique_ptr<jobs::JobStore>> open_job_store(const std::string& url) {
    return open_sql_store(TRY(dialect_of(url)));
}

Result<void> check_url(const std::string& url) {
    TRY(dialect_of(url));
    return {};
}

}  // namespace img::store
