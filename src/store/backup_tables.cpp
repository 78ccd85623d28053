#include "store/backup_tables.hpp"

#include "store/query.hpp"

#include <deque>
#include <fmt/format.h>

namespace img::store {
namespace {

using Kind = BackupColumn::Kind;
using nlohmann::json;
using nlohmann::ordered_json;

constexpr long long kRowsAtATime = 500;

BackupColumn number(std::string_view name) {
    return {.name = name, .kind = Kind::number};
}
BackupColumn text(std::string_view name) {
    return {.name = name, .kind = Kind::text};
}

std::vector<BackupTable> make_tables() {
    return {
        {"jobs",
         {number("row"),
          text("id"),
          text("name"),
          text("image_type"),
          text("overlay"),
          text("email"),
          text("state"),
          number("attempt"),
          text("worker"),
          text("stage"),
          number("stage_done"),
          number("stage_total"),
          text("stage_unit"),
          text("stage_text"),
          text("error"),
          text("error_stage"),
          text("image"),
          number("created"),
          number("started"),
          number("finished"),
          number("lease_end"),
          text("owner"),
          text("reference"),
          text("architecture"),
          number("priority"),
          number("is_fresh"),
          text("digest"),
          text("place"),
          number("size"),
          number("is_pinned"),
          number("removed"),
          text("template"),
          number("joined"),
          number("losses"),
          {"kickstart", Kind::bytes}}},
        {"job_references", {text("reference"), number("job"), text("owner")}},
        {"outbox", {number("row"), text("kind"), number("job"), number("attempt"), text("state")}},
        {"refused_messages",
         {number("row"), number("at"), text("queue"), text("reference"), text("reason"),
          text("excerpt")}}};
}

std::string names(const BackupTable& table, std::string_view prefix) {
    std::string list;
    for (const auto& column : table.columns) {
        list += fmt::format("{}{}{}", list.empty() ? "" : ", ", prefix, column.name);
    }
    return list;
}

/// Where the values of one row are read into; a deque leaves them in place.
struct Values {
    std::deque<long long> numbers{};
    std::deque<std::string> texts{};
};

void bind(Query& query, const BackupTable& table, Values& values) {
    for (const auto& column : table.columns) {
        if (column.kind == Kind::number) {
            query.into(values.numbers.emplace_back());
        } else {
            query.into(values.texts.emplace_back());
        }
    }
}

/// Text where it is UTF-8, which most kickstarts are, for people to read.
ordered_json json_of_bytes(const std::string& bytes) {
    try {
        (void)json(bytes).dump();
        return bytes;
    } catch (const json::exception&) {
        return {{"hex", hex_of(bytes)}};
    }
}

ordered_json row_of(Session& sql, const BackupTable& table, const Values& values) {
    ordered_json row;
    auto next_number = values.numbers.begin();
    auto next_text = values.texts.begin();
    for (const auto& column : table.columns) {
        auto& value = row[std::string(column.name)];
        switch (column.kind) {
            case Kind::number: value = *next_number++; break;
            case Kind::text: value = *next_text++; break;
            case Kind::bytes: value = json_of_bytes(bytes_of(sql, *next_text++)); break;
        }
    }
    return row;
}

std::string bytes_from(const json& value) {
    return value.is_object() ? bytes_of_hex(value.at("hex").get<std::string>())
                             : value.get<std::string>();
}

}  // namespace

std::span<const BackupTable> backup_tables() {
    static const auto tables = make_tables();
    return tables;
}

std::uint64_t count_rows(Session& sql, const BackupTable& table) {
    long long rows = 0;
    Query(sql, fmt::format("SELECT count(*) FROM {}", table.name)).into(rows).run();
    return static_cast<std::uint64_t>(rows);
}

void read_rows(Session& sql,
               const BackupTable& table,
               const std::function<bool(const ordered_json&)>& take) {
    const auto& key = table.columns.front();
    long long last_number = -1;
    std::string last_text;
    for (bool is_page_full = true; is_page_full;) {
        Values values;
        Query query(sql, fmt::format("SELECT {0} FROM {1} WHERE {2} > :last ORDER BY {2} "
                                     "LIMIT :most",
                                     names(table, ""), table.name, key.name));
        key.kind == Kind::number ? query.with(last_number) : query.with(last_text);
        query.with(kRowsAtATime);
        bind(query, table, values);
        long long rows = 0;
        for (bool is_there = query.run(); is_there; is_there = query.next(), ++rows) {
            if (!take(row_of(sql, table, values))) {
                return;
            }
        }
        is_page_full = rows == kRowsAtATime;
        if (is_page_full && key.kind == Kind::number) {
            last_number = values.numbers.front();
        } else if (is_page_full) {
            last_text = values.texts.front();
        }
    }
}

void write_row(Session& sql, const BackupTable& table, const json& row) {
    Query query(sql, fmt::format("INSERT INTO {} ({}) VALUES ({})", table.name, names(table, ""),
                                 names(table, ":")));
    for (const auto& column : table.columns) {
        const std::string name(column.name);
        switch (column.kind) {
            case Kind::number: query.with(row.value(name, 0LL)); break;
            case Kind::text: query.with(row.value(name, std::string())); break;
            case Kind::bytes: query.with_bytes(bytes_from(row.at(name))); break;
        }
    }
    query.run();
}

}  // namespace img::store
