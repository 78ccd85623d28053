// What kind of file an image is, by its first bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace img::inspect {

/// As much of a file as format_of() looks at: a tar's magic lies in the first 512 bytes.
constexpr std::size_t kFormatHeadBytes = 1024;

struct FileFormat {
    std::string name{};       ///< "raw", "qcow2", "vdi", "vmdk", "vhd", "vhdx", "tar", "cpio".
    std::string subformat{};  ///< "dynamic", "streamOptimized"; empty: not told here.
    bool archive = false;
};

/// `tail` holds the last 512 bytes of the file, where a fixed VHD has its only mark. What has no
/// mark of another format is "raw".
FileFormat format_of(std::string_view head, std::string_view tail);

/// What a file is that holds no image, for a message: "text", "a program (ELF)".
std::string plain_kind(std::string_view head);

}  // namespace img::inspect
