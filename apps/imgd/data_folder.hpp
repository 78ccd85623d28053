// The folders that imgd works in, made if need be and taken for itself alone.
#pragma once

#include "base/result.hpp"
#include "imgd/settings.hpp"
#include "system/file_lock.hpp"

namespace img {

/// Held while imgd runs: two that share a database would take each other's workers for dead.
/// Fault::transient: another imgd works there; Fault::invalid: the folders cannot be made.
Result<system::FileLock> take_data_folder(const Settings& settings);

}  // namespace img
