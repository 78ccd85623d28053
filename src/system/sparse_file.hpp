// Files with holes: made, and filled without writing what is zero.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace img::system {

/// A file that reads as zeros and takes no room. Fault::exhausted: the disk is full;
/// Fault::broken: it cannot be made.
Result<void> create_sparse(const std::filesystem::path& file, std::uint64_t size_bytes);

/// Copies `source` to `offset` in the file `image`. Holes and blocks of zeros are skipped, so the
/// place has to read as zeros before: it is a hole of a new image. Gives the bytes written.
/// Fault::exhausted: the disk is full; Fault::broken: any other failure to read or write.
Result<std::uint64_t> copy_sparse(const std::filesystem::path& source,
                                  const std::filesystem::path& image,
                                  std::uint64_t offset);

/// Faults as copy_sparse().
Result<void> write_at(const std::filesystem::path& image,
                      std::uint64_t offset,
                      std::string_view bytes);

}  // namespace img::system
