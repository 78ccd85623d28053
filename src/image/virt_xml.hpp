// The description that virt-image reads beside raw disks: "<name>.xml".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace img::image {

struct VirtDisk {
    std::string file;    ///< Its name, in the folder of the description.
    std::string format;  ///< "raw".
    std::string sha256;  ///< Of the file, 64 digits.
};

/// A machine that can start an image.
struct VirtMachine {
    std::string name;
    std::string architecture;  ///< Debian's word for it, "amd64".
    std::vector<VirtDisk> disks{};
};

/// As virt-image(5) has it, with what mic gave each machine: a processor, 512 MiB, a network card
/// and a screen.
///
///     image    name
///              domain   boot     guest/arch, os/loader, a drive for each disk: hda, hdb, …
///                       devices  vcpu, memory (KiB), interface, graphics
///              storage  disk     file, use, format; its checksum
///
/// What XML 1.0 cannot hold, control characters, becomes a space.
std::string virt_xml(const VirtMachine& machine);

/// "hda" to "hdz", then "hdaa", as Linux names disks.
std::string drive_name(std::size_t number);

}  // namespace img::image
