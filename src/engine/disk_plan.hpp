// Which partitions a disk gets: those of the kickstart, and those that firmware needs.
#pragma once

#include "engine/build_request.hpp"
#include "engine/plan.hpp"
#include "syntax/reporter.hpp"

namespace img::engine {

/// Fills the disk's part of the plan from its document; refuses what no disk of ours can be.
void plan_disk(Plan& plan, const BuildRequest& request, syntax::Reporter& report);

}  // namespace img::engine
