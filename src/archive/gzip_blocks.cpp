// gz: one member, its deflate stream cut at byte borders by sync flushes, as pigz cuts it.
#include "archive/block_formats.hpp"
#include "base/byte_order.hpp"
#include "base/byte_size.hpp"

#include <array>
#include <zlib.h>

namespace img::archive {
namespace {

constexpr std::size_t kBlockBytes = kMiB;  // what starting without a dictionary costs is below 1 %
constexpr int kLevel = 6;                  // gzip's own
constexpr int kRawWindow = -15;            // 32 KiB, and no zlib header around the stream
constexpr int kMemoryLevel = 8;            // zlib's own
// RFC 1952, section 2.3: magic, deflate, no flags, no time, no extra flags, Unix.
constexpr std::array<char, 10> kHead{'\x1f', '\x8b', 8, 0, 0, 0, 0, 0, 0, 3};
constexpr std::array<char, 2> kLastBlock{3, 0};  // RFC 1951, 3.2.3: final, fixed codes, no content

class GzipBlocks : public BlockFormat {
public:
    std::size_t block_bytes() const override { return kBlockBytes; }

    Result<std::string> head() override { return std::string(kHead.data(), kHead.size()); }

    Result<Block> compress(std::string_view content) const override {
        z_stream stream{};
        if (::deflateInit2(&stream, kLevel, Z_DEFLATED, kRawWindow, kMemoryLevel,
                           Z_DEFAULT_STRATEGY) != Z_OK) {
            return fail(Fault::exhausted, "gz: no memory to compress a block");
        }
        constexpr std::size_t kFlushBytes = 16;  // more than a sync flush can add
        Block block{.bytes = std::string(::deflateBound(&stream, content.size()) + kFlushBytes, 0),
                    .plain_bytes = content.size()};
        const auto* const bytes = reinterpret_cast<const Bytef*>(content.data());
        stream.next_in = const_cast<Bytef*>(bytes);  // zlib only reads it
        stream.avail_in = static_cast<uInt>(content.size());
        stream.next_out = reinterpret_cast<Bytef*>(block.bytes.data());
        stream.avail_out = static_cast<uInt>(block.bytes.size());
        const int done = ::deflate(&stream, Z_SYNC_FLUSH);
        block.bytes.resize(stream.total_out);
        ::deflateEnd(&stream);
        if (done != Z_OK || stream.avail_in != 0) {
            return fail(Fault::broken, "gz: zlib left part of a block");
        }
        block.checksum =
            static_cast<std::uint32_t>(::crc32(0, bytes, static_cast<uInt>(content.size())));
        return block;
    }

    Result<void> place(const Block& block) override {
        checksum_ =
            ::crc32_combine(checksum_, block.checksum, static_cast<z_off_t>(block.plain_bytes));
        plain_bytes_ += block.plain_bytes;
        return {};
    }

    Result<std::string> tail() override {
        std::string tail(kLastBlock.data(), kLastBlock.size());
        tail.resize(tail.size() + 8);
        put_le(tail, 2, static_cast<std::uint32_t>(checksum_));
        put_le(tail, 6, static_cast<std::uint32_t>(plain_bytes_));  // modulo 2^32, says the RFC
        return tail;
    }

private:
    uLong checksum_ = 0;
    std::uint64_t plain_bytes_ = 0;
};

}  // namespace

std::unique_ptr<BlockFormat> gzip_blocks() {
    return std::make_unique<GzipBlocks>();
}

}  // namespace img::archive
