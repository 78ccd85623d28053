// lzo: the file that lzop reads, and Linux when it unpacks an initramfs (lib/decompress_unlzo.c).
#include "archive/block_formats.hpp"
#include "base/byte_order.hpp"
#include "base/byte_size.hpp"

#include <lzo/lzo1x.h>
#include <string>

namespace img::archive {
namespace {

constexpr std::size_t kBlockBytes = 256 * kKiB;  // the most that lzop reads
constexpr std::string_view kMagic{"\x89LZO\0\r\n\x1a\n", 9};
constexpr std::uint16_t kVersion = 0x1030;         // of lzop, as of 2010; what has these fields
constexpr std::uint16_t kLibraryVersion = 0x2080;  // a constant, so that the bytes are one
constexpr std::uint16_t kVersionNeeded = 0x0940;   // the first to know these fields
constexpr std::uint8_t kMethod = 1;                // LZO1X-1
constexpr std::uint8_t kLevel = 5;                 // lzop's own for that method
constexpr std::uint32_t kAdlerOfContent = 1;  // flag: each block says the Adler-32 of its content
constexpr std::uint32_t kFromUnix = 0x03000000;
constexpr std::uint32_t kMode = 0100644;
constexpr std::uint32_t kAdlerStart = 1;

std::uint32_t adler(std::string_view bytes) {
    return ::lzo_adler32(kAdlerStart, reinterpret_cast<const lzo_bytep>(bytes.data()),
                         bytes.size());
}

template <std::unsigned_integral T>
void append_be(std::string& bytes, T value) {
    bytes.resize(bytes.size() + sizeof(T));
    put_be(bytes, bytes.size() - sizeof(T), value);
}

class LzopBlocks : public BlockFormat {
public:
    std::size_t block_bytes() const override { return kBlockBytes; }

    Result<std::string> head() override {
        if (::lzo_init() != LZO_E_OK) {
            return fail(Fault::broken, "lzo: the library does not fit this program");
        }
        std::string fields;
        append_be(fields, kVersion);
        append_be(fields, kLibraryVersion);
        append_be(fields, kVersionNeeded);
        append_be(fields, kMethod);
        append_be(fields, kLevel);
        append_be(fields, kAdlerOfContent | kFromUnix);
        append_be(fields, kMode);
        append_be(fields, std::uint64_t{0});  // time of the file: none
        append_be(fields, std::uint8_t{0});   // length of its name: none
        append_be(fields, adler(fields));
        return std::string(kMagic) + fields;
    }

    /// Both sizes, the content's checksum, the bytes; content that grew stands as it is.
    Result<Block> compress(std::string_view content) const override {
        std::string packed(content.size() + content.size() / 16 + 67,
                           0);  // LZO.FAQ: the worst case
        std::string memory(LZO1X_1_MEM_COMPRESS, 0);
        lzo_uint size = packed.size();
        if (::lzo1x_1_compress(reinterpret_cast<const lzo_bytep>(content.data()), content.size(),
                               reinterpret_cast<lzo_bytep>(packed.data()), &size,
                               memory.data()) != LZO_E_OK) {
            return fail(Fault::broken, "lzo: a block could not be compressed");
        }
        packed.resize(size);
        if (size >= content.size()) {
            packed = content;
        }
        Block block{.plain_bytes = content.size()};
        append_be(block.bytes, static_cast<std::uint32_t>(content.size()));
        append_be(block.bytes, static_cast<std::uint32_t>(packed.size()));
        append_be(block.bytes, adler(content));
        block.bytes += packed;
        return block;
    }

    Result<void> place(const Block&) override { return {}; }

    Result<std::string> tail() override { return std::string(4, '\0'); }  // a block of no bytes
};

}  // namespace

std::unique_ptr<BlockFormat> lzop_blocks() {
    return std::make_unique<LzopBlocks>();
}

}  // namespace img::archive
