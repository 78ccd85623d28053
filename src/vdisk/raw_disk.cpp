// raw: byte for byte what is on the disk; zeros are holes of the file.
#include "base/byte_size.hpp"
#include "vdisk/disk_blocks.hpp"
#include "vdisk/disk_formats.hpp"

#include <algorithm>

namespace img::vdisk {
namespace {

class RawDisk : public DiskSource {
public:
    explicit RawDisk(DiskFile file) : file_(std::move(file)) {}

    std::uint64_t size_bytes() const override { return file_.size(); }

    Result<void> read(std::uint64_t at, std::span<std::byte> into) const override {
        if (at >= file_.size()) {
            std::ranges::fill(into, std::byte{0});
            return {};
        }
        return file_.read_padded(at, into);
    }

    Result<std::optional<Extent>> next_data(std::uint64_t from) const override {
        return file_.next_data(from);
    }

private:
    DiskFile file_;
};

}  // namespace

Result<std::unique_ptr<DiskSource>> open_raw(DiskFile file) {
    return std::make_unique<RawDisk>(std::move(file));
}

Result<WrittenDisk> write_raw(const DiskSource& source, const DiskTarget& target) {
    DiskFile file = TRY(DiskFile::create(target.file));
    TRY(file.resize(source.size_bytes()));
    DiskBlocks blocks(source, kMiB, target);
    while (const auto block = TRY(blocks.next())) {
        const auto inside =
            std::min<std::uint64_t>(block->bytes.size(), source.size_bytes() - block->start());
        TRY(file.write_sparse(block->start(), block->bytes.first(inside)));
    }
    return WrittenDisk{.files = {target.file}, .written_bytes = file.written_bytes()};
}

}  // namespace img::vdisk
