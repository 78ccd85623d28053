// xz: one stream of independent blocks with their index, as `xz -T` writes it.
#include "archive/block_formats.hpp"
#include "base/byte_size.hpp"

#include <array>
#include <fmt/format.h>
#include <lzma.h>

namespace img::archive {
namespace {

constexpr std::uint32_t kPreset = 6;           // xz's own
constexpr std::size_t kBlockBytes = 8 * kMiB;  // the preset's dictionary: more would gain nothing
// The one check that Linux knows when it unpacks an initramfs (Documentation/staging/xz.rst).
constexpr lzma_check kCheck = LZMA_CHECK_CRC32;

Result<void> succeed(lzma_ret code) {
    if (code == LZMA_OK) {
        return {};
    }
    return code == LZMA_MEM_ERROR
               ? fail(Fault::exhausted, "xz: no memory to compress a block")
               : fail(Fault::broken, fmt::format("xz: liblzma gives {}", static_cast<int>(code)));
}

struct FreeIndex {
    void operator()(lzma_index* index) const { ::lzma_index_end(index, nullptr); }
};

class XzBlocks : public BlockFormat {
public:
    std::size_t block_bytes() const override { return kBlockBytes; }

    Result<std::string> head() override {
        std::string bytes(LZMA_STREAM_HEADER_SIZE, 0);
        const lzma_stream_flags flags = stream_flags();
        TRY(succeed(::lzma_stream_header_encode(&flags, data(bytes))));
        return bytes;
    }

    Result<Block> compress(std::string_view content) const override {
        lzma_options_lzma options{};
        if (::lzma_lzma_preset(&options, kPreset)) {
            return fail(Fault::broken, "xz: liblzma does not know preset 6");
        }
        std::array<lzma_filter, 2> filters{
            {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, nullptr}}};
        lzma_block block{};
        block.check = kCheck;
        block.filters = filters.data();
        std::string bytes(::lzma_block_buffer_bound(content.size()), 0);
        std::size_t size = 0;
        TRY(succeed(::lzma_block_buffer_encode(
            &block, nullptr, reinterpret_cast<const std::uint8_t*>(content.data()), content.size(),
            data(bytes), &size, bytes.size())));
        bytes.resize(size);
        return Block{.bytes = std::move(bytes),
                     .plain_bytes = content.size(),
                     .unpadded_bytes = ::lzma_block_unpadded_size(&block)};
    }

    Result<void> place(const Block& block) override {
        return succeed(
            ::lzma_index_append(index_.get(), nullptr, block.unpadded_bytes, block.plain_bytes));
    }

    Result<std::string> tail() override {
        std::string bytes(::lzma_index_size(index_.get()) + LZMA_STREAM_HEADER_SIZE, 0);
        std::size_t size = 0;
        TRY(succeed(::lzma_index_buffer_encode(index_.get(), data(bytes), &size, bytes.size())));
        lzma_stream_flags flags = stream_flags();
        flags.backward_size = ::lzma_index_size(index_.get());
        TRY(succeed(::lzma_stream_footer_encode(&flags, data(bytes) + size)));
        return bytes;
    }

private:
    static lzma_stream_flags stream_flags() {
        lzma_stream_flags flags{};
        flags.check = kCheck;
        return flags;
    }
    static std::uint8_t* data(std::string& bytes) {
        return reinterpret_cast<std::uint8_t*>(bytes.data());
    }

    std::unique_ptr<lzma_index, FreeIndex> index_{::lzma_index_init(nullptr)};
};

}  // namespace

std::unique_ptr<BlockFormat> xz_blocks() {
    return std::make_unique<XzBlocks>();
}

}  // namespace img::archive
