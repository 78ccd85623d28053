// The boot blob of Intel's handhelds, 2008 to 2013: command line, bootstub, kernel and initrd
// stitched into one file, which the firmware loads to 0x1100000 as it is and enters at the stub.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace img::boot {

/// All numbers in the blob are 32 bits, little-endian:
///
///     0                    command line, NUL behind it, zeros up to size_fields
///     size_fields          size of the kernel, size of the initrd, in bytes; with_options: then
///                          0 = the stub prints over SPI, and the kind of SPI controller
///     0x1000               bootstub, zeros up to kernel_at
///     kernel_at            the whole bzImage, boot sector included; directly behind it the initrd
struct BlobLayout {
    std::string_view name;          ///< "2009"
    std::string_view what;          ///< A line for people.
    std::size_t size_fields = 256;  ///< Also the room for the command line and its NUL.
    bool with_options = true;
    std::uint32_t controller = 0;  ///< 0: SPI0 of Moorestown, or found out; 0xff: found out.
    std::size_t kernel_at = 0x2000;
};

/// By year; the first is that of Moorestown as it was sold, and the usual one. Offsets are those of
/// the sources of bootstub of these years.
std::span<const BlobLayout> blob_layouts();

/// Empty: there is none of this name.
std::optional<BlobLayout> find_blob_layout(std::string_view name);

struct BlobParts {
    std::string command_line{};  ///< Line ends and blanks behind it are left out.
    std::string stub{};          ///< A flat program of 32 bits, entered at its first byte.
    std::string kernel{};        ///< bzImage
    std::string initrd{};
};

/// Fault::invalid: a part is larger than its room, the command line holds a NUL or a line end, the
/// kernel is no bzImage, the initrd or the stub is empty; the sentence names the part as
/// /boot/cmdline, /boot/bootstub, /boot/bzImage and /boot/initrd.
Result<std::string> stitched_blob(const BlobLayout& layout, const BlobParts& parts);

}  // namespace img::boot
