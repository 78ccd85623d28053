// What an operator does with a database of jobs: bring it up to date, back it up, restore it.
//
// A backup is a text of JSON lines, the same from every database, so that one restores into
// another:
//
//     {"format":"img backup","format_version":1,"schema":5,"made":1790000000000,
//      "rows":{"jobs":2,"job_references":1,"outbox":0,"refused_messages":0}}
//     {"jobs":{"row":1,"id":"…","name":"debian",…,"kickstart":"part / …"}}
//     …
//     {"sha256":"…"}
//
// The digest is of all bytes before its line. Bytes that are no UTF-8 are written {"hex":"…"}.
// Leases and workers are left out: they are over before anybody restores.
#pragma once

#include "base/result.hpp"
#include "jobs/job.hpp"
#include "store/admin_report.hpp"

#include <filesystem>
#include <string>

namespace img::store {

// All take a URL as open_job_store() does, and fail as it does.

Result<Migrated> migrate_store(const std::string& url);

/// One state of the whole database, while services may go on using it. The file appears, or takes
/// the place of an older one, when it is complete. Fault::missing: no database is there;
/// Fault::invalid: its tables are of another version; Fault::exhausted, Fault::broken: the file
/// cannot be written.
Result<BackupSummary> back_up(const std::string& url,
                              const std::filesystem::path& file,
                              jobs::Time now);

struct RestoreOptions {
    bool replace = false;  ///< What the database holds goes; otherwise it must hold no jobs.
    jobs::Time now{};      ///< A service is there if it holds its lease beyond this.
};

/// All of it or nothing. Fault::missing: no such file; Fault::broken: it is cut short or damaged;
/// Fault::invalid: it is no backup, or of a newer version, or the database holds jobs already;
/// Fault::transient: a service is using the database.
Result<BackupSummary> restore(const std::string& url,
                              const std::filesystem::path& file,
                              const RestoreOptions& options);

}  // namespace img::store
