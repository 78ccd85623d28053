// What the world outside is told of a job: the statuses that the original sent.
#pragma once

#include "jobs/job.hpp"

#include <string>
#include <vector>

namespace img::jobs {

/// One for each change of state, and one more with the image when a job is done.
struct StatusNotice {
    Job job{};                              ///< As it was then; without the kickstart.
    std::vector<std::string> references{};  ///< What its clients call it; there may be none.
};

}  // namespace img::jobs
