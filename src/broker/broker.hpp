// Opens the queue of messages that a URL names.
//
// This room implements jobs::JobQueue. It knows how messages travel, and must never know HTTP,
// SQL or builds.
#pragma once

#include "base/result.hpp"
#include "jobs/job_queue.hpp"

#include <memory>
#include <string>

namespace img::broker {

/// `memory:` for a service and its worker in one program; messages go with it.
/// Fault::invalid: no such kind of URL.
Result<std::unique_ptr<jobs::JobQueue>> open_job_queue(const std::string& url);

}  // namespace img::broker
