// The text in which a VMDK says what it is and which files hold it.
#pragma once

#include "base/result.hpp"
#include "base/uuid.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace img::vdisk {

/// A line such as `RW 204800 FLAT "disk-flat.vmdk" 0`.
struct VmdkExtent {
    enum class Kind { flat, sparse, zero };

    Kind kind = Kind::flat;
    std::uint64_t sectors = 0;
    std::string file{};              ///< A plain name: it lies beside the descriptor.
    std::uint64_t first_sector = 0;  ///< Of a flat one, inside its file.

    bool operator==(const VmdkExtent&) const = default;
};

struct VmdkDescriptor {
    std::string create_type;  ///< "monolithicSparse".
    bool has_parent = false;
    std::vector<VmdkExtent> extents;
};

constexpr std::string_view kVmdkDescriptorMagic = "# Disk DescriptorFile";

/// Lines that it does not know are passed over, as every reader does. Fault::invalid: an extent
/// that is none, that lies in another folder, of a kind that needs VMware, or over 512 of them.
Result<VmdkDescriptor> parse_vmdk_descriptor(std::string_view text);

struct NewVmdk {
    std::string create_type;
    VmdkExtent extent;
    Uuid id;
    Uuid modification;
};

/// What VMware and VirtualBox want to find.
std::string print_vmdk_descriptor(const NewVmdk& disk);

}  // namespace img::vdisk
