// Copies a file into a sink: what is a hole in it is not read.
#pragma once

#include "archive/byte_sink.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

namespace img::archive {

/// A run of bytes in a file.
struct Extent {
    std::uint64_t start = 0;
    std::uint64_t bytes = 0;

    bool operator==(const Extent&) const = default;
};

/// Hears how many bytes of content are behind it.
using BytesDone = std::function<void(std::uint64_t bytes)>;

/// The whole file, its holes as zeros. Fault::broken: it is not `size_bytes` long (any more), or
/// cannot be read; and the sink's faults.
Result<void> copy_content(const std::filesystem::path& file,
                          std::uint64_t size_bytes,
                          ByteSink& sink,
                          const BytesDone& done = {});

/// The runs of 4 KiB blocks that hold anything but zeros. They follow from the content alone:
/// where the file system put holes does not matter. Faults as above.
Result<std::vector<Extent>> data_extents(const std::filesystem::path& file,
                                         std::uint64_t size_bytes);

/// One run of a file. Faults as above.
Result<void> copy_extent(const std::filesystem::path& file,
                         const Extent& extent,
                         ByteSink& sink,
                         const BytesDone& done = {});

}  // namespace img::archive
