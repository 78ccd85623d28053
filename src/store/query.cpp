#include "store/query.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <soci/use.h>

namespace img::store {
namespace {

std::string as_utf8(std::string_view text) {
    const auto is_plain = [](char c) { return c > 0; };
    std::string clean(text);
    if (std::ranges::all_of(clean, is_plain)) {
        return clean;
    }
    using nlohmann::json;
    const auto body = json(clean).dump(-1, ' ', false, json::error_handler_t::replace);
    clean = json::parse(body).get<std::string>();
    for (auto zero = clean.find('\0'); zero != std::string::npos; zero = clean.find('\0')) {
        clean.replace(zero, 1, "\uFFFD");
    }
    return clean;
}

unsigned digit_value(char digit) {
    return static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

/// The statement of that text, prepared if the session remembers it.
soci::statement statement_of(Session& sql, const std::string& text) {
    const auto known = sql.prepared.find(text);
    return known != sql.prepared.end() ? known->second : soci::statement(sql);
}

}  // namespace

Query::Query(Session& sql, std::string text)
    : sql_(sql),
      text_(std::move(text)),
      is_prepared_(sql.prepared.contains(text_)),
      statement_(statement_of(sql, text_)) {}

Query::~Query() {
    if (is_prepared_) {
        statement_.bind_clean_up();  // the next Query of this text brings variables of its own
    }
}

Query& Query::with(std::string_view text) {
    statement_.exchange(soci::use(texts_.emplace_back(as_utf8(text))));
    return *this;
}

Query& Query::with(long long number) {
    statement_.exchange(soci::use(numbers_.emplace_back(number)));
    return *this;
}

Query& Query::with_bytes(std::string_view bytes) {
    texts_.emplace_back(sql_.is_postgres() ? hex_of(bytes) : std::string(bytes));
    statement_.exchange(soci::use(texts_.back()));
    return *this;
}

bool Query::run() {
    if (!is_prepared_) {
        statement_.alloc();
        statement_.prepare(text_, sql_.is_postgres() ? soci::details::st_repeatable_query
                                                     : soci::details::st_one_time_query);
    }
    if (!is_prepared_ && sql_.is_postgres()) {
        sql_.prepared.emplace(text_, statement_);
        is_prepared_ = true;
    }
    statement_.define_and_bind();
    return statement_.execute(true);
}

bool Query::next() {
    return statement_.fetch();
}

std::string hex_of(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex = "\\x";
    hex.reserve(2 + 2 * bytes.size());
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        hex += digits[value >> 4];
        hex += digits[value & 15];
    }
    return hex;
}

std::string bytes_of_hex(std::string_view hex) {
    std::string bytes;
    bytes.reserve(hex.size() / 2);
    for (std::size_t i = 2; i + 1 < hex.size(); i += 2) {
        bytes += static_cast<char>(digit_value(hex[i]) << 4 | digit_value(hex[i + 1]));
    }
    return bytes;
}

std::string bytes_of(Session& sql, std::string column) {
    return sql.is_postgres() ? bytes_of_hex(column) : column;
}

}  // namespace img::store
