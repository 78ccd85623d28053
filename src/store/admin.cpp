#include "store/admin.hpp"

#include "store/backup_file.hpp"
#include "store/backup_tables.hpp"
#include "store/dialect_of.hpp"
#include "store/job_row.hpp"
#include "store/migration.hpp"
#include "store/query.hpp"
#include "system/files.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::store {
namespace {

using nlohmann::json;

/// A database named in a sentence, with the sentence of what went wrong.
std::unexpected<Error> in_store(const Dialect& dialect, Error error) {
    error.message = fmt::format("store {}: {}", dialect.shown(), error.message);
    return std::unexpected(std::move(error));
}

/// SQLite would make a database where none is.
Result<void> see_that_it_is_there(const std::string& url) {
    constexpr std::string_view sqlite = "sqlite:";
    if (!url.starts_with(sqlite)) {
        return {};
    }
    const auto there = system::check_file(url.substr(sqlite.size()));
    return there ? there
                 : fail(there.error().fault,
                        fmt::format("store {}{}", sqlite, there.error().message));
}

bool has_tables(Session& sql) {
    int found = 0;
    Query(sql, sql.is_postgres()
                   ? "SELECT count(*) FROM pg_class WHERE oid = to_regclass('schema_version')"
                   : "SELECT count(*) FROM sqlite_master WHERE name = 'schema_version'")
        .into(found)
        .run();
    return found == 1;
}

Result<void> see_that_it_is_current(Session& sql) {
    int version = 0;
    if (has_tables(sql)) {
        Query(sql, "SELECT coalesce(max(version), 0) FROM schema_version").into(version).run();
    }
    if (version != current_version()) {
        return fail(Fault::invalid, fmt::format("its tables are of version {}, this program works "
                                                "with {}; run `img admin migrate`",
                                                version, current_version()));
    }
    return {};
}

BackupSummary write_tables(Session& sql, BackupWriter& out, jobs::Time now) {
    BackupHead head{.schema = current_version(), .made = now};
    BackupSummary summary{.schema = head.schema, .made = now};
    for (const auto& table : backup_tables()) {
        const auto rows = count_rows(sql, table);
        head.rows[std::string(table.name)] = rows;
        summary.rows += rows;
        summary.jobs += table.name == "jobs" ? rows : 0;
    }
    out.add(to_json(head));
    for (const auto& table : backup_tables()) {
        read_rows(sql, table, [&](const nlohmann::ordered_json& row) {
            out.add({{std::string(table.name), row}});
            return !out.has_failed();
        });
    }
    return summary;
}

/// A service that is there would give out jobs while they are replaced.
Result<void> see_that_no_service_is_there(Session& sql, jobs::Time now) {
    std::string holder;
    if (Query(sql, "SELECT holder FROM leases WHERE ends > :now ORDER BY ends DESC LIMIT 1")
            .with(stored(now))
            .into(holder)
            .run()) {
        return fail(Fault::transient,
                    fmt::format("the service {} is using it; stop all imgd, wait half a minute, "
                                "and try again",
                                holder));
    }
    return {};
}

Result<void> make_room(Session& sql, bool replace) {
    const auto tables = backup_tables();
    const auto jobs = count_rows(sql, tables.front());
    if (jobs > 0 && !replace) {
        return fail(Fault::invalid, fmt::format("it holds {} jobs; give --replace to lose them, or "
                                                "restore into an empty database",
                                                jobs));
    }
    for (auto table = tables.rbegin(); table != tables.rend(); ++table) {
        Query(sql, fmt::format("DELETE FROM {}", table->name)).run();
    }
    Query(sql, "DELETE FROM workers").run();
    return {};
}

/// New rows are numbered after those that were restored. SQLite sees to that by itself.
void set_counters(Session& sql) {
    for (const auto& table : backup_tables()) {
        if (sql.is_postgres() && table.columns.front().name == "row") {
            long long next = 0;
            Query(sql, fmt::format("SELECT setval(pg_get_serial_sequence('{0}', 'row'), "
                                   "coalesce((SELECT max(row) FROM {0}), 0) + 1, false)",
                                   table.name))
                .into(next)
                .run();
        }
    }
}

/// Counting row after row, PostgreSQL would leave a million versions of five rows behind.
void count_by_hand(Session& sql, const std::function<void()>& change) {
    if (sql.is_postgres()) {
        sql << "ALTER TABLE jobs DISABLE TRIGGER jobs_counted";
    }
    change();
    Query(sql,
          "UPDATE job_counts SET jobs = "
          "(SELECT count(*) FROM jobs WHERE jobs.state = job_counts.state)")
        .run();
    if (sql.is_postgres()) {
        sql << "ALTER TABLE jobs ENABLE TRIGGER jobs_counted";
    }
}

Result<void> read_tables(Session& sql, const std::filesystem::path& file) {
    const auto tables = backup_tables();
    const auto put_back = [&](const std::string& name, const json& row) {
        const auto table = std::ranges::find(tables, name, &BackupTable::name);
        if (table != tables.end()) {
            write_row(sql, *table, row);
        }
    };
    try {
        return read_backup(file, put_back);
    } catch (const json::exception& thrown) {
        return fail(Fault::broken, fmt::format("{}: a row of it is none of ours: {}", file.native(),
                                               thrown.what()));
    }
}

Result<void> replace_all(Session& sql,
                         const std::filesystem::path& file,
                         const RestoreOptions& options) {
    TRY(see_that_no_service_is_there(sql, options.now));
    Result<void> outcome;
    count_by_hand(sql, [&] {
        outcome = make_room(sql, options.replace);
        if (outcome) {
            outcome = read_tables(sql, file);
        }
    });
    if (outcome) {
        set_counters(sql);
    }
    return outcome;
}

}  // namespace

Result<Migrated> migrate_store(const std::string& url) {
    const auto dialect = TRY(dialect_of(url));
    Connection connection(*dialect);
    auto migrated = migrate(connection, *dialect);
    if (!migrated) {
        return in_store(*dialect, migrated.error());
    }
    return migrated;
}

Result<BackupSummary> back_up(const std::string& url,
                              const std::filesystem::path& file,
                              jobs::Time now) {
    const auto dialect = TRY(dialect_of(url));
    TRY(see_that_it_is_there(url));
    Connection connection(*dialect);
    BackupSummary summary;
    const auto written = connection.snapshot([&](Session& sql) -> Result<void> {
        TRY(see_that_it_is_current(sql));
        BackupWriter out(file);
        summary = write_tables(sql, out, now);
        auto sha256 = out.finish();
        summary.sha256 = sha256.value_or("");
        return sha256 ? Result<void>() : std::unexpected(sha256.error());
    });
    if (!written) {
        return in_store(*dialect, written.error());
    }
    return summary;
}

Result<BackupSummary> restore(const std::string& url,
                              const std::filesystem::path& file,
                              const RestoreOptions& options) {
    const auto dialect = TRY(dialect_of(url));
    auto summary = TRY(check_backup(file));
    TRY(migrate_store(url));
    Connection connection(*dialect);
    const auto restored = connection.migrate(
        [&](Session& sql) -> Result<void> { return replace_all(sql, file, options); });
    if (!restored) {
        return in_store(*dialect, restored.error());
    }
    return summary;
}

}  // namespace img::store
