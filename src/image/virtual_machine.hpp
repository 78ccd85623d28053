// The machine that an image for VMware or VirtualBox asks for, and its two descriptions.
#pragma once

#include "base/result.hpp"
#include "image/image.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace img::image {

/// A disk's file, as a description names it.
struct MachineDisk {
    std::string file;              ///< Beside the description.
    std::uint64_t disk_bytes = 0;  ///< What the guest sees.
    std::uint64_t file_bytes = 0;  ///< Of the file.
};

/// One processor, 1 GiB, UEFI where the disk has an EFI system partition. Disks and network are on
/// what every kernel of Debian has a driver for, its cloud kernel too, which knows neither SATA nor
/// E1000: PVSCSI and VMXNET3 for VMware, IDE (PIIX4) where VirtualBox has to be able to follow.
struct VirtualMachine {
    std::string name;
    bool uefi = false;
    std::vector<MachineDisk> disks{};  ///< In the order of the bus.
};

VirtualMachine machine_of(const ImageRecipe& recipe);

/// VMware's configuration file. The serial console goes to "<name>-console.log".
std::string print_vmx(const VirtualMachine& machine);

/// Fault::invalid: there are more disks than IDE takes, four.
Result<void> check_disk_count(std::size_t disks);

/// An OVF 1.0 descriptor (DSP0243) that VMware and VirtualBox import. Fault::invalid: there are
/// more than the four disks that IDE takes.
Result<std::string> print_ovf(const VirtualMachine& machine);

}  // namespace img::image
