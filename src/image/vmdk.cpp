// vmdk: a VMDK for each disk, and the .vmx with which VMware starts a machine that has them.
#include "image/converted_disk.hpp"
#include "image/partitioned_disk.hpp"
#include "image/types.hpp"
#include "image/virtual_machine.hpp"
#include "system/draft.hpp"
#include "system/files.hpp"

#include <fmt/format.h>
#include <vector>

namespace img::image {

Result<void> check_vmdk(const ImageRecipe& recipe) {
    for (const disk::DiskRecipe& disk : recipe.disks) {
        TRY(vdisk::check_vmdk_name(disk_name(recipe, disk)));
    }
    return check_converted_disks(recipe, vdisk::DiskFormat::vmdk);
}

Result<ImageReport> make_vmdk(const Workshop& workshop, const ImageRecipe& recipe) {
    ImageReport report = TRY(make_converted_disks(workshop, recipe, vdisk::DiskFormat::vmdk));
    std::vector<system::Draft> drafts;
    VirtualMachine machine = machine_of(recipe);
    for (const ImageFile& file : report.files) {
        drafts.emplace_back(workshop.out / file.name);
        if (!file.name.ends_with("-flat.vmdk")) {
            machine.disks.push_back({.file = file.name});
        }
    }
    const std::string vmx = recipe.name + ".vmx";
    drafts.emplace_back(workshop.out / vmx);
    TRY(system::write_file(workshop.out / vmx, print_vmx(machine)));
    report.files.push_back({vmx, "vmx"});
    for (system::Draft& draft : drafts) {
        draft.keep();
    }
    return report;
}

}  // namespace img::image
