// ova: one tar with the description of a virtual machine, the checksums, and its compressed disks.
//
//     | name.ovf | name.mf | name-disk1.vmdk | …        the order that DSP0243, section 5.3, wants
#include "base/byte_size.hpp"
#include "base/digest.hpp"
#include "image/converted_disk.hpp"
#include "image/types.hpp"
#include "image/virtual_machine.hpp"
#include "system/draft.hpp"
#include "system/files.hpp"
#include "system/sparse_file.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <vector>

namespace img::image {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kTarBlock = 512;
constexpr std::uint64_t kOctalMax = 077777777777;  // eleven digits of eight: 8 GiB
constexpr std::size_t kTarNameMax = 99;

/// A size field (POSIX.1-1988, ustar); above 8 GiB as GNU tar has it: big-endian, first bit set.
std::string tar_number(std::uint64_t value, std::size_t width) {
    if (value <= kOctalMax) {
        return fmt::format("{:0{}o}", value, width - 1) + '\0';
    }
    std::string bytes(width, '\0');
    for (std::size_t i = width; i-- > 0; value >>= 8) {
        bytes[i] = static_cast<char>(value & 0xff);
    }
    bytes[0] = '\x80';
    return bytes;
}

Result<std::uint64_t> size_of(const fs::path& file) {
    std::error_code error;
    const std::uint64_t size = fs::file_size(file, error);
    if (error) {
        return fail(Fault::broken, fmt::format("read {}: {}", file.string(), error.message()));
    }
    return size;
}

/// A plain file of nobody's, readable by all.
std::string tar_header(std::string_view name, std::uint64_t size, std::int64_t epoch) {
    std::string header(kTarBlock, '\0');
    header.replace(0, name.size(), name);
    header.replace(100, 8, tar_number(0644, 8));
    header.replace(108, 8, tar_number(0, 8));
    header.replace(116, 8, tar_number(0, 8));
    header.replace(124, 12, tar_number(size, 12));
    header.replace(136, 12,
                   tar_number(static_cast<std::uint64_t>(std::max<std::int64_t>(epoch, 0)), 12));
    header.replace(148, 8, "        ");  // the checksum counts itself as blanks
    header[156] = '0';
    header.replace(257, 8,
                   std::string("ustar\0"
                               "00",
                               8));
    std::uint32_t sum = 0;
    for (const char byte : header) {
        sum += static_cast<unsigned char>(byte);
    }
    header.replace(148, 7, fmt::format("{:06o}", sum) + '\0');
    return header;
}

Result<void> check_member_name(std::string_view name) {
    if (name.size() > kTarNameMax) {
        return fail(Fault::invalid,
                    fmt::format("'{}' is too long a name for a file in an OVA: {} bytes at most; "
                                "choose a shorter one",
                                name, kTarNameMax));
    }
    return {};
}

/// Files one behind the other, in whole blocks, and two empty blocks at the end.
class Tar {
public:
    Tar(fs::path file, std::int64_t epoch) : file_(std::move(file)), epoch_(epoch) {}

    Result<void> start() { return system::create_sparse(file_, 0); }

    Result<void> add_text(std::string_view name, std::string_view text) {
        TRY(add_header(name, text.size()));
        TRY(system::write_at(file_, end_, text));
        pad(text.size());
        return {};
    }

    Result<void> add_file(std::string_view name, const fs::path& source) {
        const std::uint64_t size = TRY(size_of(source));
        TRY(add_header(name, size));
        TRY(system::copy_sparse(source, file_, end_));
        pad(size);
        return {};
    }

    Result<std::uint64_t> finish() {
        TRY(system::write_at(file_, end_, std::string(2 * kTarBlock, '\0')));
        return end_ + 2 * kTarBlock;
    }

private:
    Result<void> add_header(std::string_view name, std::uint64_t size) {
        TRY(check_member_name(name));
        TRY(system::write_at(file_, end_, tar_header(name, size, epoch_)));
        end_ += kTarBlock;
        return {};
    }

    /// What is written next lies behind it, so that holes at its end are there too.
    void pad(std::uint64_t size) { end_ += round_up(size, kTarBlock); }

    fs::path file_;
    std::int64_t epoch_;
    std::uint64_t end_ = 0;
};

/// Every disk as a streamOptimized VMDK in scratch.
struct OvaDisks {
    std::vector<system::Draft> files;
    VirtualMachine machine;
    std::vector<std::string> warnings;
};

std::string member_of(const ImageRecipe& recipe, std::size_t number) {
    return fmt::format("{}-disk{}.vmdk", recipe.name, number);
}

Result<OvaDisks> make_disks(const Workshop& workshop, const ImageRecipe& recipe) {
    OvaDisks disks{.files = {}, .machine = machine_of(recipe), .warnings = {}};
    for (const disk::DiskRecipe& disk : recipe.disks) {
        const std::string name = member_of(recipe, disks.files.size() + 1);
        disks.files.emplace_back(workshop.scratch / name);
        auto made = TRY(
            make_converted_disk(workshop, recipe, disk, vdisk::DiskFormat::vmdk,
                                {.file = workshop.scratch / name, .subformat = "streamOptimized"}));
        const auto source = TRY(vdisk::open_disk(workshop.scratch / name));
        const std::uint64_t file_bytes = TRY(size_of(workshop.scratch / name));
        disks.machine.disks.push_back(
            {.file = name, .disk_bytes = source->size_bytes(), .file_bytes = file_bytes});
        std::ranges::move(made.warnings, std::back_inserter(disks.warnings));
    }
    return disks;
}

/// "SHA256(name)= …" for the descriptor and each disk (DSP0243, section 5.1).
Result<std::string> manifest(const std::string& ovf_name,
                             const std::string& ovf,
                             const OvaDisks& disks) {
    std::string text = fmt::format("SHA256({})= {}\n", ovf_name, sha256_hex(ovf));
    for (std::size_t i = 0; i < disks.files.size(); ++i) {
        const std::string digest = TRY(sha256_file(disks.files[i].path()));
        text += fmt::format("SHA256({})= {}\n", disks.machine.disks[i].file, digest);
    }
    return text;
}

}  // namespace

Result<void> check_ova(const ImageRecipe& recipe) {
    TRY(check_disk_count(recipe.disks.size()));
    const std::string last = member_of(recipe, recipe.disks.size());
    TRY(check_member_name(last));
    TRY(vdisk::check_vmdk_name(last));
    return check_converted_disks(recipe, vdisk::DiskFormat::vmdk);
}

Result<ImageReport> make_ova(const Workshop& workshop, const ImageRecipe& recipe) {
    OvaDisks disks = TRY(make_disks(workshop, recipe));
    const std::string ovf = TRY(print_ovf(disks.machine));
    const std::string list = TRY(manifest(recipe.name + ".ovf", ovf, disks));
    system::Draft ova(workshop.out / (recipe.name + ".ova"));
    Tar tar(ova.path(), recipe.epoch);
    TRY(tar.start());
    TRY(tar.add_text(recipe.name + ".ovf", ovf));
    TRY(tar.add_text(recipe.name + ".mf", list));
    for (std::size_t i = 0; i < disks.files.size(); ++i) {
        TRY(tar.add_file(disks.machine.disks[i].file, disks.files[i].path()));
    }
    ImageReport report;
    report.files = {{recipe.name + ".ova", "ova", true}};
    report.written_bytes = TRY(tar.finish());
    report.warnings = std::move(disks.warnings);
    ova.keep();
    return report;
}

}  // namespace img::image
