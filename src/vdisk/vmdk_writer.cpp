// VMDK, written: monolithicSparse, streamOptimized, monolithicFlat.
#include "base/byte_order.hpp"
#include "base/byte_size.hpp"
#include "vdisk/block_deflater.hpp"
#include "vdisk/disk_blocks.hpp"
#include "vdisk/disk_formats.hpp"
#include "vdisk/vdisk.hpp"
#include "vdisk/vmdk_descriptor.hpp"
#include "vdisk/vmdk_sparse.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::vdisk {
namespace {

constexpr std::uint64_t kSector = 512;
constexpr std::size_t kGrainBytes = 64 * kKiB;
constexpr std::uint64_t kGrainSectors = kGrainBytes / kSector;
constexpr std::uint64_t kTableEntries = 512;
constexpr std::uint64_t kTableSectors = kTableEntries * 4 / kSector;
constexpr std::uint64_t kDescriptorAt = 1;
constexpr std::uint64_t kDescriptorSectors = 20;  // VMware's own room for it
// 64 TiB, VMware's most. Tables for all of it take 256 MiB, twice, nearly all of them holes.
constexpr std::uint64_t kSizeMax = 64 * 1024 * kGiB;

/// What is said of a whole file that is written.
NewVmdk new_vmdk(DiskBlocks& blocks, const DiskTarget& target, VmdkExtent::Kind kind) {
    return {.create_type = target.subformat,
            .extent = {.kind = kind,
                       .sectors = blocks.sectors(),
                       .file = target.file.filename().string()},
            .id = blocks.identity("vmdk"),
            .modification = blocks.identity("vmdk modification")};
}

/// The table that grains are being entered into: they come in order, so one at a time is enough.
class GrainTable {
public:
    std::uint64_t number() const { return number_; }
    const std::string& bytes() const { return bytes_; }
    bool used() const { return used_; }

    void start(std::uint64_t number) { *this = GrainTable(number); }

    /// Fault::invalid: the sector's number has more than 32 bits.
    Result<void> enter(std::uint64_t grain, std::uint64_t sector) {
        if (sector > 0xffffffff) {
            return fail(Fault::invalid,
                        "more than 2 TiB of data do not fit into one sparse VMDK; "
                        "choose qcow2 or vhdx");
        }
        put_le(bytes_, 4 * (grain % kTableEntries), static_cast<std::uint32_t>(sector));
        used_ = true;
        return {};
    }

    GrainTable() = default;

private:
    explicit GrainTable(std::uint64_t number) : number_(number) {}

    std::uint64_t number_ = 0;
    std::string bytes_ = std::string(kTableSectors * kSector, '\0');
    bool used_ = false;
};

std::uint64_t tables_for(const DiskBlocks& blocks) {
    return (blocks.blocks() + kTableEntries - 1) / kTableEntries;
}

class SparseWriter {
public:
    SparseWriter(DiskFile file, DiskBlocks blocks, const DiskTarget& target)
        : file_(std::move(file)),
          blocks_(std::move(blocks)),
          target_(target),
          tables_(tables_for(blocks_)),
          directory_sectors_(round_up(4 * tables_, kSector) / kSector) {
        header_.flags = kNewlineTest | kSecondDirectory;
        header_.sectors = blocks_.sectors();
        header_.descriptor_at = kDescriptorAt;
        header_.descriptor_sectors = kDescriptorSectors;
        header_.second_directory_at = kDescriptorAt + kDescriptorSectors;
        header_.directory_at =
            header_.second_directory_at + directory_sectors_ + tables_ * kTableSectors;
        header_.data_at = round_up(
            header_.directory_at + directory_sectors_ + tables_ * kTableSectors, kGrainSectors);
    }

    Result<std::uint64_t> write() {
        TRY(write_directories());
        std::uint64_t end = header_.data_at;
        TRY(file_.resize(end * kSector));
        while (const auto grain = TRY(blocks_.next())) {
            TRY(turn_to(grain->index / kTableEntries));
            TRY(table_.enter(grain->index, end));
            TRY(file_.write_sparse(end * kSector, grain->bytes));
            end += kGrainSectors;
        }
        TRY(write_table());
        TRY(file_.write(kDescriptorAt * kSector, print_vmdk_descriptor(new_vmdk(
                                                     blocks_, target_, VmdkExtent::Kind::sparse))));
        TRY(file_.write(0, print_vmdk_header(header_)));
        return file_.written_bytes();
    }

private:
    /// Each names its own set of tables, which follows it.
    Result<void> write_directories() {
        for (const std::uint64_t at : {header_.second_directory_at, header_.directory_at}) {
            std::string directory(directory_sectors_ * kSector, '\0');
            for (std::uint64_t i = 0; i < tables_; ++i) {
                put_le(directory, 4 * i, static_cast<std::uint32_t>(table_at(at, i)));
            }
            TRY(file_.write(at * kSector, directory));
        }
        return {};
    }

    std::uint64_t table_at(std::uint64_t directory_at, std::uint64_t number) const {
        return directory_at + directory_sectors_ + number * kTableSectors;
    }

    Result<void> turn_to(std::uint64_t number) {
        if (number != table_.number()) {
            TRY(write_table());
            table_.start(number);
        }
        return {};
    }

    Result<void> write_table() {
        for (const std::uint64_t at : {header_.second_directory_at, header_.directory_at}) {
            if (table_.used()) {
                TRY(file_.write(table_at(at, table_.number()) * kSector, table_.bytes()));
            }
        }
        return {};
    }

    DiskFile file_;
    DiskBlocks blocks_;
    const DiskTarget& target_;
    std::uint64_t tables_;
    std::uint64_t directory_sectors_;
    VmdkHeader header_;
    GrainTable table_;
};

/// Grains are deflated on all processors; all else goes out in the order of the disk.
class StreamWriter {
public:
    StreamWriter(DiskFile file, DiskBlocks blocks, const DiskTarget& target)
        : file_(std::move(file)),
          blocks_(std::move(blocks)),
          target_(target),
          directory_(round_up(4 * tables_for(blocks_), kSector), '\0') {
        header_.version = 3;
        header_.flags = kNewlineTest | kCompressed | kMarkers;
        header_.sectors = blocks_.sectors();
        header_.descriptor_at = kDescriptorAt;
        header_.descriptor_sectors = kDescriptorSectors;
        header_.directory_at = kDirectoryAtEnd;
        header_.data_at = kGrainSectors;
    }

    Result<std::uint64_t> write() {
        {
            BlockDeflater deflater(DeflateForm::zlib, [this](const DeflatedBlock& block) {
                return write_grain(block.index, block.deflated);
            });
            while (const auto grain = TRY(blocks_.next())) {
                TRY(deflater.add(grain->index, grain->bytes));
            }
            TRY(deflater.finish());
        }
        TRY(write_table());
        TRY(write_end());
        TRY(file_.write(kDescriptorAt * kSector, print_vmdk_descriptor(new_vmdk(
                                                     blocks_, target_, VmdkExtent::Kind::sparse))));
        TRY(file_.write(0, print_vmdk_header(header_)));
        return file_.written_bytes();
    }

private:
    Result<void> write_grain(std::uint64_t grain, const std::string& deflated) {
        if (grain / kTableEntries != table_.number()) {
            TRY(write_table());
            table_.start(grain / kTableEntries);
        }
        TRY(table_.enter(grain, end_));
        std::string bytes(12, '\0');
        put_le(bytes, 0, grain * kGrainSectors);
        put_le(bytes, 8, static_cast<std::uint32_t>(deflated.size()));
        return append(bytes + deflated);
    }

    /// Behind its grains. One without grains is not there at all.
    Result<void> write_table() {
        if (!table_.used()) {
            return {};
        }
        TRY(write_marker(VmdkMarker::table, kTableSectors));
        if (end_ > 0xffffffff) {
            return fail(Fault::invalid, "more than 2 TiB of data do not fit into one sparse VMDK");
        }
        put_le(directory_, 4 * table_.number(), static_cast<std::uint32_t>(end_));
        return append(table_.bytes());
    }

    Result<void> write_end() {
        TRY(write_marker(VmdkMarker::directory, directory_.size() / kSector));
        VmdkHeader footer = header_;
        footer.directory_at = end_;
        TRY(append(directory_));
        TRY(write_marker(VmdkMarker::footer, 1));
        TRY(append(print_vmdk_header(footer)));
        return write_marker(VmdkMarker::end_of_stream, 0);
    }

    /// Tells how many sectors of what follow.
    Result<void> write_marker(VmdkMarker kind, std::uint64_t sectors) {
        std::string bytes(kSector, '\0');
        put_le(bytes, 0, sectors);
        put_le(bytes, 12, static_cast<std::uint32_t>(kind));
        return append(std::move(bytes));
    }

    Result<void> append(std::string bytes) {
        bytes.resize(round_up(bytes.size(), kSector), '\0');
        TRY(file_.write(end_ * kSector, bytes));
        end_ += bytes.size() / kSector;
        return {};
    }

    DiskFile file_;
    DiskBlocks blocks_;
    const DiskTarget& target_;
    std::string directory_;
    VmdkHeader header_;
    GrainTable table_;
    std::uint64_t end_ = kGrainSectors;
};

/// "disk.vmdk" is the descriptor, "disk-flat.vmdk" the disk.
Result<WrittenDisk> write_flat(const DiskSource& source, const DiskTarget& target) {
    auto flat = target.file;
    flat.replace_filename(target.file.stem().string() + "-flat.vmdk");
    DiskFile file = TRY(DiskFile::create(flat));
    DiskBlocks blocks(source, kMiB, target);
    TRY(file.resize(blocks.size_bytes()));
    while (const auto block = TRY(blocks.next())) {
        const auto inside =
            std::min<std::uint64_t>(block->bytes.size(), blocks.size_bytes() - block->start());
        TRY(file.write_sparse(block->start(), block->bytes.first(inside)));
    }
    NewVmdk disk = new_vmdk(blocks, target, VmdkExtent::Kind::flat);
    disk.extent.file = flat.filename().string();
    DiskFile descriptor = TRY(DiskFile::create(target.file));
    TRY(descriptor.write(0, print_vmdk_descriptor(disk)));
    return WrittenDisk{.files = {target.file, flat},
                       .written_bytes = file.written_bytes() + descriptor.written_bytes()};
}

}  // namespace

Result<void> check_vmdk_size(std::uint64_t size_bytes) {
    if (size_bytes > kSizeMax) {
        return fail(Fault::invalid, fmt::format("a disk of {} is too large for a VMDK: 64 TiB is "
                                                "the most",
                                                human_size(size_bytes)));
    }
    return {};
}

Result<void> check_vmdk_name(std::string_view name) {
    if (name.find_first_of("\"\n\r") != std::string::npos) {
        return fail(Fault::invalid,
                    "a VMDK says its own name in quotes: choose one without quotes");
    }
    return {};
}

Result<WrittenDisk> write_vmdk(const DiskSource& source, const DiskTarget& target) {
    TRY(check_vmdk_name(target.file.filename().string()));
    if (target.subformat == "monolithicFlat") {
        return write_flat(source, target);
    }
    DiskFile file = TRY(DiskFile::create(target.file));
    DiskBlocks blocks(source, kGrainBytes, target);
    const std::uint64_t written =
        TRY(target.subformat == "streamOptimized"
                ? StreamWriter(std::move(file), std::move(blocks), target).write()
                : SparseWriter(std::move(file), std::move(blocks), target).write());
    return WrittenDisk{.files = {target.file}, .written_bytes = written};
}

}  // namespace img::vdisk
