// The forms of compressed blocks there are, a file each.
#pragma once

#include "archive/block_format.hpp"
#include "archive/compressor.hpp"

#include <memory>

namespace img::archive {

std::unique_ptr<BlockFormat> gzip_blocks();
std::unique_ptr<BlockFormat> xz_blocks();
std::unique_ptr<BlockFormat> bzip2_blocks();
std::unique_ptr<BlockFormat> lzop_blocks();

/// For all but zst, which has threads of its own.
std::unique_ptr<BlockFormat> block_format(Compressor compressor);

}  // namespace img::archive
