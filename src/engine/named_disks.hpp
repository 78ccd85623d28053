// The disks that part lines name, and what their partition tables cannot hold.
#pragma once

#include "engine/build_request.hpp"
#include "engine/plan.hpp"
#include "syntax/reporter.hpp"

#include <cstddef>

namespace img::engine {

/// One disk for each name of --ondisk, in the order in which they are named first, or one without
/// a name. `bootloader --ptable`, or else `clearpart --disklabel`, says the table of all of them;
/// the request's size is the first one's. Images that are no disks have one nameless disk.
void plan_named_disks(Plan& plan, const BuildRequest& request);

/// Which of Plan::disks a partition lies on: the one that it names, or else the first.
std::size_t disk_of(const Plan& plan, const kickstart::Partition& part);

/// Refuses, once the plan has all its partitions: more than a table holds, what belongs to GPT on
/// an msdos disk, and partitions that firmware reads on another disk than the boot loader's.
void check_named_disks(const Plan& plan, syntax::Reporter& report);

}  // namespace img::engine
