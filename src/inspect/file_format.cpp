#include "inspect/file_format.hpp"

#include "base/byte_order.hpp"
#include "inspect/linux_kernel.hpp"

#include <algorithm>
#include <cstdint>

namespace img::inspect {
namespace {

using namespace std::string_view_literals;

std::string vdi_kind(std::string_view head) {
    switch (get_le<std::uint32_t>(head, 0x4c)) {
        case 1: return "dynamic";
        case 2: return "fixed";
        default: return {};
    }
}

/// Of the footer, which a dynamic VHD has at its beginning too.
std::string vhd_kind(std::string_view footer) {
    switch (get_be<std::uint32_t>(footer, 60)) {
        case 2: return "fixed";
        case 3: return "dynamic";
        case 4: return "differencing";
        default: return {};
    }
}

/// A sparse extent with compressed grains (flag 16) is one that streams.
std::string vmdk_kind(std::string_view head) {
    const bool compressed = (get_le<std::uint32_t>(head, 8) & 0x10000) != 0;
    return compressed ? "streamOptimized" : "monolithicSparse";
}

/// createType of a descriptor that is a file of its own.
std::string descriptor_kind(std::string_view head) {
    constexpr std::string_view kKey = "createType=\"";
    const auto at = head.find(kKey);
    if (at == std::string_view::npos) {
        return {};
    }
    const auto value = head.substr(at + kKey.size());
    return std::string(value.substr(0, value.find('"')));
}

bool is_text(std::string_view head) {
    const auto end = std::min(head.find('\0'), head.size());
    return end == head.size() && std::ranges::all_of(head, [](unsigned char c) {
               return c >= ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0x1b;
           });
}

}  // namespace

FileFormat format_of(std::string_view head, std::string_view tail) {
    std::string padded(head);
    padded.resize(std::max(padded.size(), kFormatHeadBytes), '\0');
    const std::string_view bytes = padded;
    if (bytes.starts_with("QFI\xfb")) {
        return {.name = "qcow2"};
    }
    if (get_le<std::uint32_t>(bytes, 0x40) == 0xbeda107f) {
        return {.name = "vdi", .subformat = vdi_kind(bytes)};
    }
    if (bytes.starts_with("KDMV")) {
        return {.name = "vmdk", .subformat = vmdk_kind(bytes)};
    }
    if (bytes.starts_with("# Disk DescriptorFile")) {
        return {.name = "vmdk", .subformat = descriptor_kind(bytes)};
    }
    if (bytes.starts_with("vhdxfile")) {
        return {.name = "vhdx"};
    }
    if (bytes.starts_with("conectix") || tail.starts_with("conectix")) {
        return {.name = "vhd", .subformat = vhd_kind(bytes.starts_with("conectix") ? bytes : tail)};
    }
    if (bytes.substr(257, 5) == "ustar") {
        return {.name = "tar", .archive = true};
    }
    if (bytes.starts_with("0707") || bytes.starts_with("\xc7\x71") ||
        bytes.starts_with("\x71\xc7")) {
        return {.name = "cpio", .archive = true};
    }
    return {.name = "raw"};
}

std::string plain_kind(std::string_view head) {
    if (head.starts_with("\x7f"
                         "ELF"sv)) {
        return "a program (ELF)";
    }
    if (head.starts_with("!<arch>\ndebian")) {
        return "a Debian package";
    }
    if (head.starts_with("\xed\xab\xee\xdb")) {
        return "an RPM package";
    }
    if (head.starts_with("PK\x03\x04")) {
        return "a zip archive";
    }
    if (const auto packing = packing_of(head); !packing.empty() && packing != "cpio") {
        return "a file packed by " + packing;
    }
    if (is_kernel(head)) {
        return "a Linux kernel";
    }
    if (is_text(head)) {
        return "text";
    }
    return std::ranges::all_of(head, [](char c) { return c == 0; }) ? "zeros" : "unknown data";
}

}  // namespace img::inspect
