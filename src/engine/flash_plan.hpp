// What a kickstart says of flash memory: the chip, and the volumes on it.
#pragma once

#include "engine/plan.hpp"
#include "syntax/reporter.hpp"

namespace img::engine {

/// For a type that says what its file systems are: every partition becomes one, and what cannot lie
/// on flash goes, with a warning. For a chip: its geometry by `nand`, or the usual one with a
/// warning; the names of volumes, and which of them grows. Comes after the partitions are planned.
void plan_flash(Plan& plan, const std::string& kickstart_name, syntax::Reporter& report);

}  // namespace img::engine
