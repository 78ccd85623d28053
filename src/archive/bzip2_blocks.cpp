// bz2: a stream for each block of content, as pbzip2 writes it and bzip2 reads it.
#include "archive/block_formats.hpp"

#include <bzlib.h>

namespace img::archive {
namespace {

constexpr int kHundredThousands = 9;  // bzip2's own block size, of which one fills a stream
constexpr std::size_t kBlockBytes =
    900'000 - 20;  // less what bzip2 keeps back of its block (19 bytes)

class Bzip2Blocks : public BlockFormat {
public:
    std::size_t block_bytes() const override { return kBlockBytes; }

    Result<std::string> head() override { return std::string(); }

    Result<Block> compress(std::string_view content) const override {
        // The manual of libbzip2, section 3.5.1: 1 % and 600 bytes more than the content do.
        std::string bytes(content.size() + content.size() / 100 + 600, 0);
        auto size = static_cast<unsigned>(bytes.size());
        std::string input(content);  // libbzip2 wants it writable
        const int done = ::BZ2_bzBuffToBuffCompress(bytes.data(), &size, input.data(),
                                                    static_cast<unsigned>(input.size()),
                                                    kHundredThousands, 0, 0);
        if (done != BZ_OK) {
            return fail(Fault::exhausted, "bz2: no memory to compress a block");
        }
        bytes.resize(size);
        return Block{.bytes = std::move(bytes), .plain_bytes = content.size()};
    }

    Result<void> place(const Block&) override {
        empty_ = false;
        return {};
    }

    /// bzip2 takes a file without any stream for a broken one.
    Result<std::string> tail() override { return empty_ ? TRY(compress("")).bytes : std::string(); }

private:
    bool empty_ = true;
};

}  // namespace

std::unique_ptr<BlockFormat> bzip2_blocks() {
    return std::make_unique<Bzip2Blocks>();
}

}  // namespace img::archive
