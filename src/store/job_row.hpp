// A job as a row of the table, and back.
#pragma once

#include "jobs/job.hpp"

#include <functional>
#include <soci/session.h>
#include <soci/statement.h>
#include <string>
#include <vector>

namespace img::store {

/// Whether the kickstart is read too, and the template behind it: columns that only one job's page
/// shows.
enum class Kickstart { without, with };

/// Variables that a SELECT of columns() is read into; take() makes the Job of what is in them.
class JobRow {
public:
    /// The columns in the order of bind(), for "SELECT " + columns(…) + " FROM jobs …".
    static std::string columns(Kickstart kickstart);

    void bind(soci::statement& statement, Kickstart kickstart);
    jobs::Job take();

private:
    jobs::Job job_;
    std::string state_;
    int attempt_ = 0;
    long long done_ = 0, total_ = 0;
    long long created_ = 0, started_ = 0, finished_ = 0, lease_end_ = 0;
};

/// A time as it is stored.
long long stored(jobs::Time time);

/// SQLite counts in 63 bits; a total beyond that is no number of packages or bytes.
long long stored(std::uint64_t count);

}  // namespace img::store
