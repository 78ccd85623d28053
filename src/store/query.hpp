// One SQL statement: values in, rows out, the same way on both databases.
#pragma once

#include "store/session.hpp"

#include <cstdint>
#include <deque>
#include <soci/into.h>
#include <soci/statement.h>
#include <string>
#include <string_view>

namespace img::store {

/// Names of parameters stand for their places: with() fills them from left to right, and into()
/// the columns likewise. What SOCI throws goes through.
///
/// Texts are UTF-8 without zero bytes, for PostgreSQL takes no others: what is none becomes
/// U+FFFD on its way in, on both databases. Bytes stay as they are.
class Query {
public:
    Query(Session& sql, std::string text);
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;
    ~Query();

    Query& with(std::string_view text);
    Query& with(long long number);
    Query& with_bytes(std::string_view bytes);

    /// The variable gets the column's value of each row, until the Query is gone.
    template <typename Variable>
    Query& into(Variable& variable) {
        statement_.exchange(soci::into(variable));
        return *this;
    }

    /// Runs it and fetches the first row; whether there was one.
    bool run();
    bool next();

private:
    Session& sql_;
    std::string text_;
    bool is_prepared_ = false;
    std::deque<std::string> texts_;  // a deque leaves in place what SOCI points at
    std::deque<long long> numbers_;
    soci::statement statement_;
};

/// PostgreSQL's way to write bytes: \x and two hexadecimal digits for each.
std::string hex_of(std::string_view bytes);
std::string bytes_of_hex(std::string_view hex);

/// The bytes of a column as SOCI read it.
std::string bytes_of(Session& sql, std::string column);

}  // namespace img::store
