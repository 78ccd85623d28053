// Deflate (RFC 1951), bare or in zlib's wrapping (RFC 1950), one block at a time.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace img::vdisk {

enum class DeflateForm {
    zlib,  ///< VMDK: with a header and a checksum.
    bare,  ///< qcow2.
};

/// libdeflate's, which takes half the time of zlib for blocks that are in memory as a whole. One
/// for each thread.
class Deflater {
public:
    explicit Deflater(DeflateForm form);
    /// Longer than `block` where that cannot be made smaller.
    std::string deflate(std::span<const std::byte> block) const;

private:
    struct Free {
        void operator()(void* compressor) const;
    };
    std::unique_ptr<void, Free> compressor_;
    DeflateForm form_;
};

class Inflater {
public:
    explicit Inflater(DeflateForm form);
    /// How many bytes of `into` it fills; what lies behind the stream's end is passed over.
    /// Fault::invalid: damaged, or more than fits.
    Result<std::size_t> inflate(std::span<const std::byte> deflated,
                                std::span<std::byte> into) const;

private:
    struct Free {
        void operator()(void* decompressor) const;
    };
    std::unique_ptr<void, Free> decompressor_;
    DeflateForm form_;
};

}  // namespace img::vdisk
