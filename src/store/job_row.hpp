// A job as a row of the table, and back.
#pragma once

#include "jobs/job.hpp"
#include "store/query.hpp"
#include "store/session.hpp"

#include <string>
#include <vector>

namespace img::store {

/// Whether the kickstart is read too, and the template behind it: columns that only one job's page
/// shows.
enum class Kickstart { without, with };

/// Variables that a SELECT of columns() is read into; take() makes the Job of what is in them.
class JobRow {
public:
    /// The columns in the order of bind(), for "SELECT " + columns(…) + " FROM jobs …". `table` is
    /// put before each: "j." where two tables have columns of one name.
    static std::string columns(Kickstart kickstart, std::string_view table = {});

    void bind(Query& query, Kickstart kickstart);
    jobs::Job take();

private:
    jobs::Job job_;
    std::string state_;
    int attempt_ = 0;
    int losses_ = 0;
    long long done_ = 0, total_ = 0, size_ = 0;
    long long created_ = 0, started_ = 0, finished_ = 0, lease_end_ = 0, removed_ = 0;
    int is_pinned_ = 0, is_fresh_ = 0;
};

/// The only job that the condition can find: "id = :id" and its value. The kickstart is with it.
std::optional<jobs::Job> read_job(Session& sql,
                                  const std::string& condition,
                                  const std::string& value);

/// All jobs that the query finds, which begins with SELECT JobRow::columns() without kickstart.
std::vector<jobs::Job> read_jobs(Query& query);

/// A time as it is stored: milliseconds since 1970.
long long stored(jobs::Time time);
jobs::Time time_of(long long stored);

/// Databases count in 63 bits; a total beyond that is no number of packages or bytes.
long long stored(std::uint64_t count);

}  // namespace img::store
