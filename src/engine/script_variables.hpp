// What scripts of a kickstart are told of the image's disk, in the words of mic.
#pragma once

#include "engine/plan.hpp"

#include <string>
#include <vector>

namespace img::engine {

/// "INSTALLERFW_PART0_MOUNTPOINT=/", …, as mic has handed them to scripts since 0.20; partitions
/// that the kickstart does not name are not among them. SIZE is in MiB, ALIGN in KiB; of the device
/// nodes only those of the running image are known, as nothing is attached while it is made.
std::vector<std::string> script_variables(const Plan& plan);

}  // namespace img::engine
