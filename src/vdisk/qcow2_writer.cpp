// qcow2, written: version 3, plain or compressed clusters.
#include "base/byte_order.hpp"
#include "base/byte_size.hpp"
#include "vdisk/block_deflater.hpp"
#include "vdisk/disk_blocks.hpp"
#include "vdisk/disk_formats.hpp"
#include "vdisk/qcow2_header.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::vdisk {
namespace {

constexpr std::size_t kCluster = 64 * kKiB;
constexpr std::uint32_t kClusterBits = 16;
constexpr std::uint64_t kL2Entries = kCluster / 8;
constexpr std::uint64_t kCountsPerCluster = kCluster / 2;
// Where the first table would exceed the 32 MiB that QEMU opens.
constexpr std::uint64_t kSizeMax = 2048 * 1024 * kGiB;
constexpr std::uint32_t kPlaceBits = 62 - (kClusterBits - 8);  // of a compressed cluster's entry

/// How often each cluster of the file is used, and where the next free byte is. Compressed
/// clusters lie close together, so that several share a cluster of the file.
class Clusters {
public:
    /// A cluster of its own.
    std::uint64_t take() {
        const std::uint64_t place = round_up(end_, kCluster);
        end_ = place + kCluster;
        count(place, kCluster);
        return place;
    }

    /// `bytes` right behind what was packed last. 64 KiB that are not all zeros deflate to 70 bytes
    /// at least, so the 16 bits of a count are enough.
    std::uint64_t pack(std::uint64_t bytes) {
        const std::uint64_t place = end_;
        end_ += bytes;
        count(place, bytes);
        return place;
    }

    std::uint64_t end() const { return end_; }
    std::uint64_t size() const { return counts_.size(); }
    std::uint16_t count_of(std::uint64_t cluster) const {
        return cluster < counts_.size() ? counts_[cluster] : std::uint16_t{0};
    }

private:
    void count(std::uint64_t place, std::uint64_t bytes) {
        const std::uint64_t last = (place + bytes - 1) / kCluster;
        counts_.resize(std::max<std::uint64_t>(counts_.size(), last + 1), 0);
        for (std::uint64_t i = place / kCluster; i <= last; ++i) {
            ++counts_[i];
        }
    }

    std::uint64_t end_ = 0;
    std::vector<std::uint16_t> counts_;
};

class Qcow2Writer {
public:
    Qcow2Writer(DiskFile file, DiskBlocks blocks)
        : file_(std::move(file)), blocks_(std::move(blocks)), l2_(kCluster, '\0') {
        header_.size_bytes = blocks_.size_bytes();
        header_.l1_entries =
            static_cast<std::uint32_t>((blocks_.blocks() + kL2Entries - 1) / kL2Entries);
        l1_.resize(8 * std::size_t{header_.l1_entries}, '\0');
        clusters_.take();  // of the header
        header_.l1_at = clusters_.end();
        for (std::size_t i = 0; i < l1_.size(); i += kCluster) {
            clusters_.take();
        }
    }

    Result<std::uint64_t> write_plain() {
        while (const auto block = TRY(blocks_.next())) {
            TRY(write_whole(block->index, block->bytes));
        }
        return finish();
    }

    Result<std::uint64_t> write_compressed() {
        BlockDeflater deflater(DeflateForm::bare, [this](const DeflatedBlock& block) {
            return block.deflated.size() < kCluster ? write_deflated(block.index, block.deflated)
                                                    : write_whole(block.index, block.bytes);
        });
        while (const auto block = TRY(blocks_.next())) {
            TRY(deflater.add(block->index, block->bytes));
        }
        TRY(deflater.finish());
        return finish();
    }

private:
    Result<void> write_whole(std::uint64_t index, std::span<const std::byte> bytes) {
        TRY(turn_to(index));
        const std::uint64_t place = clusters_.take();
        enter(index, place | kQcow2Copied);
        return file_.write_sparse(place, bytes);
    }

    Result<void> write_deflated(std::uint64_t index, const std::string& deflated) {
        TRY(turn_to(index));
        const std::uint64_t place = clusters_.pack(deflated.size());
        const std::uint64_t sectors = (place + deflated.size() - 1) / 512 - place / 512;
        enter(index, place | sectors << kPlaceBits | kQcow2Deflated);
        return file_.write(place, deflated);
    }

    void enter(std::uint64_t index, std::uint64_t entry) {
        put_be(l2_, 8 * (index % kL2Entries), entry);
        l2_used_ = true;
    }

    Result<void> turn_to(std::uint64_t index) {
        if (index / kL2Entries != l2_number_) {
            TRY(write_l2());
            l2_number_ = index / kL2Entries;
            l2_.assign(kCluster, '\0');
            l2_used_ = false;
        }
        return {};
    }

    Result<void> write_l2() {
        if (!l2_used_) {
            return {};
        }
        const std::uint64_t place = clusters_.take();
        put_be(l1_, 8 * l2_number_, place | kQcow2Copied);
        return file_.write(place, l2_);
    }

    Result<std::uint64_t> finish() {
        TRY(write_l2());
        TRY(write_counts());
        TRY(file_.write(header_.l1_at, l1_));
        TRY(file_.write(0, print_qcow2_header(header_)));
        TRY(file_.resize(clusters_.size() * kCluster));
        return file_.written_bytes();
    }

    /// The clusters that hold the counts are counted too, so there may have to be more of them.
    Result<void> write_counts() {
        std::vector<std::uint64_t> places;
        std::uint64_t table_clusters = 0;
        while (places.size() * kCountsPerCluster < clusters_.size() + table_clusters) {
            places.push_back(clusters_.take());
            table_clusters = (8 * places.size() + kCluster - 1) / kCluster;
        }
        header_.counts_table_at = clusters_.take();
        header_.counts_table_clusters = static_cast<std::uint32_t>(table_clusters);
        for (std::uint64_t i = 1; i < table_clusters; ++i) {
            clusters_.take();
        }
        std::string table(table_clusters * kCluster, '\0');
        for (std::size_t i = 0; i < places.size(); ++i) {
            put_be(table, 8 * i, places[i]);
            TRY(file_.write(places[i], counts_from(i * kCountsPerCluster)));
        }
        return file_.write(header_.counts_table_at, table);
    }

    std::string counts_from(std::uint64_t first) const {
        std::string bytes(kCluster, '\0');
        for (std::uint64_t i = 0; i < kCountsPerCluster; ++i) {
            put_be(bytes, 2 * i, clusters_.count_of(first + i));
        }
        return bytes;
    }

    DiskFile file_;
    DiskBlocks blocks_;
    Clusters clusters_;
    Qcow2Header header_;
    std::string l1_;
    std::string l2_;
    std::uint64_t l2_number_ = 0;
    bool l2_used_ = false;
};

}  // namespace

Result<void> check_qcow2_size(std::uint64_t size_bytes) {
    if (size_bytes > kSizeMax) {
        return fail(Fault::invalid, fmt::format("a disk of {} is too large for a qcow2: 2 PiB is "
                                                "the most",
                                                human_size(size_bytes)));
    }
    return {};
}

Result<WrittenDisk> write_qcow2(const DiskSource& source, const DiskTarget& target) {
    Qcow2Writer writer(TRY(DiskFile::create(target.file)), DiskBlocks(source, kCluster, target));
    const std::uint64_t written =
        TRY(target.subformat == "compressed" ? writer.write_compressed() : writer.write_plain());
    return WrittenDisk{.files = {target.file}, .written_bytes = written};
}

}  // namespace img::vdisk
