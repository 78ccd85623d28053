// VHD, the format of Virtual PC and of Azure; qemu calls it vpc.
//
//     fixed:     | disk, byte for byte | footer |
//     dynamic:   | footer | header | block table | bitmap, block | bitmap, block | … | footer |
//
// After Microsoft's "Virtual Hard Disk Image Format Specification" 1.0; numbers are big-endian.
// Blocks are of 2 MiB; a bitmap has a bit for each of a block's sectors.
#include "base/byte_order.hpp"
#include "base/byte_size.hpp"
#include "vdisk/block_disk.hpp"
#include "vdisk/disk_blocks.hpp"
#include "vdisk/disk_formats.hpp"

#include <algorithm>
#include <bit>
#include <fmt/format.h>

namespace img::vdisk {
namespace {

constexpr std::size_t kFooterBytes = 512;
constexpr std::size_t kHeaderBytes = 1024;
constexpr std::uint64_t kHeaderAt = kFooterBytes;
constexpr std::uint64_t kTableAt = kHeaderAt + kHeaderBytes;
constexpr std::uint32_t kFixed = 2;
constexpr std::uint32_t kDynamic = 3;
constexpr std::uint32_t kVersion = 0x00010000;
constexpr std::uint64_t kNowhere = 0xffffffffffffffff;
constexpr std::uint32_t kFree = 0xffffffff;
constexpr std::uint32_t kBlockBytes = 2 * kMiB;
// Hyper-V makes blocks of 512 KiB to 256 MiB, everyone else 2 MiB (qemu's block/vpc.c). With
// kSizeMax it bounds what a table can make us allocate: 16 MiB.
constexpr std::uint32_t kBlockBytesMin = 512 * kKiB;
constexpr std::size_t kBitmapBytes = kBlockBytes / 512 / 8;
// Where Hyper-V and Azure stop: table entries are sector numbers of 32 bits.
constexpr std::uint64_t kSizeMax = 2040 * kGiB;
constexpr std::int64_t kYear2000 = 946684800;  // time stamps count from here
constexpr std::size_t kFooterChecksumAt = 64;
constexpr std::size_t kHeaderChecksumAt = 36;

/// The complement of the sum of all bytes, those of the checksum itself left out.
std::uint32_t checksum(std::string_view bytes, std::size_t at) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const bool own = i >= at && i < at + 4;
        sum += own ? 0U : static_cast<unsigned char>(bytes[i]);
    }
    return ~sum;
}

struct Geometry {
    std::uint32_t cylinders = 0, heads = 0, sectors = 0;
};

/// The specification's own steps (its appendix, "CHS Calculation").
Geometry geometry(std::uint64_t disk_sectors) {
    const auto total =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(disk_sectors, 65535U * 16 * 255));
    if (total >= 65535U * 16 * 63) {
        return {.cylinders = total / 255 / 16, .heads = 16, .sectors = 255};
    }
    Geometry found{.cylinders = total / 17, .heads = 0, .sectors = 17};
    found.heads = std::max(4U, (found.cylinders + 1023) / 1024);
    if (found.cylinders >= found.heads * 1024 || found.heads > 16) {
        found = {.cylinders = total / 31, .heads = 16, .sectors = 31};
    }
    if (found.cylinders >= found.heads * 1024) {
        found = {.cylinders = total / 63, .heads = 16, .sectors = 63};
    }
    found.cylinders /= found.heads;
    return found;
}

class VhdDisk : public BlockDisk {
public:
    VhdDisk(DiskFile file, std::uint64_t size, std::uint32_t block_bytes, std::string table)
        : BlockDisk(size, block_bytes),
          file_(std::move(file)),
          bitmap_bytes_(round_up(block_bytes / 512 / 8, 512)),
          table_(std::move(table)) {}

protected:
    Result<std::uint64_t> next_block(std::uint64_t block) const override {
        while (block < blocks() && entry(block) == kFree) {
            ++block;
        }
        return block;
    }

    /// The bitmap is passed over: sectors without a bit hold zeros in a dynamic disk.
    Result<void> read_block(std::uint64_t block,
                            std::uint64_t offset,
                            std::span<std::byte> into) const override {
        if (entry(block) == kFree) {
            std::ranges::fill(into, std::byte{0});
            return {};
        }
        return file_.read(std::uint64_t{entry(block)} * 512 + bitmap_bytes_ + offset, into);
    }

private:
    std::uint32_t entry(std::uint64_t block) const {
        return get_be<std::uint32_t>(table_, 4 * block);
    }

    DiskFile file_;
    std::uint64_t bitmap_bytes_;
    std::string table_;
};

/// The disk's own bytes, without the footer behind them.
class FixedVhd : public DiskSource {
public:
    FixedVhd(DiskFile file, std::uint64_t size) : file_(std::move(file)), size_(size) {}

    std::uint64_t size_bytes() const override { return size_; }

    Result<void> read(std::uint64_t at, std::span<std::byte> into) const override {
        const std::uint64_t left = at < size_ ? size_ - at : 0;
        const auto inside = static_cast<std::size_t>(std::min<std::uint64_t>(left, into.size()));
        std::ranges::fill(into.subspan(inside), std::byte{0});
        return inside == 0 ? Result<void>{} : file_.read(at, into.first(inside));
    }

    Result<std::optional<Extent>> next_data(std::uint64_t from) const override {
        const auto extent = TRY(file_.next_data(from));
        if (!extent || extent->start >= size_) {
            return std::nullopt;
        }
        return Extent{.start = extent->start,
                      .size = std::min(extent->end(), size_) - extent->start};
    }

private:
    DiskFile file_;
    std::uint64_t size_;
};

Result<std::unique_ptr<DiskSource>> open_dynamic(DiskFile file,
                                                 std::uint64_t header_at,
                                                 std::uint64_t size) {
    const std::string header = TRY(file.read_text(header_at, kHeaderBytes));
    if (!header.starts_with("cxsparse") ||
        get_be<std::uint32_t>(header, kHeaderChecksumAt) != checksum(header, kHeaderChecksumAt)) {
        return file.wrong("the header of a dynamic VHD is damaged");
    }
    const auto entries = get_be<std::uint32_t>(header, 28);
    const auto block_bytes = get_be<std::uint32_t>(header, 32);
    if (std::has_single_bit(block_bytes) && block_bytes < kBlockBytesMin) {
        return file.wrong(
            fmt::format("its blocks are of {}, and those of a VHD are of 512 KiB at least; rewrite "
                        "it with `qemu-img convert -O vpc`",
                        human_size(block_bytes)));
    }
    if (!std::has_single_bit(block_bytes) || size > std::uint64_t{entries} * block_bytes) {
        return file.wrong(fmt::format("{} blocks of {} bytes cannot be a disk of {} bytes", entries,
                                      block_bytes, size));
    }
    const std::uint64_t used = (size + block_bytes - 1) / block_bytes;
    std::string table = TRY(file.read_text(get_be<std::uint64_t>(header, 16), 4 * used));
    return std::make_unique<VhdDisk>(std::move(file), size, block_bytes, std::move(table));
}

/// The whole format but for the blocks of a dynamic disk, which are written as they come.
class VhdWriter {
public:
    VhdWriter(DiskFile file, DiskBlocks blocks, std::int64_t epoch)
        : file_(std::move(file)), blocks_(std::move(blocks)), epoch_(epoch) {}

    Result<std::uint64_t> write_fixed() {
        TRY(file_.resize(blocks_.size_bytes()));
        while (const auto block = TRY(blocks_.next())) {
            const auto inside =
                std::min<std::uint64_t>(block->bytes.size(), blocks_.size_bytes() - block->start());
            TRY(file_.write_sparse(block->start(), block->bytes.first(inside)));
        }
        TRY(file_.write(blocks_.size_bytes(), footer(kFixed)));
        return file_.written_bytes();
    }

    Result<std::uint64_t> write_dynamic() {
        std::string table(round_up(4 * blocks_.blocks(), 512), '\xff');
        const std::string bitmap(kBitmapBytes, '\xff');
        std::uint64_t end = kTableAt + table.size();
        while (const auto block = TRY(blocks_.next())) {
            put_be(table, 4 * block->index, static_cast<std::uint32_t>(end / 512));
            TRY(file_.write(end, bitmap));
            TRY(file_.write_sparse(end + kBitmapBytes, block->bytes));
            end += kBitmapBytes + kBlockBytes;
        }
        const std::string last = footer(kDynamic);
        TRY(file_.write(end, last));
        TRY(file_.write(0, last));
        TRY(file_.write(kHeaderAt, header()));
        TRY(file_.write(kTableAt, table));
        return file_.written_bytes();
    }

private:
    std::string footer(std::uint32_t kind) {
        std::string bytes(kFooterBytes, '\0');
        bytes.replace(0, 8, "conectix");
        put_be(bytes, 8, std::uint32_t{2});  // features: a bit that is always set
        put_be(bytes, 12, kVersion);
        put_be(bytes, 16, kind == kFixed ? kNowhere : kHeaderAt);
        put_be(bytes, 24,
               static_cast<std::uint32_t>(
                   std::clamp<std::int64_t>(epoch_ - kYear2000, 0, 0xffffffff)));
        // qemu (block/vpc.c) believes the size below only from creators that it knows, of which
        // this is Hyper-V's name; of others it takes the geometry, which is rounded down.
        bytes.replace(28, 4, "win ");
        put_be(bytes, 32, std::uint32_t{0x000a0000});  // 10.0
        bytes.replace(36, 4, "Wi2k");
        put_be(bytes, 40, blocks_.size_bytes());
        put_be(bytes, 48, blocks_.size_bytes());
        const Geometry shape = geometry(blocks_.sectors());
        put_be(bytes, 56, static_cast<std::uint16_t>(shape.cylinders));
        put_be(bytes, 58, static_cast<std::uint8_t>(shape.heads));
        put_be(bytes, 59, static_cast<std::uint8_t>(shape.sectors));
        put_be(bytes, 60, kind);
        const Uuid id = blocks_.identity("vhd");
        std::ranges::copy(id.bytes, bytes.begin() + 68);
        put_be(bytes, kFooterChecksumAt, checksum(bytes, kFooterChecksumAt));
        return bytes;
    }

    std::string header() const {
        std::string bytes(kHeaderBytes, '\0');
        bytes.replace(0, 8, "cxsparse");
        put_be(bytes, 8, kNowhere);
        put_be(bytes, 16, kTableAt);
        put_be(bytes, 24, kVersion);
        put_be(bytes, 28, static_cast<std::uint32_t>(blocks_.blocks()));
        put_be(bytes, 32, kBlockBytes);
        put_be(bytes, kHeaderChecksumAt, checksum(bytes, kHeaderChecksumAt));
        return bytes;
    }

    DiskFile file_;
    DiskBlocks blocks_;
    std::int64_t epoch_;
};

bool is_footer(std::string_view bytes) {
    return bytes.starts_with("conectix") &&
           get_be<std::uint32_t>(bytes, kFooterChecksumAt) == checksum(bytes, kFooterChecksumAt);
}

/// The one at the end, or the copy that a dynamic disk has in front where that one is damaged.
Result<std::string> find_footer(const DiskFile& file) {
    if (file.size() < kFooterBytes) {
        return file.wrong("it is too short for a VHD");
    }
    std::string last = TRY(file.read_text(file.size() - kFooterBytes, kFooterBytes));
    if (is_footer(last)) {
        return last;
    }
    std::string first = TRY(file.read_text(0, kFooterBytes));
    if (!is_footer(first)) {
        return file.wrong("the footer of a VHD is damaged or cut off");
    }
    return first;
}

}  // namespace

Result<std::unique_ptr<DiskSource>> open_vhd(DiskFile file) {
    const std::string footer = TRY(find_footer(file));
    const auto size = get_be<std::uint64_t>(footer, 48);
    if (size > kSizeMax) {
        return file.wrong(fmt::format("a VHD of {} bytes cannot be: 2040 GiB is the most", size));
    }
    switch (get_be<std::uint32_t>(footer, 60)) {
        case kFixed:
            if (size > file.size() - kFooterBytes) {
                return file.wrong("it is shorter than the disk in it: it was cut short");
            }
            return std::make_unique<FixedVhd>(std::move(file), size);
        case kDynamic:
            return open_dynamic(std::move(file), get_be<std::uint64_t>(footer, 16), size);
        default:
            return file.wrong("it holds only what differs from another VHD; merge the two first");
    }
}

Result<void> check_vhd_size(std::uint64_t size_bytes) {
    if (size_bytes > kSizeMax) {
        return fail(Fault::invalid,
                    fmt::format("a disk of {} is too large for a VHD: 2040 GiB is the most; choose "
                                "vhdx",
                                human_size(size_bytes)));
    }
    return {};
}

Result<WrittenDisk> write_vhd(const DiskSource& source, const DiskTarget& target) {
    VhdWriter writer(TRY(DiskFile::create(target.file)), DiskBlocks(source, kBlockBytes, target),
                     target.epoch);
    const std::uint64_t written =
        TRY(target.subformat == "fixed" ? writer.write_fixed() : writer.write_dynamic());
    return WrittenDisk{.files = {target.file}, .written_bytes = written};
}

}  // namespace img::vdisk
