// Many files as one stream of bytes: tar, cpio, zip, and the compressors in front of a file.
//
// Knows folders, archives and their formats. Must never know images or what a tree is for.
#pragma once

#include "archive/byte_sink.hpp"
#include "archive/compressor.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace img::archive {

/// Hears how much content is behind, and how much there is in all, in bytes.
using TreeProgress = std::function<void(std::uint64_t done_bytes, std::uint64_t total_bytes)>;

enum class TreeFormat {
    tar,   ///< pax; names begin with "./".
    cpio,  ///< newc.
};

/// What could not be kept, a sentence each.
using Losses = std::vector<std::string>;

/// Puts all of `folder` into `sink`, sorted by name; nothing is younger than `epoch`. Owners,
/// modes, times, hard and symbolic links, devices are kept, and in a tar extended attributes (so
/// capabilities too) and access control lists. Sockets are left out. The same tree gives the same
/// bytes, in whatever order and wherever it was made. The sink is finished. Fault::invalid: a file
/// is too large for the format; else list_tree()'s and the sink's faults.
Result<Losses> write_tree(TreeFormat format,
                          const std::filesystem::path& folder,
                          std::int64_t epoch,
                          ByteSink& sink,
                          const TreeProgress& progress = {});

/// A new file, compressed or not.
Result<std::unique_ptr<ByteSink>> file_sink(const std::filesystem::path& file,
                                            std::optional<Compressor> compressor);

}  // namespace img::archive
