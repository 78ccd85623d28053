#include "image/image_type.hpp"

#include "base/nearest.hpp"
#include "base/printable.hpp"
#include "base/text.hpp"
#include "disk/virtual_disk.hpp"
#include "image/types.hpp"

#include <array>
#include <fmt/format.h>
#include <string>
#include <vector>

namespace img::image {
namespace {

constexpr std::array kImageTypes{
    ImageType{"raw", "partitioned disk that boots on BIOS and UEFI", Layout::disks, make_raw},
    ImageType{"vdi", "the same disk for VirtualBox", Layout::disks, make_vdi, disk::kVdiSubformats},
    ImageType{"vmdk", "the same disk for VMware, with its .vmx", Layout::disks, make_vmdk,
              disk::kVmdkSubformats},
    ImageType{"ova", "virtual machine to import into VMware or VirtualBox", Layout::disks,
              make_ova},
    ImageType{"qcow2", "the same disk for QEMU and KVM", Layout::disks, make_qcow2,
              disk::kQcow2Subformats},
    ImageType{"vhd", "the same disk for Azure and Virtual PC", Layout::disks, make_vhd,
              disk::kVhdSubformats},
    ImageType{"vhdx", "the same disk for Hyper-V", Layout::disks, make_vhdx, disk::kVhdxSubformats},
};

}  // namespace

std::span<const ImageType> image_types() {
    return kImageTypes;
}

Result<ImageType> find_image_type(std::string_view name) {
    std::vector<std::string> names;
    for (const auto& type : kImageTypes) {
        if (type.name == name) {
            return type;
        }
        names.emplace_back(type.name);
    }
    const std::string meant = nearest(name, names);
    return fail(Fault::invalid,
                fmt::format("no image type '{}'; {}", printable(name),
                            meant.empty() ? "there is: " + join(names, ", ")
                                          : fmt::format("did you mean '{}'?", meant)));
}

}  // namespace img::image
