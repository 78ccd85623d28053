#include "store/postgres_dialect.hpp"

#include "base/text.hpp"
#include "store/query.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <soci/into.h>
#include <soci/postgresql/soci-postgresql.h>
#include <utility>

namespace img::store {
namespace {

constexpr std::size_t kReaders = 4;

// Whoever makes a change that others must see in its place holds this lock until it is committed:
// "IMG" as a number, for no other program to have it by chance. Numbers of rows are given out
// before a commit; without the lock a row could turn up behind a higher one, and who reads "what
// came after row 7" would never see it. One connection commits what many threads wait for, so the
// lock costs no more than a journey to the server; deadlocks between changes cannot happen.
constexpr int kChangeLock = 0x49'4d'47;

/// What a connection does unless its URL says otherwise; times in seconds, the last in ms. A
/// server that does not answer for about so long is away.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kDefaults{
    {{"connect_timeout", "5"},
     {"keepalives_idle", "10"},
     {"keepalives_interval", "5"},
     {"keepalives_count", "3"},
     {"tcp_user_timeout", "15000"},
     {"application_name", "img"}}};

// A service that stops half way through a change must not keep others from theirs.
constexpr const char* kSettings =
    "SET lock_timeout = '5s'; SET statement_timeout = '30s'; "
    "SET idle_in_transaction_session_timeout = '10s'; "
    "SET client_encoding = 'UTF8'; SET bytea_output = 'hex'; SET client_min_messages = 'warning'";

std::string with_defaults(std::string url) {
    for (const auto& [name, value] : kDefaults) {
        if (!url.contains(fmt::format("{}=", name))) {
            url += fmt::format("{}{}={}", url.contains('?') ? '&' : '?', name, value);
        }
    }
    return url;
}

/// What libpq reads from the URL, put together again without the password.
Result<std::string> without_password(const std::string& url) {
    char* wrong = nullptr;
    auto* options = ::PQconninfoParse(url.c_str(), &wrong);
    if (options == nullptr) {
        const std::string reason(trim(wrong != nullptr ? wrong : "no memory"));
        ::PQfreemem(wrong);
        return fail(Fault::invalid,
                    fmt::format("store: its postgresql URL cannot be read: {}; give "
                                "postgresql://USER@HOST/DATABASE",
                                reason));
    }
    std::string user, host, port, database;
    for (const auto* option = options; option->keyword != nullptr; ++option) {
        const std::string_view keyword = option->keyword;
        const std::string value = option->val != nullptr ? option->val : "";
        if (keyword == "user") {
            user = value.empty() ? "" : value + "@";
        } else if (keyword == "host") {
            host = value;
        } else if (keyword == "port") {
            port = value.empty() ? "" : ":" + value;
        } else if (keyword == "dbname") {
            database = value;
        }
    }
    ::PQconninfoFree(options);
    return fmt::format("postgresql://{}{}{}/{}", user, host, port, database);
}

/// On one line, without what SOCI adds: the statement and its values, a kickstart among them.
std::string message_of(const soci::soci_error& thrown) {
    return join(split(thrown.get_error_message(), "\n\t"), " ");
}

std::string state_of(const soci::soci_error& thrown) {
    const auto* error = dynamic_cast<const soci::postgresql_soci_error*>(&thrown);
    return error != nullptr ? error->sqlstate() : std::string();
}

// https://www.postgresql.org/docs/15/errcodes-appendix.html: five characters, two for the class.

Failure failure_of_state(std::string_view state, std::string_view what) {
    const auto say = [what](Fault fault, std::string_view advice) {
        return Failure{.error = {fault, fmt::format("database: {}; {}", what, advice)}};
    };
    if (state == "40001" || state == "40P01") {  // serialization_failure, deadlock_detected
        auto failure = say(Fault::transient, "another change was in its way, try again");
        failure.may_repeat = true;
        return failure;
    }
    if (state == "55P03" || state == "57014") {  // lock_not_available, query_canceled
        return say(Fault::transient, "another program holds it or it is slow, try again");
    }
    if (state == "53300") {  // too_many_connections
        return say(Fault::transient, "raise its max_connections: a service uses 6");
    }
    if (state.starts_with("53")) {  // insufficient resources: disk_full, out_of_memory
        return say(Fault::exhausted, "make room on the server");
    }
    if (state == "25006") {  // read_only_sql_transaction
        return say(Fault::transient,
                   "that server is a standby: name the primary in the URL, or "
                   "several hosts and target_session_attrs=read-write");
    }
    if (state == "42501") {  // insufficient_privilege
        return say(Fault::broken, "make the URL's user the owner of the database");
    }
    if (state.starts_with("XX")) {  // data_corrupted among them
        return say(Fault::broken, "look into the server's log, and restore it from a backup");
    }
    return say(Fault::broken, "look into the server's log");
}

/// libpq would print them on the program's standard error.
void ignore_notice(void*, const char*) {}

class PostgresDialect : public Dialect {
public:
    PostgresDialect(std::string url, std::string shown)
        : url_(std::move(url)), shown_(std::move(shown)) {}

    std::string_view name() const override { return "postgresql"; }
    std::string shown() const override { return shown_; }
    std::size_t readers() const override { return kReaders; }
    bool has_relaxed_writer() const override { return true; }

    void connect(Session& sql) const override {
        sql.open(soci::postgresql, url_);
        auto* session = static_cast<soci::postgresql_session_backend*>(sql.get_backend());
        ::PQsetNoticeProcessor(session->conn_, ignore_notice, nullptr);
        sql << kSettings;
    }
    std::string begin(Session& sql, Durability durability) const override {
        if (durability == Durability::relaxed) {
            sql << "BEGIN; SET LOCAL synchronous_commit = off";
            return {};
        }
        std::string transaction;
        sql << fmt::format("BEGIN; SELECT pg_advisory_xact_lock({}); SELECT pg_current_xact_id()",
                           kChangeLock),
            soci::into(transaction);
        return transaction;
    }
    void begin_migration(Session& sql) const override {
        sql << fmt::format(
            "BEGIN; SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; "
            "SELECT pg_advisory_xact_lock({})",
            kChangeLock);
    }
    void begin_snapshot(Session& sql) const override {
        sql << "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0; "
               "SET LOCAL idle_in_transaction_session_timeout = 0";
    }
    Outcome outcome_of(Session& sql, const std::string& transaction) const override {
        std::string status;
        Query(sql, "SELECT coalesce(pg_xact_status(CAST(CAST(:id AS TEXT) AS xid8)), '')")
            .with(transaction)
            .into(status)
            .run();
        return status == "committed"     ? Outcome::committed
               : status == "in progress" ? Outcome::open
                                         : Outcome::undone;
    }

    Failure failure_of(const soci::soci_error& thrown, Session& sql) const override {
        const auto what = message_of(thrown);
        const auto state = state_of(thrown);
        // Class 57P is a server that goes down or comes up, 08 a connection that broke.
        if (!sql.is_connected() || state.starts_with("57P") || state.starts_with("08")) {
            return {.error = {Fault::transient,
                              fmt::format("database: {}; see that the server of {} runs and lets "
                                          "that user in, or try again",
                                          what, shown_)},
                    .is_lost = true};
        }
        return failure_of_state(state, what);
    }

private:
    std::string url_;
    std::string shown_;
};

}  // namespace

Result<std::unique_ptr<Dialect>> postgres_dialect(const std::string& url) {
    auto shown = TRY(without_password(url));
    return std::make_unique<PostgresDialect>(with_defaults(url), std::move(shown));
}

}  // namespace img::store
