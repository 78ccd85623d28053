#include "vdisk/deflate.hpp"

#include <libdeflate.h>
#include <new>

namespace img::vdisk {
namespace {

constexpr int kLevel = 6;  // zlib's usual one, which qemu-img takes too

libdeflate_compressor* compressor_of(void* context) {
    return static_cast<libdeflate_compressor*>(context);
}

template <typename T>
T* made(T* context) {
    if (context == nullptr) {
        throw std::bad_alloc();
    }
    return context;
}

}  // namespace

Deflater::Deflater(DeflateForm form)
    : compressor_(made(libdeflate_alloc_compressor(kLevel))), form_(form) {}

void Deflater::Free::operator()(void* compressor) const {
    libdeflate_free_compressor(compressor_of(compressor));
}

std::string Deflater::deflate(std::span<const std::byte> block) const {
    auto* compressor = compressor_of(compressor_.get());
    const bool zlib = form_ == DeflateForm::zlib;
    std::string out(zlib ? libdeflate_zlib_compress_bound(compressor, block.size())
                         : libdeflate_deflate_compress_bound(compressor, block.size()),
                    '\0');
    const auto compress = zlib ? libdeflate_zlib_compress : libdeflate_deflate_compress;
    out.resize(compress(compressor, block.data(), block.size(), out.data(), out.size()));
    return out;
}

Inflater::Inflater(DeflateForm form)
    : decompressor_(made(libdeflate_alloc_decompressor())), form_(form) {}

void Inflater::Free::operator()(void* decompressor) const {
    libdeflate_free_decompressor(static_cast<libdeflate_decompressor*>(decompressor));
}

Result<std::size_t> Inflater::inflate(std::span<const std::byte> deflated,
                                      std::span<std::byte> into) const {
    const auto decompress =
        form_ == DeflateForm::zlib ? libdeflate_zlib_decompress : libdeflate_deflate_decompress;
    std::size_t filled = 0;
    const auto outcome =
        decompress(static_cast<libdeflate_decompressor*>(decompressor_.get()), deflated.data(),
                   deflated.size(), into.data(), into.size(), &filled);
    if (outcome != LIBDEFLATE_SUCCESS) {
        return fail(Fault::invalid, outcome == LIBDEFLATE_INSUFFICIENT_SPACE
                                        ? "a compressed block is larger than it may be"
                                        : "a compressed block is damaged");
    }
    return filled;
}

}  // namespace img::vdisk
