// OSIP, the "OS image profile" that the firmware of Intel's handhelds reads in front of a boot
// blob: a header of one sector that says where the blob lies, and where it is loaded and entered.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace img::boot {

constexpr std::size_t kOsipBytes = 512;  ///< Of the header, and the unit of what follows it.

/// The header and the blob, padded with 0xff to whole sectors. One image, unsigned, for version
/// 0.0:
///
///     0     "$OS$", 0, minor 0, major 1, checksum: all of the 0x38 bytes XORed give 0
///     8     number of pointers 1, of images 1, size of the header 0x38, 20 bytes of zeros
///     0x20  version of the image, first sector 1, load address, entry, sectors, attribute 1
///     0x38  0xff up to 0x1b7, zeros up to 0x1fd, 55 aa
///
/// Fault::invalid: the blob is empty, or has 2 TiB or more.
Result<std::string> with_osip(std::string_view blob);

}  // namespace img::boot
