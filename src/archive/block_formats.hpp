// The forms of compressed blocks there are, a file each.
#pragma once

#include "archive/block_format.hpp"

namespace img::archive {

std::unique_ptr<BlockFormat> gzip_blocks();
std::unique_ptr<BlockFormat> xz_blocks();
std::unique_ptr<BlockFormat> bzip2_blocks();
std::unique_ptr<BlockFormat> lzop_blocks();

}  // namespace img::archive
