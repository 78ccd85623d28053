// VMDK, read: one sparse file, or the files that a descriptor lists.
#include "base/byte_order.hpp"
#include "base/byte_size.hpp"
#include "vdisk/block_disk.hpp"
#include "vdisk/deflate.hpp"
#include "vdisk/disk_formats.hpp"
#include "vdisk/vmdk_descriptor.hpp"
#include "vdisk/vmdk_sparse.hpp"

#include <algorithm>
#include <bit>
#include <fmt/format.h>

namespace img::vdisk {
namespace {

constexpr std::uint64_t kSector = 512;
constexpr std::uint64_t kSectorsMax = std::uint64_t{1} << 43;  // 4 PiB, far from any overflow
constexpr std::uint64_t kGrainSectorsMax = 4096;               // 2 MiB; VMware writes 64 KiB
constexpr std::uint32_t kTableEntriesMax = 4096;               // VMware: 512, always
constexpr std::uint64_t kDirectoryBytesMax = 64 * kMiB;
constexpr std::uint64_t kDescriptorBytesMax = kMiB;
constexpr std::size_t kGrainMarkerBytes = 12;

/// One file of grains.
class SparseExtent : public BlockDisk {
public:
    SparseExtent(DiskFile file, const VmdkHeader& header, std::string directory)
        : BlockDisk(header.sectors * kSector, header.grain_sectors * kSector),
          file_(std::move(file)),
          header_(header),
          directory_(std::move(directory)) {}

protected:
    Result<std::uint64_t> next_block(std::uint64_t grain) const override {
        std::uint64_t looked_at = 0;
        while (grain < blocks() && looked_at < kEntriesACall) {
            const std::uint64_t at = table_at(grain);
            if (at == 0 || (is_kept(at) && table_empty_)) {
                grain = (grain / header_.table_entries + 1) * header_.table_entries;
                ++looked_at;
                continue;
            }
            looked_at += is_kept(at) ? 1 : header_.table_entries;
            if (TRY(place_of(grain)) != 0) {
                return grain;
            }
            ++grain;
        }
        return grain;
    }

    Result<void> read_block(std::uint64_t grain,
                            std::uint64_t offset,
                            std::span<std::byte> into) const override {
        const std::uint64_t place = TRY(place_of(grain));
        if (place == 0) {
            std::ranges::fill(into, std::byte{0});
            return {};
        }
        if ((header_.flags & kCompressed) == 0) {
            return file_.read_padded(place + offset, into);
        }
        TRY(inflate(grain, place));
        std::ranges::copy(std::span(grain_).subspan(offset, into.size()), into.begin());
        return {};
    }

private:
    /// The sector of the table that the grain stands in; 0: there is none.
    std::uint64_t table_at(std::uint64_t grain) const {
        return get_le<std::uint32_t>(directory_, 4 * (grain / header_.table_entries));
    }

    bool is_kept(std::uint64_t table_at) const { return !table_.empty() && kept_at_ == table_at; }

    /// An entry of the kept table, in bytes; 0: there is no such grain.
    std::uint64_t kept_place(std::uint64_t number) const {
        const auto entry = get_le<std::uint32_t>(table_, 4 * number);
        return entry <= 1 ? 0 : entry * kSector;  // 1: known to be zeros
    }

    /// In bytes; 0: there is no such grain. The table it stands in is kept for the next one.
    Result<std::uint64_t> place_of(std::uint64_t grain) const {
        const std::uint64_t at = table_at(grain);
        if (at == 0) {
            return 0;
        }
        if (!is_kept(at)) {
            table_ = TRY(file_.read_text(at * kSector, 4 * std::uint64_t{header_.table_entries}));
            kept_at_ = at;
            table_empty_ = true;
            for (std::uint64_t i = 0; i < header_.table_entries && table_empty_; ++i) {
                table_empty_ = kept_place(i) == 0;
            }
        }
        return kept_place(grain % header_.table_entries);
    }

    /// The whole grain, kept for the next piece of it.
    Result<void> inflate(std::uint64_t grain, std::uint64_t place) const {
        if (!grain_.empty() && grain_number_ == grain) {
            return {};
        }
        const std::string marker = TRY(file_.read_text(place, kGrainMarkerBytes));
        const auto bytes = get_le<std::uint32_t>(marker, 8);
        if (get_le<std::uint64_t>(marker, 0) != grain * header_.grain_sectors ||
            bytes > 2 * block_bytes()) {
            return file_.wrong(
                fmt::format("what stands at byte {} is not its grain {}", place, grain));
        }
        const std::string deflated = TRY(file_.read_text(place + kGrainMarkerBytes, bytes));
        grain_.assign(block_bytes(), std::byte{0});
        const auto filled = inflater_.inflate(as_bytes(deflated), grain_);
        if (!filled) {
            grain_.clear();
            return file_.wrong(fmt::format("{}, grain {}", filled.error().message, grain));
        }
        std::fill(grain_.begin() + static_cast<std::ptrdiff_t>(*filled), grain_.end(),
                  std::byte{0});
        grain_number_ = grain;
        return {};
    }

    DiskFile file_;
    VmdkHeader header_;
    std::string directory_;
    Inflater inflater_{DeflateForm::zlib};
    mutable std::string table_;
    mutable std::uint64_t kept_at_ = 0;
    mutable bool table_empty_ = false;
    mutable std::vector<std::byte> grain_;
    mutable std::uint64_t grain_number_ = 0;
};

/// The directory's place may stand in a copy of the header near the file's end.
Result<VmdkHeader> read_header(const DiskFile& file) {
    const std::string first = TRY(file.read_text(0, kVmdkHeaderBytes));
    const VmdkHeader header = parse_vmdk_header(first);
    if (header.directory_at != kDirectoryAtEnd) {
        return header;
    }
    const std::uint64_t end = file.size() / kSector * kSector;
    const std::string last = TRY(file.read_text(end - std::min(end, 3 * kSector), 2 * kSector));
    if (get_le<std::uint32_t>(last, 12) != static_cast<std::uint32_t>(VmdkMarker::footer) ||
        !std::string_view(last).substr(kSector).starts_with(kVmdkMagic)) {
        return file.wrong("its footer is missing: it was cut short");
    }
    return parse_vmdk_header(std::string_view(last).substr(kSector));
}

Result<void> check(const DiskFile& file, const VmdkHeader& header) {
    if (header.sectors > kSectorsMax || !std::has_single_bit(header.grain_sectors) ||
        header.grain_sectors > kGrainSectorsMax || header.table_entries == 0 ||
        header.table_entries > kTableEntriesMax) {
        return file.wrong(
            fmt::format("{} sectors in grains of {}, {} to a table: not a VMDK that "
                        "IMG reads",
                        header.sectors, header.grain_sectors, header.table_entries));
    }
    if ((header.flags & kCompressed) != 0 && (header.flags & kMarkers) == 0) {
        return file.wrong("compressed grains without markers are not what VMware writes");
    }
    return {};
}

Result<std::unique_ptr<DiskSource>> open_sparse(DiskFile file, const VmdkHeader& header) {
    TRY(check(file, header));
    const std::uint64_t per_table = header.grain_sectors * header.table_entries;
    const std::uint64_t directory_bytes = 4 * ((header.sectors + per_table - 1) / per_table);
    if (directory_bytes > kDirectoryBytesMax || header.directory_at > kSectorsMax) {
        return file.wrong(fmt::format("a grain directory of {} is larger than IMG reads",
                                      human_size(directory_bytes)));
    }
    std::string directory = TRY(file.read_text(header.directory_at * kSector, directory_bytes));
    return std::make_unique<SparseExtent>(std::move(file), header, std::move(directory));
}

/// Extents one behind the other. Zeros need no file.
class JoinedDisk : public DiskSource {
public:
    void append(std::unique_ptr<DiskSource> source, const VmdkExtent& extent) {
        parts_.push_back({.start = size_,
                          .size = extent.sectors * kSector,
                          .skip = extent.first_sector * kSector,
                          .source = std::move(source)});
        size_ += parts_.back().size;
    }

    std::uint64_t size_bytes() const override { return size_; }

    Result<void> read(std::uint64_t at, std::span<std::byte> into) const override {
        std::ranges::fill(into, std::byte{0});
        const std::uint64_t end = at + into.size();
        for (const Part& part : parts_) {
            const std::uint64_t from = std::max(at, part.start);
            const std::uint64_t to = std::min(end, part.start + part.size);
            if (part.source && from < to) {
                TRY(part.source->read(from - part.start + part.skip,
                                      into.subspan(from - at, to - from)));
            }
        }
        return {};
    }

    Result<std::optional<Extent>> next_data(std::uint64_t from) const override {
        for (const Part& part : parts_) {
            const std::uint64_t end = part.start + part.size;
            if (!part.source || from >= end) {
                continue;
            }
            const std::uint64_t inside = std::max(from, part.start) - part.start + part.skip;
            const auto extent = TRY(part.source->next_data(inside));
            if (extent && extent->start < part.size + part.skip) {
                const std::uint64_t start = part.start + (extent->start - part.skip);
                return Extent{.start = start, .size = std::min(extent->size, end - start)};
            }
        }
        return std::nullopt;
    }

private:
    struct Part {
        std::uint64_t start = 0;
        std::uint64_t size = 0;
        std::uint64_t skip = 0;  ///< What lies before it in its file.
        std::unique_ptr<DiskSource> source{};
    };

    std::vector<Part> parts_;
    std::uint64_t size_ = 0;
};

Result<std::unique_ptr<DiskSource>> open_extent(const DiskFile& descriptor,
                                                const VmdkExtent& extent) {
    if (extent.kind == VmdkExtent::Kind::zero) {
        return nullptr;
    }
    DiskFile file = TRY(DiskFile::open(descriptor.path().parent_path() / extent.file));
    if (extent.kind == VmdkExtent::Kind::flat) {
        if ((extent.first_sector + extent.sectors) * kSector > file.size()) {
            return file.wrong("it is shorter than the VMDK that lists it says");
        }
        return open_raw(std::move(file));
    }
    const std::string magic = TRY(file.read_text(0, kVmdkMagic.size()));
    const VmdkHeader header = TRY(read_header(file));
    if (magic != kVmdkMagic || header.sectors < extent.sectors) {
        return file.wrong("it is not the sparse extent that the VMDK lists");
    }
    return open_sparse(std::move(file), header);
}

Result<VmdkDescriptor> read_descriptor(const DiskFile& file, std::string_view text) {
    auto descriptor = parse_vmdk_descriptor(text);
    if (!descriptor) {
        return file.wrong(descriptor.error().message);
    }
    if (descriptor->has_parent) {
        return file.wrong(
            "it holds only what differs from another VMDK; merge the two first, with "
            "`vmware-vdiskmanager -r` or `qemu-img convert`");
    }
    return *std::move(descriptor);
}

Result<std::unique_ptr<DiskSource>> open_listed(const DiskFile& file) {
    if (file.size() > kDescriptorBytesMax) {
        return file.wrong("a descriptor of over 1 MiB is none");
    }
    const std::string text = TRY(file.read_text(0, file.size()));
    const VmdkDescriptor descriptor = TRY(read_descriptor(file, text));
    if (descriptor.extents.empty()) {
        return file.wrong("it lists no extents: there is no disk in it");
    }
    auto joined = std::make_unique<JoinedDisk>();
    for (const VmdkExtent& extent : descriptor.extents) {
        joined->append(TRY(open_extent(file, extent)), extent);
    }
    return joined;
}

}  // namespace

Result<std::unique_ptr<DiskSource>> open_vmdk(DiskFile file) {
    const std::string magic = TRY(file.read_text(0, 4));
    if (magic != kVmdkMagic) {
        return open_listed(file);
    }
    const VmdkHeader header = TRY(read_header(file));
    if (header.descriptor_at > kSectorsMax ||
        header.descriptor_sectors > kDescriptorBytesMax / kSector) {
        return file.wrong("its descriptor lies where none can be");
    }
    const std::string text =
        TRY(file.read_text(header.descriptor_at * kSector, header.descriptor_sectors * kSector));
    if (header.descriptor_at == 0 || !text.starts_with(kVmdkDescriptorMagic)) {
        return file.wrong("it is one part of a disk; name the small VMDK that lists the parts");
    }
    TRY(read_descriptor(file, text));
    return open_sparse(std::move(file), header);
}

}  // namespace img::vdisk
