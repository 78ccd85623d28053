// VDI, VirtualBox's own format: a header, a table of blocks of 1 MiB, and the blocks.
//
//     0        512                  next MiB
//     | header | block table | gap | block | block | …   in the order of the disk; the table says
//                                                        for each block of the disk which one it is
//
// The fields are those of VirtualBox 4 and later, version 1.1; numbers are little-endian.
#include "base/byte_order.hpp"
#include "base/byte_size.hpp"
#include "disk/gpt.hpp"
#include "vdisk/block_disk.hpp"
#include "vdisk/disk_blocks.hpp"
#include "vdisk/disk_formats.hpp"

#include <algorithm>
#include <bit>
#include <fmt/format.h>

namespace img::vdisk {
namespace {

constexpr std::size_t kHeaderBytes = 512;
constexpr std::uint32_t kSignature = 0xbeda107f;
constexpr std::uint32_t kVersion = 0x00010001;
constexpr std::uint32_t kHeaderSize = 400;  // counted from its own field on, at 0x48
constexpr std::uint32_t kDynamic = 1;
constexpr std::uint32_t kFixed = 2;
// Entries of the table that name no block: never written, and written with zeros or discarded.
constexpr std::uint32_t kFree = 0xffffffff;
constexpr std::uint32_t kZero = 0xfffffffe;

constexpr std::uint32_t kBlockBytes = kMiB;  // VirtualBox makes no other
// 128 TiB in blocks of 1 MiB. It bounds what a header can make us allocate, and what we write.
constexpr std::uint64_t kTableBytesMax = 512 * kMiB;

std::uint32_t entry_of(std::string_view table, std::uint64_t block) {
    return get_le<std::uint32_t>(table, 4 * block);
}

struct VdiHeader {
    std::uint32_t kind = 0;
    std::uint32_t table_at = 0;
    std::uint32_t data_at = 0;
    std::uint64_t size_bytes = 0;
    std::uint32_t block_bytes = 0;
    std::uint32_t extra_bytes = 0;  ///< In front of each block.
    std::uint32_t blocks = 0;
};

VdiHeader read_header(std::string_view bytes) {
    return {.kind = get_le<std::uint32_t>(bytes, 0x4c),
            .table_at = get_le<std::uint32_t>(bytes, 0x154),
            .data_at = get_le<std::uint32_t>(bytes, 0x158),
            .size_bytes = get_le<std::uint64_t>(bytes, 0x170),
            .block_bytes = get_le<std::uint32_t>(bytes, 0x178),
            .extra_bytes = get_le<std::uint32_t>(bytes, 0x17c),
            .blocks = get_le<std::uint32_t>(bytes, 0x180)};
}

Result<void> check(const DiskFile& file, const VdiHeader& header) {
    if (header.kind != kDynamic && header.kind != kFixed) {
        return file.wrong(
            "it holds only what differs from another VDI; merge the two first, with "
            "`VBoxManage clonemedium`");
    }
    if (!std::has_single_bit(header.block_bytes) || header.block_bytes < 512 ||
        header.extra_bytes != 0) {
        return file.wrong(fmt::format("blocks of {} + {} bytes are not what a VDI has",
                                      header.extra_bytes, header.block_bytes));
    }
    const std::uint64_t table_bytes = 4 * std::uint64_t{header.blocks};
    if (header.size_bytes / header.block_bytes > header.blocks ||
        header.size_bytes > std::uint64_t{header.blocks} * header.block_bytes) {
        return file.wrong(fmt::format("its {} blocks are too few for a disk of {} bytes",
                                      header.blocks, header.size_bytes));
    }
    if (table_bytes > kTableBytesMax) {
        return file.wrong(
            fmt::format("its block table of {} is larger than IMG reads", human_size(table_bytes)));
    }
    return {};
}

class VdiDisk : public BlockDisk {
public:
    VdiDisk(DiskFile file, const VdiHeader& header, std::string table)
        : BlockDisk(header.size_bytes, header.block_bytes),
          file_(std::move(file)),
          data_at_(header.data_at),
          table_(std::move(table)) {}

protected:
    Result<std::uint64_t> next_block(std::uint64_t block) const override {
        const std::uint64_t end = std::min(blocks(), block + kEntriesACall);
        while (block < end && (entry_of(table_, block) >= kZero ||
                               TRY(file_.is_hole(place_of(block), block_bytes())))) {
            ++block;
        }
        return block;
    }

    Result<void> read_block(std::uint64_t block,
                            std::uint64_t offset,
                            std::span<std::byte> into) const override {
        if (entry_of(table_, block) >= kZero) {
            std::ranges::fill(into, std::byte{0});
            return {};
        }
        return file_.read(place_of(block) + offset, into);
    }

private:
    std::uint64_t place_of(std::uint64_t block) const {
        return data_at_ + entry_of(table_, block) * block_bytes();
    }

    DiskFile file_;
    std::uint64_t data_at_;
    std::string table_;
};

/// The header and table of a disk, and where its blocks go.
class VdiWriter {
public:
    VdiWriter(DiskFile file, DiskBlocks blocks, bool fixed)
        : file_(std::move(file)),
          blocks_(std::move(blocks)),
          fixed_(fixed),
          table_(4 * blocks_.blocks(), '\xff'),
          // On a whole MiB, so that blocks lie well on whatever the file lies on.
          data_at_(round_up(kHeaderBytes + table_.size(), kMiB)) {}

    Result<std::uint64_t> write() {
        if (fixed_) {
            for (std::uint64_t block = 0; block < blocks_.blocks(); ++block) {
                use(block);
            }
        }
        while (const auto block = TRY(blocks_.next())) {
            const std::uint64_t place = fixed_ ? block->index : use(block->index);
            TRY(file_.write_sparse(data_at_ + place * kBlockBytes, block->bytes));
        }
        TRY(file_.resize(data_at_ + std::uint64_t{used_} * kBlockBytes));
        TRY(file_.write(kHeaderBytes, table_));
        TRY(file_.write(0, header()));
        return file_.written_bytes();
    }

private:
    std::uint64_t use(std::uint64_t block) {
        put_le(table_, 4 * block, used_);
        return used_++;
    }

    std::string header() {
        std::string bytes(kHeaderBytes, '\0');
        bytes.replace(0, 40, "<<< Oracle VM VirtualBox Disk Image >>>\n");
        put_le(bytes, 0x40, kSignature);
        put_le(bytes, 0x44, kVersion);
        put_le(bytes, 0x48, kHeaderSize);
        put_le(bytes, 0x4c, fixed_ ? kFixed : kDynamic);
        put_le(bytes, 0x154, static_cast<std::uint32_t>(kHeaderBytes));
        put_le(bytes, 0x158, static_cast<std::uint32_t>(data_at_));
        put_le(bytes, 0x168, std::uint32_t{512});  // sector; a geometry of 0: VirtualBox's choice
        put_le(bytes, 0x170, blocks_.size_bytes());
        put_le(bytes, 0x178, kBlockBytes);
        put_le(bytes, 0x180, static_cast<std::uint32_t>(blocks_.blocks()));
        put_le(bytes, 0x184, used_);
        put_id(bytes, 0x188, blocks_.identity("vdi"));
        put_id(bytes, 0x198, blocks_.identity("vdi modification"));
        return bytes;
    }

    /// As Windows keeps a GUID: the first three groups little-endian.
    static void put_id(std::string& bytes, std::size_t at, const Uuid& id) {
        const auto raw = disk::guid_bytes(id);
        std::ranges::copy(raw, bytes.begin() + static_cast<std::ptrdiff_t>(at));
    }

    DiskFile file_;
    DiskBlocks blocks_;
    bool fixed_;
    std::uint32_t used_ = 0;
    std::string table_;
    std::uint64_t data_at_;
};

}  // namespace

Result<std::unique_ptr<DiskSource>> open_vdi(DiskFile file) {
    const std::string bytes = TRY(file.read_text(0, kHeaderBytes));
    if (get_le<std::uint32_t>(bytes, 0x44) >> 16 != 1) {
        return file.wrong("its version of VDI is not 1; open it with VirtualBox and clone it");
    }
    const VdiHeader header = read_header(bytes);
    TRY(check(file, header));
    std::string table = TRY(file.read_text(header.table_at, 4 * std::uint64_t{header.blocks}));
    return std::make_unique<VdiDisk>(std::move(file), header, std::move(table));
}

Result<void> check_vdi_size(std::uint64_t size_bytes) {
    if (size_bytes > kTableBytesMax / 4 * kBlockBytes) {
        return fail(Fault::invalid,
                    fmt::format("a disk of {} is too large for a VDI that IMG writes: 128 TiB at "
                                "most; choose qcow2",
                                human_size(size_bytes)));
    }
    return {};
}

Result<WrittenDisk> write_vdi(const DiskSource& source, const DiskTarget& target) {
    VdiWriter writer(TRY(DiskFile::create(target.file)), DiskBlocks(source, kBlockBytes, target),
                     target.subformat == "fixed");
    const std::uint64_t written = TRY(writer.write());
    return WrittenDisk{.files = {target.file}, .written_bytes = written};
}

}  // namespace img::vdisk
