#include "store/migration.hpp"

#include "store/query.hpp"

#include <fmt/format.h>
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

std::string_view text_of(const Migration& migration, const Dialect& dialect) {
    return dialect.name() == "sqlite" ? migration.sqlite : migration.postgresql;
}

/// From the version that the database has.
Result<Migrated> take_steps(Session& sql, const Dialect& dialect, int target) {
    sql << "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)";
    int version = 0;
    Query(sql, "SELECT coalesce(max(version), 0) FROM schema_version").into(version).run();
    if (version > target) {
        return fail(Fault::invalid, fmt::format("database: it is of version {}, this program knows "
                                                "{}; use the newer IMG that made it",
                                                version, target));
    }
    for (int step = version; step < target; ++step) {
        const auto& migration = migrations()[static_cast<std::size_t>(step)];
        for (const auto& statement : statements(text_of(migration, dialect))) {
            sql << statement;
        }
        Query(sql, "INSERT INTO schema_version (version) VALUES (:version)").with(step + 1).run();
    }
    return Migrated{.from = version, .to = target};
}

}  // namespace

int current_version() {
    return static_cast<int>(migrations().size());
}

Result<Migrated> migrate(Connection& connection, const Dialect& dialect, int target) {
    Result<Migrated> migrated;
    TRY(connection.migrate([&](Session& sql) -> Result<void> {
        migrated = take_steps(sql, dialect, target);
        return migrated ? Result<void>() : std::unexpected(migrated.error());
    }));
    return migrated;
}

}  // namespace img::store
