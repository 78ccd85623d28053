// Opens the database of jobs that a URL names.
//
// This room implements jobs::JobStore in SQL, through SOCI. It knows tables and transactions, and
// must never know HTTP or builds. No exception of the library leaves it.
#pragma once

#include "base/result.hpp"
#include "jobs/job_store.hpp"

#include <memory>
#include <string>

namespace img::store {

/// `sqlite:PATH`, made if it is not there; `sqlite::memory:` is forgotten with the store;
/// `postgresql://USER@HOST/DATABASE`, as libpq reads it. Tables are made, or brought up to date if
/// they are older. A change that returned success is on the disk, except for beats, notes and
/// sent(): those may be lost in a power cut, which costs a lease or a second message.
/// Fault::invalid: no such kind of URL, or a database that a newer IMG made; Fault::broken: it
/// cannot be opened; Fault::transient and Fault::exhausted as of JobStore.
Result<std::unique_ptr<jobs::JobStore>> open_job_store(const std::string& url);

/// Whether open_job_store() can make something of the URL; looks at nothing but its words.
/// Fault::invalid: it cannot.
Result<void> check_url(const std::string& url);

}  // namespace img::store
