#include "store/migration.hpp"

#include "store/soci_border.hpp"

#include <fmt/format.h>
#include <soci/into.h>
#include <soci/transaction.h>
#include <soci/use.h>
#include <string>
#include <vector>

namespace img::store {
namespace {

bool is_comment(std::string_view line) {
    return line.starts_with("--");
}

/// An empty line ends a statement, so that a trigger may have semicolons within.
std::vector<std::string> statements(std::string_view text) {
    std::vector<std::string> found(1);
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size() - 1);
        const auto line = text.substr(0, end + 1);
        text.remove_prefix(end + 1);
        if (line == "\n") {
            found.emplace_back();
        } else if (!is_comment(line)) {
            found.back() += line;
        }
    }
    std::erase(found, "");
    return found;
}

}  // namespace

Result<void> migrate(soci::session& sql) {
    return guarded([&]() -> Result<void> {
        sql << "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)";
        for (int step = 0; step <= std::ssize(migrations()); ++step) {
            // Immediate: two programs that start at once take turns, and the second finds it done.
            sql << "BEGIN IMMEDIATE";
            int version = 0;
            sql << "SELECT coalesce(max(version), 0) FROM schema_version", soci::into(version);
            if (version >= std::ssize(migrations())) {
                sql << "ROLLBACK";
                if (version > std::ssize(migrations())) {
                    return fail(Fault::invalid,
                                fmt::format("database: it is of version {}, this program knows {}; "
                                            "use the newer IMG that made it",
                                            version, migrations().size()));
                }
                return {};
            }
            for (const auto& statement :
                 statements(migrations()[static_cast<std::size_t>(version)].text)) {
                sql << statement;
            }
            const int next = version + 1;
            sql << "INSERT INTO schema_version (version) VALUES (:version)", soci::use(next);
            sql << "COMMIT";
        }
        return {};
    });
}

}  // namespace img::store
