// The tables that a backup holds, row by row as JSON.
#pragma once

#include "store/session.hpp"

#include <functional>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace img::store {

struct BackupColumn {
    enum class Kind { number, text, bytes };
    std::string_view name;
    Kind kind = Kind::text;
};

/// The first column is the key: rows are read in its order.
struct BackupTable {
    std::string_view name;
    std::vector<BackupColumn> columns;
};

/// Those that others refer to first.
std::span<const BackupTable> backup_tables();

std::uint64_t count_rows(Session& sql, const BackupTable& table);

/// Calls take(row) with each row, {"column":value,…}, while it returns true. Reads some hundred
/// rows at a time, so the table may be larger than the memory.
void read_rows(Session& sql,
               const BackupTable& table,
               const std::function<bool(const nlohmann::ordered_json&)>& take);

/// Puts one back. A column that the row lacks, because its backup is older, is 0 or empty.
/// Throws nlohmann::json::exception where a value is of another kind.
void write_row(Session& sql, const BackupTable& table, const nlohmann::json& row);

}  // namespace img::store
