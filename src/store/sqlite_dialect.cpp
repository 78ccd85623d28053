#include "store/sqlite_dialect.hpp"

#include <fmt/format.h>
#include <soci/into.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace img::store {
namespace {

// Another program may hold the file: a service, a curious person. SQLite lets those that wait look
// again now and then, not in turn: of three that write without a pause on a loaded machine, one was
// seen to wait for more than 5 s.
constexpr int kBusySeconds = 15;
constexpr std::size_t kReaders = 4;

// Result codes of SQLite, https://www.sqlite.org/rescode.html; the low byte is the primary one.
constexpr int kBusy = 5, kLocked = 6, kNoMemory = 7, kReadOnly = 8, kCorrupt = 11, kFull = 13,
              kCannotOpen = 14, kNotADatabase = 26;

Error error_of_code(int code, std::string_view what) {
    const auto say = [what](Fault fault, std::string_view advice) {
        return Error{fault, fmt::format("database: {}{}", what, advice)};
    };
    switch (code & 0xff) {
        case kBusy:
        case kLocked: return say(Fault::transient, "; another program holds it, try again");
        case kFull: return say(Fault::exhausted, "; make room on the disk that holds it");
        case kNoMemory: return say(Fault::exhausted, "");
        case kReadOnly:
        case kCannotOpen:
            return say(Fault::broken, "; see that its folder is there and can be written to");
        case kCorrupt:
        case kNotADatabase:
            return say(Fault::broken, "; put it aside and restore it from a backup");
        default: return say(Fault::broken, "");
    }
}

class SqliteDialect : public Dialect {
public:
    explicit SqliteDialect(std::string path) : path_(std::move(path)) {}

    std::string_view name() const override { return "sqlite"; }
    std::string shown() const override { return "sqlite:" + path_; }
    std::size_t readers() const override { return path_ == ":memory:" ? 0 : kReaders; }
    bool has_relaxed_writer() const override { return false; }

    void connect(Session& sql) const override {
        sql.open(soci::sqlite3, fmt::format("dbname=\"{}\" timeout={}", path_, kBusySeconds));
        sql << "PRAGMA foreign_keys = ON";
        std::string mode;
        sql << "PRAGMA journal_mode = WAL", soci::into(mode);  // readers never wait for the writer
    }
    std::string begin(Session& sql, Durability durability) const override {
        // NORMAL, the default of WAL, leaves the last commits to the next one's synchronising.
        sql << (durability == Durability::relaxed ? "PRAGMA synchronous = NORMAL"
                                                  : "PRAGMA synchronous = FULL");
        sql << "BEGIN IMMEDIATE";
        return {};
    }
    void begin_migration(Session& sql) const override {
        (void)begin(sql, Durability::synced);  // others wait, or say that they cannot
    }
    void begin_snapshot(Session& sql) const override { sql << "BEGIN"; }
    Outcome outcome_of(Session&, const std::string&) const override { return Outcome::undone; }

    Failure failure_of(const soci::soci_error& thrown, Session&) const override {
        if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&thrown)) {
            return {.error = error_of_code(sqlite->result(), thrown.get_error_message())};
        }
        return {.error = {Fault::broken, fmt::format("database: {}", thrown.get_error_message())}};
    }

private:
    std::string path_;
};

}  // namespace

Result<std::unique_ptr<Dialect>> sqlite_dialect(std::string path) {
    if (path.find('"') != std::string::npos) {
        return fail(Fault::invalid, fmt::format("store {}: a path with a quote in it", path));
    }
    return std::make_unique<SqliteDialect>(std::move(path));
}

}  // namespace img::store
