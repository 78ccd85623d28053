#include "vdisk/vdisk.hpp"

#include "base/byte_order.hpp"
#include "base/printable.hpp"
#include "base/text.hpp"
#include "system/draft.hpp"
#include "vdisk/disk_formats.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <vector>

namespace img::vdisk {
namespace {

struct FormatRow {
    DiskFormat format;
    std::string_view name;
    std::span<const std::string_view> subformats;
    Result<std::unique_ptr<DiskSource>> (*open)(DiskFile file);
    Result<WrittenDisk> (*write)(const DiskSource& source, const DiskTarget& target);
    Result<void> (*check_size)(std::uint64_t size_bytes) = nullptr;  ///< Null: whatever fits here.
};

constexpr std::array kFormats{
    FormatRow{DiskFormat::raw, "raw", {}, open_raw, write_raw},
    FormatRow{DiskFormat::vdi, "vdi", kVdiSubformats, open_vdi, write_vdi, check_vdi_size},
    FormatRow{DiskFormat::vmdk, "vmdk", kVmdkSubformats, open_vmdk, write_vmdk, check_vmdk_size},
    FormatRow{DiskFormat::qcow2, "qcow2", kQcow2Subformats, open_qcow2, write_qcow2,
              check_qcow2_size},
    FormatRow{DiskFormat::vhd, "vhd", kVhdSubformats, open_vhd, write_vhd, check_vhd_size},
    FormatRow{DiskFormat::vhdx, "vhdx", kVhdxSubformats, open_vhdx, write_vhdx, check_vhdx_size},
};

const FormatRow& row_of(DiskFormat format) {
    return *std::ranges::find(kFormats, format, &FormatRow::format);
}

/// What a format's files begin with, or have near their beginning.
struct Magic {
    std::size_t at = 0;
    std::string_view bytes;
    DiskFormat format;
};

constexpr std::array kMagics{
    Magic{0x40, "\x7f\x10\xda\xbe", DiskFormat::vdi},
    Magic{0, "KDMV", DiskFormat::vmdk},
    Magic{0, "# Disk DescriptorFile", DiskFormat::vmdk},
    Magic{0, "QFI\xfb", DiskFormat::qcow2},
    Magic{0, "conectix", DiskFormat::vhd},
    Magic{0, "vhdxfile", DiskFormat::vhdx},
};

constexpr std::size_t kMagicBytesMax = 128;
constexpr std::size_t kFooterBytes = 512;

Result<DiskFormat> find_format(const DiskFile& file) {
    if (file.size() == 0) {
        return file.wrong("it is empty, and holds no disk");
    }
    const std::string head =
        TRY(file.read_text(0, std::min<std::uint64_t>(file.size(), kMagicBytesMax)));
    for (const Magic& magic : kMagics) {
        if (head.size() > magic.at && head.substr(magic.at).starts_with(magic.bytes)) {
            return magic.format;
        }
    }
    // A fixed VHD is raw but for its last sector.
    if (file.size() > kFooterBytes) {
        const std::string tail = TRY(file.read_text(file.size() - kFooterBytes, kFooterBytes));
        if (tail.starts_with("conectix") && open_vhd(TRY(DiskFile::open(file.path())))) {
            return DiskFormat::vhd;
        }
    }
    return DiskFormat::raw;
}

/// The files that a failed writer may have left.
std::vector<system::Draft> drafts_of(const DiskTarget& target) {
    std::vector<system::Draft> drafts;
    drafts.emplace_back(target.file);
    if (target.subformat == "monolithicFlat") {
        auto flat = target.file;
        drafts.emplace_back(flat.replace_filename(flat.stem().string() + "-flat.vmdk"));
    }
    return drafts;
}

}  // namespace

std::string_view to_text(DiskFormat format) {
    return row_of(format).name;
}

Result<DiskFormat> parse_disk_format(std::string_view name) {
    std::vector<std::string> names;
    for (const FormatRow& row : kFormats) {
        if (row.name == name) {
            return row.format;
        }
        names.emplace_back(row.name);
    }
    return fail(Fault::invalid, fmt::format("there is no disk format '{}'; there is: {}",
                                            printable(name), join(names, ", ")));
}

std::span<const std::string_view> subformats(DiskFormat format) {
    return row_of(format).subformats;
}

Result<std::string_view> find_subformat(DiskFormat format, std::string_view name) {
    const auto there = subformats(format);
    if (name.empty()) {
        return there.empty() ? std::string_view() : there.front();
    }
    const auto found = std::ranges::find(there, name);
    if (found == there.end()) {
        const std::vector<std::string> names(there.begin(), there.end());
        return fail(
            Fault::invalid,
            fmt::format("{} has no subformat '{}'; {}", to_text(format), printable(name),
                        names.empty() ? "it has none at all" : "there is: " + join(names, ", ")));
    }
    return *found;
}

Result<DiskFormat> find_disk_format(const std::filesystem::path& file) {
    return find_format(TRY(DiskFile::open(file)));
}

Result<std::unique_ptr<DiskSource>> open_disk(const std::filesystem::path& file) {
    DiskFile opened = TRY(DiskFile::open(file));
    const DiskFormat format = TRY(find_format(opened));
    return row_of(format).open(std::move(opened));
}

Result<std::unique_ptr<DiskSource>> open_disk(const std::filesystem::path& file,
                                              DiskFormat format) {
    return row_of(format).open(TRY(DiskFile::open(file)));
}

Result<void> check_size(DiskFormat format, std::uint64_t size_bytes) {
    const FormatRow& row = row_of(format);
    return row.check_size == nullptr ? Result<void>{} : row.check_size(size_bytes);
}

Result<WrittenDisk> write_disk(const DiskSource& source,
                               DiskFormat format,
                               const DiskTarget& target) {
    if (source.size_bytes() == 0) {
        return fail(Fault::invalid, "a disk of no bytes cannot be written");
    }
    TRY(check_size(format, source.size_bytes()));
    DiskTarget chosen = target;
    chosen.subformat = TRY(find_subformat(format, target.subformat));
    std::vector<system::Draft> drafts = drafts_of(chosen);
    WrittenDisk written = TRY(row_of(format).write(source, chosen));
    for (system::Draft& draft : drafts) {
        draft.keep();
    }
    return written;
}

}  // namespace img::vdisk
