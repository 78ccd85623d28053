// qcow2, read: versions 2 and 3, plain and deflated clusters, one file that holds the whole disk.
#include "base/byte_order.hpp"
#include "base/byte_size.hpp"
#include "vdisk/block_disk.hpp"
#include "vdisk/deflate.hpp"
#include "vdisk/disk_formats.hpp"
#include "vdisk/qcow2_header.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <unordered_set>

namespace img::vdisk {
namespace {

constexpr std::uint64_t kSector = 512;
constexpr std::uint64_t kL1BytesMax = 32 * kMiB;            // QEMU's own bound
constexpr std::uint64_t kSizeMax = std::uint64_t{1} << 56;  // far from any overflow
constexpr std::size_t kEmptyTablesMax = 1 << 16;            // remembered; some 4 MiB of memory

class Qcow2Disk : public BlockDisk {
public:
    Qcow2Disk(DiskFile file, const Qcow2Header& header, std::string l1)
        : BlockDisk(header.size_bytes, std::uint64_t{1} << header.cluster_bits),
          file_(std::move(file)),
          cluster_bits_(header.cluster_bits),
          l1_(std::move(l1)) {}

protected:
    Result<std::uint64_t> next_block(std::uint64_t cluster) const override {
        std::uint64_t looked_at = 0;
        while (cluster < blocks() && looked_at < kEntriesACall) {
            const std::uint64_t place = l2_place(cluster);
            if (place == 0 || empty_l2s_.contains(place)) {
                cluster = (cluster / l2_entries() + 1) * l2_entries();
                ++looked_at;
                continue;
            }
            looked_at += is_kept(place) ? 1 : l2_entries();
            if (!is_empty(TRY(entry_of(cluster)))) {
                return cluster;
            }
            ++cluster;
        }
        return cluster;
    }

    Result<void> read_block(std::uint64_t cluster,
                            std::uint64_t offset,
                            std::span<std::byte> into) const override {
        const std::uint64_t entry = TRY(entry_of(cluster));
        if (is_empty(entry)) {
            std::ranges::fill(into, std::byte{0});
            return {};
        }
        if ((entry & kQcow2Deflated) == 0) {
            return file_.read_padded((entry & kQcow2PlaceMask) + offset, into);
        }
        TRY(inflate(cluster, entry));
        std::ranges::copy(std::span(cluster_).subspan(offset, into.size()), into.begin());
        return {};
    }

private:
    std::uint64_t l2_entries() const { return block_bytes() / 8; }

    std::uint64_t l2_place(std::uint64_t cluster) const {
        return get_be<std::uint64_t>(l1_, 8 * (cluster / l2_entries())) & kQcow2PlaceMask;
    }

    static bool is_empty(std::uint64_t entry) {
        return (entry & kQcow2Deflated) == 0 &&
               ((entry & kQcow2PlaceMask) == 0 || (entry & kQcow2Zeros) != 0);
    }

    bool is_kept(std::uint64_t place) const { return !l2_.empty() && l2_kept_ == place; }

    bool names_nothing() const {
        for (std::uint64_t i = 0; i < l2_entries(); ++i) {
            if (!is_empty(get_be<std::uint64_t>(l2_, 8 * i))) {
                return false;
            }
        }
        return true;
    }

    /// 0 where there is no table. The last table is kept for the next cluster.
    Result<std::uint64_t> entry_of(std::uint64_t cluster) const {
        const std::uint64_t place = l2_place(cluster);
        if (place == 0) {
            return 0;
        }
        if (!is_kept(place)) {
            l2_ = TRY(file_.read_text(place, block_bytes()));
            l2_kept_ = place;
            if (empty_l2s_.size() < kEmptyTablesMax && names_nothing()) {
                empty_l2s_.insert(place);
            }
        }
        return get_be<std::uint64_t>(l2_, 8 * (cluster % l2_entries()));
    }

    /// The whole cluster, kept for the next piece of it. The entry says where the stream begins,
    /// to the byte, and in how many further sectors it ends.
    Result<void> inflate(std::uint64_t cluster, std::uint64_t entry) const {
        if (!cluster_.empty() && cluster_kept_ == cluster) {
            return {};
        }
        const std::uint32_t place_bits = 62 - (cluster_bits_ - 8);
        const std::uint64_t place = entry & ((std::uint64_t{1} << place_bits) - 1);
        const std::uint64_t sectors =
            ((entry & ~(kQcow2Copied | kQcow2Deflated)) >> place_bits) + 1;
        const std::uint64_t bytes = sectors * kSector - place % kSector;
        if (place >= file_.size()) {
            return file_.wrong(fmt::format("its cluster {} lies behind the file's end", cluster));
        }
        const std::string deflated =
            TRY(file_.read_text(place, std::min(bytes, file_.size() - place)));
        cluster_.assign(block_bytes(), std::byte{0});
        const auto filled = inflater_.inflate(as_bytes(deflated), cluster_);
        if (!filled || *filled != cluster_.size()) {
            cluster_.clear();
            return file_.wrong(fmt::format("its compressed cluster {} is damaged", cluster));
        }
        cluster_kept_ = cluster;
        return {};
    }

    DiskFile file_;
    std::uint32_t cluster_bits_;
    std::string l1_;
    Inflater inflater_{DeflateForm::bare};
    mutable std::string l2_;
    mutable std::uint64_t l2_kept_ = 0;
    mutable std::unordered_set<std::uint64_t> empty_l2s_;  ///< Places of tables without a cluster.
    mutable std::vector<std::byte> cluster_;
    mutable std::uint64_t cluster_kept_ = 0;
};

Result<void> check_features(const DiskFile& file, const Qcow2Header& header) {
    if (header.backing_name_at != 0) {
        return file.wrong(
            "it holds only what differs from another image; merge the two first, "
            "with `qemu-img convert`");
    }
    if (header.encryption != 0) {
        return file.wrong("it is encrypted; decrypt it first, with `qemu-img convert`");
    }
    if ((header.features & kQcow2Corrupt) != 0) {
        return file.wrong("it is marked as damaged; see `qemu-img check -r all`");
    }
    if ((header.features & kQcow2ExternalData) != 0) {
        return file.wrong("its data lies in another file; join the two with `qemu-img convert`");
    }
    constexpr std::uint64_t kKnown = kQcow2Dirty | kQcow2OtherCompression;
    if ((header.features & ~kKnown) != 0 || header.compression != 0) {
        return file.wrong(
            "it has subclusters, zstd compression or newer features that IMG does not "
            "read; rewrite it with `qemu-img convert -O qcow2`");
    }
    return {};
}

Result<void> check(const DiskFile& file, const Qcow2Header& header) {
    if (header.version != 2 && header.version != 3) {
        return file.wrong(fmt::format("version {} of qcow2 is not known", header.version));
    }
    TRY(check_features(file, header));
    if (header.cluster_bits < 9 || header.cluster_bits > 21 || header.size_bytes > kSizeMax) {
        return file.wrong(
            fmt::format("a disk of {} bytes in clusters of 2^{} is not what a qcow2 "
                        "can be",
                        header.size_bytes, header.cluster_bits));
    }
    const std::uint64_t per_table = std::uint64_t{1} << (2 * header.cluster_bits - 3);
    if (header.l1_entries < (header.size_bytes + per_table - 1) / per_table ||
        8 * std::uint64_t{header.l1_entries} > kL1BytesMax) {
        return file.wrong(fmt::format("a first table of {} entries does not fit a disk of {} bytes",
                                      header.l1_entries, header.size_bytes));
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<DiskSource>> open_qcow2(DiskFile file) {
    const std::string bytes = TRY(file.read_text(0, kQcow2HeaderBytes));
    const Qcow2Header header = parse_qcow2_header(bytes);
    TRY(check(file, header));
    std::string l1 = TRY(file.read_text(header.l1_at, 8 * std::uint64_t{header.l1_entries}));
    return std::make_unique<Qcow2Disk>(std::move(file), header, std::move(l1));
}

}  // namespace img::vdisk
