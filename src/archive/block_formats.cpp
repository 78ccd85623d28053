#include "archive/block_formats.hpp"

namespace img::archive {

std::unique_ptr<BlockFormat> block_format(Compressor compressor) {
    switch (compressor) {
        case Compressor::gz: return gzip_blocks();
        case Compressor::xz: return xz_blocks();
        case Compressor::bz2: return bzip2_blocks();
        case Compressor::lzo: return lzop_blocks();
        case Compressor::zst: break;
    }
    return nullptr;
}

}  // namespace img::archive
