#include "inspect/linux_kernel.hpp"

#include "base/byte_fields.hpp"
#include "base/byte_order.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <span>
#include <utility>

namespace img::inspect {
namespace {

constexpr std::size_t kVersionMax = 128;

bool begins_with_one_of(std::string_view name, std::span<const std::string_view> words) {
    return std::ranges::any_of(words, [&](std::string_view word) {
        return name.starts_with(word) &&
               (name.size() == word.size() ||
                !std::isalnum(static_cast<unsigned char>(name[word.size()])) ||
                std::isdigit(static_cast<unsigned char>(name[word.size()])));
    });
}

}  // namespace

bool is_kernel(std::string_view head) {
    // Documentation/arch/x86/boot.rst: "HdrS" at 0x202.
    return head.size() >= 0x210 && head.substr(0x202, 4) == "HdrS";
}

std::string kernel_version(std::string_view head) {
    if (!is_kernel(head)) {
        return {};
    }
    // At 0x20e: where the text stands, counted from 0x200; 0: nowhere.
    const std::size_t at = get_le<std::uint16_t>(head, 0x20e);
    if (at == 0 || 0x200 + at >= head.size()) {
        return {};
    }
    const auto text = text_at(head, 0x200 + at, kVersionMax);
    return text.substr(0, text.find(' '));
}

std::string packing_of(std::string_view head) {
    using namespace std::string_view_literals;
    constexpr std::array kMagics = {
        std::pair{"\x1f\x8b"sv, "gzip"},
        std::pair{"\xfd"
                  "7zXZ"sv,
                  "xz"},
        std::pair{"\x28\xb5\x2f\xfd"sv, "zstd"},
        std::pair{"\x04\x22\x4d\x18"sv, "lz4"},  // frames, as lz4(1) writes them
        std::pair{"\x02\x21\x4c\x18"sv, "lz4"},  // the older form, which kernels read
        std::pair{"\x89LZO"sv, "lzo"},
        std::pair{"BZh"sv, "bzip2"},
        std::pair{"\x5d\x00\x00"sv, "lzma"},
        std::pair{"0707"sv, "cpio"},
    };
    const auto found = std::ranges::find_if(
        kMagics, [head](const auto& magic) { return head.starts_with(magic.first); });
    return found == kMagics.end() ? std::string() : found->second;
}

std::string version_in_name(std::string_view name) {
    const auto digit = std::ranges::adjacent_find(
        name, [](char dash, char next) { return dash == '-' && next >= '0' && next <= '9'; });
    if (digit == name.end()) {
        return {};
    }
    auto version = std::string(digit + 1, name.end());
    if (version.ends_with(".img")) {
        version.resize(version.size() - 4);
    }
    return version;
}

bool is_kernel_name(std::string_view name) {
    constexpr std::array<std::string_view, 5> kNames = {"vmlinuz", "vmlinux", "bzImage", "linux",
                                                        "zImage"};
    return begins_with_one_of(name, kNames);
}

bool is_initrd_name(std::string_view name) {
    constexpr std::array<std::string_view, 3> kNames = {"initrd", "initramfs", "initrd.img"};
    return begins_with_one_of(name, kNames);
}

}  // namespace img::inspect
