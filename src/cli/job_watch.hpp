// Follows a job of the service until it is over.
#pragma once

#include "cli/service_client.hpp"

#include <functional>
#include <stop_token>
#include <string_view>

namespace img::cli {

struct JobWatcher {
    std::function<void(const api::JobView&)> changed;  ///< At every look, several times a second.
    std::function<void(std::string_view)> line;        ///< Each line of the log, without its end.
};

/// The finished job, when all of its log has been passed on; or the job as it was when `stop` was
/// requested. A service that does not answer is asked again for a minute, since it may be restarted
/// under a running build; then Fault::transient.
Result<api::JobView> watch(ServiceClient& service,
                           const std::string& id,
                           const JobWatcher& watcher,
                           std::stop_token stop);

/// All of the log that there is now, line by line.
Result<void> read_log(ServiceClient& service,
                      const std::string& id,
                      const std::function<void(std::string_view)>& line);

}  // namespace img::cli
