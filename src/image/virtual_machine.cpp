#include "image/virtual_machine.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::image {
namespace {

constexpr unsigned kMemoryMib = 1024;
constexpr unsigned kProcessors = 1;
// Workstation 10 and ESXi 5.5.
constexpr unsigned kVirtualHardware = 10;

/// Inside the quotes of a .vmx: VMware writes what would end them as |HH.
std::string vmx_text(std::string_view text) {
    std::string out;
    for (const char letter : text) {
        const auto code = static_cast<unsigned char>(letter);
        out += code < 0x20 || letter == '"' || letter == '|' ? fmt::format("|{:02X}", code)
                                                             : std::string(1, letter);
    }
    return out;
}

std::string xml_text(std::string_view text) {
    std::string out;
    for (const char letter : text) {
        switch (letter) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += letter;
        }
    }
    return out;
}

/// An element of CIM's resource allocation. Its elements have to be in alphabetical order.
struct Hardware {
    unsigned id = 0;
    unsigned type = 0;  ///< CIM_ResourceAllocationSettingData.ResourceType
    std::string name{};
    std::string before{};   ///< Elements that sort before ElementName,
    std::string between{};  ///< those between InstanceID and ResourceType,
    std::string after{};    ///< and those behind that.
};

constexpr unsigned kProcessor = 3, kMemory = 4, kIdeController = 5, kNetworkCard = 10, kDisk = 17;

std::string print_item(const Hardware& item) {
    return fmt::format(
        "      <Item>\n{}        <rasd:ElementName>{}</rasd:ElementName>\n"
        "        <rasd:InstanceID>{}</rasd:InstanceID>\n{}"
        "        <rasd:ResourceType>{}</rasd:ResourceType>\n{}      </Item>\n",
        item.before, item.name, item.id, item.between, item.type, item.after);
}

std::string line(std::string_view element, std::string_view value) {
    return fmt::format("        <rasd:{0}>{1}</rasd:{0}>\n", element, value);
}

constexpr unsigned kFirstControllerId = 4;
constexpr unsigned kFirstDiskId = 10;
constexpr unsigned kDisksPerController = 2;
constexpr unsigned kControllers = 2;

std::string print_base_hardware() {
    return print_item({.id = 1,
                       .type = kProcessor,
                       .name = "processors",
                       .after = line("VirtualQuantity", std::to_string(kProcessors))}) +
           print_item({.id = 2,
                       .type = kMemory,
                       .name = "memory",
                       .before = line("AllocationUnits", "byte * 2^20"),
                       .after = line("VirtualQuantity", std::to_string(kMemoryMib))}) +
           print_item(
               {.id = 3,
                .type = kNetworkCard,
                .name = "network card",
                .before = line("AutomaticAllocation", "true") + line("Connection", "network"),
                .between = line("ResourceSubType", "VmxNet3")});
}

std::string print_hardware(const VirtualMachine& machine) {
    std::string items = print_base_hardware();
    for (unsigned i = 0; i < kControllers; ++i) {
        items += print_item({.id = kFirstControllerId + i,
                             .type = kIdeController,
                             .name = fmt::format("IDE controller {}", i),
                             .before = line("Address", std::to_string(i)),
                             .between = line("ResourceSubType", "PIIX4")});
    }
    for (unsigned i = 0; i < machine.disks.size(); ++i) {
        const unsigned controller = kFirstControllerId + i / kDisksPerController;
        items +=
            print_item({.id = kFirstDiskId + i,
                        .type = kDisk,
                        .name = fmt::format("disk {}", i + 1),
                        .before = line("AddressOnParent", std::to_string(i % kDisksPerController)),
                        .between = line("HostResource", fmt::format("ovf:/disk/disk{}", i + 1)) +
                                   line("Parent", std::to_string(controller))});
    }
    return items;
}

}  // namespace

VirtualMachine machine_of(const ImageRecipe& recipe) {
    VirtualMachine machine{.name = recipe.name};
    for (const disk::DiskRecipe& disk : recipe.disks) {
        machine.uefi |= std::ranges::any_of(disk.partitions, [](const auto& partition) {
            return partition.role == disk::PartitionRole::efi_system;
        });
    }
    return machine;
}

std::string print_vmx(const VirtualMachine& machine) {
    std::string text = fmt::format(
        ".encoding = \"UTF-8\"\nconfig.version = \"8\"\nvirtualHW.version = \"{}\"\n"
        "displayName = \"{}\"\nguestOS = \"debian7-64\"\nfirmware = \"{}\"\n"
        "memsize = \"{}\"\nnumvcpus = \"{}\"\n"
        "scsi0.present = \"TRUE\"\nscsi0.virtualDev = \"pvscsi\"\n",
        kVirtualHardware, vmx_text(machine.name), machine.uefi ? "efi" : "bios", kMemoryMib,
        kProcessors);
    for (std::size_t i = 0; i < machine.disks.size(); ++i) {
        const std::size_t unit = i < 7 ? i : i + 1;  // 7 is the controller itself
        text += fmt::format("scsi0:{0}.present = \"TRUE\"\nscsi0:{0}.fileName = \"{1}\"\n", unit,
                            vmx_text(machine.disks[i].file));
    }
    // PCI bridges, without which the cards find no slot.
    text +=
        "pciBridge0.present = \"TRUE\"\npciBridge4.present = \"TRUE\"\n"
        "pciBridge4.virtualDev = \"pcieRootPort\"\npciBridge4.functions = \"8\"\n";
    text +=
        "ethernet0.present = \"TRUE\"\nethernet0.virtualDev = \"vmxnet3\"\n"
        "ethernet0.connectionType = \"nat\"\nethernet0.addressType = \"generated\"\n";
    return text + fmt::format(
                      "serial0.present = \"TRUE\"\nserial0.fileType = \"file\"\n"
                      "serial0.fileName = \"{}-console.log\"\n",
                      vmx_text(machine.name));
}

Result<void> check_disk_count(std::size_t disks) {
    if (disks > kControllers * kDisksPerController) {
        return fail(Fault::invalid,
                    fmt::format("an OVA holds {} disks at most, and there are {}; choose vmdk",
                                kControllers * kDisksPerController, disks));
    }
    return {};
}

Result<std::string> print_ovf(const VirtualMachine& machine) {
    TRY(check_disk_count(machine.disks.size()));
    std::string files, disks;
    for (std::size_t i = 0; i < machine.disks.size(); ++i) {
        const MachineDisk& disk = machine.disks[i];
        files += fmt::format("    <File ovf:href=\"{}\" ovf:id=\"file{}\" ovf:size=\"{}\"/>\n",
                             xml_text(disk.file), i + 1, disk.file_bytes);
        disks += fmt::format(
            "    <Disk ovf:capacity=\"{}\" ovf:diskId=\"disk{}\" ovf:fileRef=\"file{}\" ovf:format="
            "\"http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized\"/>\n",
            disk.disk_bytes, i + 1, i + 1);
    }
    const std::string name = xml_text(machine.name);
    return fmt::format(
               "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
               "<Envelope xmlns=\"http://schemas.dmtf.org/ovf/envelope/1\"\n"
               "    xmlns:ovf=\"http://schemas.dmtf.org/ovf/envelope/1\"\n"
               "    xmlns:rasd=\"http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"
               "CIM_ResourceAllocationSettingData\"\n"
               "    xmlns:vmw=\"http://www.vmware.com/schema/ovf\"\n"
               "    xmlns:vssd=\"http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"
               "CIM_VirtualSystemSettingData\">\n"
               "  <References>\n{}  </References>\n"
               "  <DiskSection>\n    <Info>virtual disks</Info>\n{}  </DiskSection>\n"
               "  <NetworkSection>\n    <Info>networks</Info>\n"
               "    <Network ovf:name=\"network\">\n"
               "      <Description>the machine's network</Description>\n    </Network>\n"
               "  </NetworkSection>\n",
               files, disks) +
           // 96 is "Debian 64-Bit" of CIM_OperatingSystem.OSType.
           fmt::format(
               "  <VirtualSystem ovf:id=\"{0}\">\n    <Info>a virtual machine</Info>\n"
               "    <Name>{0}</Name>\n"
               "    <OperatingSystemSection ovf:id=\"96\" vmw:osType=\"debian7_64Guest\">\n"
               "      <Info>the guest's operating system</Info>\n"
               "    </OperatingSystemSection>\n"
               "    <VirtualHardwareSection>\n      <Info>virtual hardware</Info>\n"
               "      <System>\n"
               "        <vssd:ElementName>virtual hardware family</vssd:ElementName>\n"
               "        <vssd:InstanceID>0</vssd:InstanceID>\n"
               "        <vssd:VirtualSystemType>vmx-{1}</vssd:VirtualSystemType>\n"
               "      </System>\n{2}"
               "      <vmw:Config ovf:required=\"false\" vmw:key=\"firmware\" vmw:value=\"{3}\"/>\n"
               "    </VirtualHardwareSection>\n  </VirtualSystem>\n</Envelope>\n",
               name, kVirtualHardware, print_hardware(machine), machine.uefi ? "efi" : "bios");
}

}  // namespace img::image
