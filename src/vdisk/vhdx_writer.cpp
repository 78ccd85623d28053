// VHDX, written: dynamic and fixed, with an empty log.
#include "base/byte_order.hpp"
#include "base/byte_size.hpp"
#include "vdisk/disk_blocks.hpp"
#include "vdisk/disk_formats.hpp"
#include "vdisk/vhdx_layout.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::vdisk {
namespace {

constexpr std::uint64_t kSizeMax = 64 * 1024 * kGiB;  // [MS-VHDX], 2.6.2.2
// Microsoft's advice for ext4, which spreads its data over the disk; Hyper-V's own 32 MiB would
// make the file larger.
constexpr std::uint64_t kBlockBytes = kMiB;
constexpr std::uint32_t kSectorBytes = 512;
constexpr std::uint32_t kPhysicalSectorBytes = 4096;
constexpr std::uint64_t kChunkBlocks = vhdx_chunk_blocks(kSectorBytes, kBlockBytes);
constexpr std::uint64_t kLogAt = kVhdxUnit;
constexpr std::uint64_t kLogBytes = kVhdxUnit;
constexpr std::uint64_t kMetadataAt = 2 * kVhdxUnit;
constexpr std::uint64_t kMetadataBytes = kVhdxUnit;
constexpr std::uint64_t kTableAt = 3 * kVhdxUnit;

// Of an item of metadata ([MS-VHDX], 2.6.1.2).
constexpr std::uint32_t kOfTheDisk = 2;
constexpr std::uint32_t kRequired = 4;

template <typename T>
std::string number(T value) {
    std::string bytes(sizeof(T), '\0');
    put_le(bytes, 0, value);
    return bytes;
}

class VhdxWriter {
public:
    VhdxWriter(DiskFile file, DiskBlocks blocks, bool fixed)
        : file_(std::move(file)),
          blocks_(std::move(blocks)),
          fixed_(fixed),
          table_(8 * (blocks_.blocks() + blocks_.blocks() / kChunkBlocks), '\0'),
          end_(kTableAt + round_up(table_.size(), kVhdxUnit)) {}

    Result<std::uint64_t> write() {
        const std::uint64_t data_at = end_;
        for (std::uint64_t block = 0; fixed_ && block < blocks_.blocks(); ++block) {
            use(block);
        }
        while (const auto block = TRY(blocks_.next())) {
            const std::uint64_t place =
                fixed_ ? data_at + block->index * kBlockBytes : use(block->index);
            TRY(file_.write_sparse(place, block->bytes));
        }
        TRY(file_.resize(end_));
        TRY(file_.write_sparse(kTableAt, as_bytes(table_)));
        TRY(write_metadata());
        TRY(write_headers());
        return file_.written_bytes();
    }

private:
    std::uint64_t use(std::uint64_t block) {
        const std::uint64_t place = end_;
        end_ += kBlockBytes;
        const auto state = static_cast<std::uint64_t>(VhdxState::fully_present);
        put_le(table_, 8 * (block + block / kChunkBlocks), place / kVhdxUnit << 20 | state);
        return place;
    }

    Result<void> write_metadata() {
        struct Item {
            std::string_view name;
            std::string bytes;
            std::uint32_t flags = kOfTheDisk | kRequired;
        };
        const Item items[] = {
            {.name = kVhdxFileParameters,
             .bytes = number(static_cast<std::uint32_t>(kBlockBytes)) +
                      number(fixed_ ? kVhdxFixed : std::uint32_t{0}),
             .flags = kRequired},
            {.name = kVhdxDiskSize, .bytes = number(blocks_.size_bytes())},
            {.name = kVhdxDiskId, .bytes = vhdx_guid(blocks_.identity("vhdx disk"))},
            {.name = kVhdxSectorBytes, .bytes = number(kSectorBytes)},
            {.name = kVhdxPhysicalSectorBytes, .bytes = number(kPhysicalSectorBytes)},
        };
        std::string list(kVhdxMetadataListBytes, '\0');
        list.replace(0, 8, "metadata");
        put_le(list, 10, static_cast<std::uint16_t>(std::size(items)));
        std::string data;
        std::size_t entry = 32;
        for (const Item& item : items) {
            list.replace(entry, 16, vhdx_guid(item.name));
            put_le(list, entry + 16, static_cast<std::uint32_t>(list.size() + data.size()));
            put_le(list, entry + 20, static_cast<std::uint32_t>(item.bytes.size()));
            put_le(list, entry + 24, item.flags);
            data += item.bytes;
            entry += 32;
        }
        return file_.write(kMetadataAt, list + data);
    }

    Result<void> write_headers() {
        std::string name(kVhdxMagic);
        for (const char letter : std::string_view("img")) {  // who made it, in UTF-16
            name += {letter, '\0'};
        }
        TRY(file_.write(0, name));
        TRY(file_.write(kVhdxHeaderAt, header(1)));
        TRY(file_.write(kVhdxSecondHeaderAt, header(2)));
        const std::string regions = region_list();
        TRY(file_.write(kVhdxRegionsAt, regions));
        return file_.write(kVhdxSecondRegionsAt, regions);
    }

    std::string header(std::uint64_t sequence) {
        std::string bytes(kVhdxHeaderBytes, '\0');
        bytes.replace(0, 4, "head");
        put_le(bytes, 8, sequence);
        bytes.replace(16, 16, vhdx_guid(blocks_.identity("vhdx file")));
        bytes.replace(32, 16, vhdx_guid(blocks_.identity("vhdx data")));
        put_le(bytes, 66, std::uint16_t{1});  // version of the format; the log's, before it, is 0
        put_le(bytes, 68, static_cast<std::uint32_t>(kLogBytes));
        put_le(bytes, 72, kLogAt);
        put_le(bytes, kVhdxChecksumAt, vhdx_checksum(bytes));
        return bytes;
    }

    std::string region_list() const {
        std::string bytes(kVhdxRegionsBytes, '\0');
        bytes.replace(0, 4, "regi");
        put_le(bytes, 8, std::uint32_t{2});
        const auto table_bytes = static_cast<std::uint32_t>(round_up(table_.size(), kVhdxUnit));
        put_region(bytes, 16, kVhdxTableRegion, kTableAt, table_bytes);
        put_region(bytes, 48, kVhdxMetadataRegion, kMetadataAt, kMetadataBytes);
        put_le(bytes, kVhdxChecksumAt, vhdx_checksum(bytes));
        return bytes;
    }

    static void put_region(std::string& bytes,
                           std::size_t entry,
                           std::string_view name,
                           std::uint64_t at,
                           std::uint32_t size) {
        bytes.replace(entry, 16, vhdx_guid(name));
        put_le(bytes, entry + 16, at);
        put_le(bytes, entry + 24, size);
        put_le(bytes, entry + 28, std::uint32_t{1});  // required
    }

    DiskFile file_;
    DiskBlocks blocks_;
    bool fixed_;
    std::string table_;
    std::uint64_t end_;
};

}  // namespace

Result<void> check_vhdx_size(std::uint64_t size_bytes) {
    if (size_bytes > kSizeMax) {
        return fail(Fault::invalid, fmt::format("a disk of {} is too large for a VHDX: 64 TiB is "
                                                "the most",
                                                human_size(size_bytes)));
    }
    return {};
}

Result<WrittenDisk> write_vhdx(const DiskSource& source, const DiskTarget& target) {
    VhdxWriter writer(TRY(DiskFile::create(target.file)), DiskBlocks(source, kBlockBytes, target),
                      target.subformat == "fixed");
    const std::uint64_t written = TRY(writer.write());
    return WrittenDisk{.files = {target.file}, .written_bytes = written};
}

}  // namespace img::vdisk
