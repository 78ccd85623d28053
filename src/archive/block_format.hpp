// Compressed files as a row of blocks that know nothing of each other, so that they can be made
// side by side.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace img::archive {

/// A stretch of the content, compressed.
struct Block {
    std::string bytes{};
    std::uint64_t plain_bytes = 0;
    std::uint32_t checksum = 0;        ///< gz: CRC-32 of the content.
    std::uint64_t unpadded_bytes = 0;  ///< xz: what its index says of the block.
};

/// Each form as its usual program reads it: one gzip member whose deflate stream is cut at byte
/// borders (RFC 1951 and 1952); one xz stream of many blocks, with an index; bzip2 streams behind
/// one another, as pbzip2 writes them; lzop's blocks.
class BlockFormat {
public:
    virtual ~BlockFormat() = default;

    /// Of content, for each block but the last.
    virtual std::size_t block_bytes() const = 0;
    virtual Result<std::string> head() = 0;
    /// May be called from several threads at a time. Fault::exhausted: out of memory.
    virtual Result<Block> compress(std::string_view content) const = 0;
    /// The block comes next in the file; the end has to know it.
    virtual Result<void> place(const Block& block) = 0;
    virtual Result<std::string> tail() = 0;
};

}  // namespace img::archive
