// A file that holds flash memory, changed one erase block after the other.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

namespace img::volume {

/// Reads the file block by block and writes back those for which `change` gives true.
/// Fault::broken: it cannot be read; else `change`'s and system::write_at()'s faults.
Result<void> change_blocks(const std::filesystem::path& file,
                           std::size_t block_bytes,
                           const std::function<Result<bool>(std::string& block)>& change);

}  // namespace img::volume
