#include "inspect/boot_blob.hpp"

#include "base/byte_fields.hpp"
#include "base/byte_order.hpp"
#include "inspect/linux_kernel.hpp"
#include "vdisk/source_part.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace img::inspect {
namespace {

constexpr std::size_t kBlock = 512;

/// A blob has no magic; its layouts differ in where the two sizes stand, behind the command line,
/// and where the kernel begins, behind the stub:
///
///     0              sizes            0x1000        kernel
///     | command line | kernel, initrd | stub        | bzImage | initrd |
struct Layout {
    std::size_t sizes;
    std::uint64_t kernel;
};
constexpr std::array kLayouts = {Layout{0x100, 0x2000}, Layout{0x200, 0x2000},
                                 Layout{0x400, 0x2000}, Layout{0x400, 0x3000},
                                 Layout{0x400, 0x4000}};

/// Whether text of at most `room` bytes, then zeros, could be a command line.
bool is_command_line(std::string_view field) {
    const auto end = std::min(field.find('\0'), field.size());
    return end < field.size() &&
           std::ranges::all_of(
               field.substr(0, end),
               [](unsigned char c) { return (c >= ' ' && c < 0x7f) || c == '\n' || c == '\t'; });
}

Result<std::optional<BootBlob>> read_layout(const vdisk::DiskSource& source, const Layout& layout) {
    const auto head = TRY(vdisk::read_bytes(source, 0, layout.sizes + 8));
    const std::uint64_t kernel_bytes = get_le<std::uint32_t>(head, layout.sizes);
    const std::uint64_t initrd_bytes = get_le<std::uint32_t>(head, layout.sizes + 4);
    const std::uint64_t end = layout.kernel + kernel_bytes + initrd_bytes;
    const auto setup = TRY(vdisk::read_bytes(source, layout.kernel, kKernelHeadBytes));
    if (kernel_bytes < kKernelHeadBytes || !is_kernel(setup) || end > source.size_bytes() ||
        !is_command_line(std::string_view(head).substr(0, layout.sizes))) {
        return std::nullopt;
    }
    const std::uint64_t initrd = layout.kernel + kernel_bytes;
    return BootBlob{
        .command_line = text_at(head, 0, layout.sizes),
        .kernel = {.place = "the boot blob",
                   .path = fmt::format("at {:#x}", layout.kernel),
                   .version = kernel_version(setup),
                   .size_bytes = kernel_bytes},
        .initrd = {.place = "the boot blob",
                   .path = fmt::format("at {:#x}", initrd),
                   .version = {},
                   .packing = packing_of(TRY(vdisk::read_bytes(source, initrd, kPackingHeadBytes))),
                   .size_bytes = initrd_bytes}};
}

Result<std::optional<BootBlob>> read_stitched(const vdisk::DiskSource& source) {
    for (const auto& layout : kLayouts) {
        auto blob = TRY(read_layout(source, layout));
        if (blob) {
            return blob;
        }
    }
    return std::nullopt;
}

/// All bytes of the header, its checksum among them, give 0 under XOR.
bool osip_checks(std::string_view header) {
    const std::size_t size = std::min<std::size_t>(get_le<std::uint16_t>(header, 10), kBlock);
    unsigned sum = 0;
    for (const char byte : header.substr(0, size)) {
        sum ^= static_cast<unsigned char>(byte);
    }
    return sum == 0;
}

Result<std::optional<BootBlob>> read_wrapped(const vdisk::DiskSource& source) {
    const auto header = TRY(vdisk::read_bytes(source, 0, kBlock));
    if (!header.starts_with("$OS$")) {
        return std::nullopt;
    }
    // The first entry: where the image starts and how long it is, in blocks of 512 bytes.
    const std::uint64_t start = std::uint64_t{get_le<std::uint32_t>(header, 36)} * kBlock;
    const std::uint64_t size = std::uint64_t{get_le<std::uint32_t>(header, 48)} * kBlock;
    const vdisk::SourcePart payload(source, {.start = start, .size = size});
    auto blob = TRY(read_stitched(payload)).value_or(BootBlob{});
    blob.wrapped = true;
    if (blob.kernel.size_bytes == 0) {
        blob.remarks.emplace_back("no boot blob is where the OSIP header points");
    }
    if (!osip_checks(header)) {
        blob.remarks.emplace_back("the checksum of the OSIP header is wrong");
    }
    if (start + size > source.size_bytes()) {
        blob.remarks.emplace_back("the OSIP header points over the end of the file");
    }
    return blob;
}

}  // namespace

Result<std::optional<BootBlob>> read_boot_blob(const vdisk::DiskSource& source) {
    auto wrapped = TRY(read_wrapped(source));
    if (wrapped) {
        return wrapped;
    }
    return read_stitched(source);
}

}  // namespace img::inspect
