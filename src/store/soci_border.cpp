#include "store/soci_border.hpp"

#include <fmt/format.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace img::store {
namespace {

// Result codes of SQLite, https://www.sqlite.org/rescode.html; the low byte is the primary one.
constexpr int kBusy = 5, kLocked = 6, kNoMemory = 7, kReadOnly = 8, kCorrupt = 11, kFull = 13,
              kCannotOpen = 14, kNotADatabase = 26;

Error error_of_sqlite(int code, std::string_view what) {
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

}  // namespace

Error error_of(const soci::soci_error& thrown) {
    if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&thrown)) {
        return error_of_sqlite(sqlite->result(), thrown.what());
    }
    return {Fault::broken, fmt::format("database: {}", thrown.what())};
}

}  // namespace img::store
