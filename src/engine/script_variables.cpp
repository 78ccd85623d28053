#include "engine/script_variables.hpp"

#include "base/byte_size.hpp"
#include "disk/disk_layout.hpp"
#include "disk/mbr.hpp"
#include "engine/image_recipe.hpp"

#include <fmt/format.h>

namespace img::engine {
namespace {

/// "sda1", "mmcblk0p1": a name that ends in a digit takes a "p" in front of the number.
std::string device_node(const std::string& disk, unsigned number) {
    const bool digit = !disk.empty() && disk.back() >= '0' && disk.back() <= '9';
    return fmt::format("/dev/{}{}{}", disk, digit ? "p" : "", number);
}

/// Of every partition, on its own disk. The planner has seen to it that there are such numbers.
std::vector<unsigned> numbers_on_disk(const Plan& plan) {
    std::vector<unsigned> numbers(plan.partitions.size(), 0);
    for (std::size_t disk = 0; disk < plan.disks.size(); ++disk) {
        const auto on_it = disk::partition_numbers(disk_recipe(plan, disk));
        std::size_t next = 0;
        for (std::size_t i = 0; on_it && i < plan.partitions.size(); ++i) {
            if (plan.partitions[i].disk == disk) {
                numbers[i] = on_it->at(next++);
            }
        }
    }
    return numbers;
}

/// What Linux calls PARTUUID.
std::string partition_id(const Plan& plan, const PlannedPartition& part, unsigned number) {
    const PlannedDisk& disk = plan.disks[part.disk];
    return disk.table == disk::PartitionTable::msdos ? disk::msdos_partition_id(disk.uuid, number)
                                                     : part.recipe.partition_uuid.text();
}

}  // namespace

std::vector<std::string> script_variables(const Plan& plan) {
    std::vector<std::string> variables;
    std::size_t count = 0;
    const std::vector<unsigned> numbers = numbers_on_disk(plan);
    for (std::size_t i = 0; i < plan.partitions.size(); ++i) {
        const auto& part = plan.partitions[i];
        if (part.origin.empty()) {
            continue;
        }
        const auto& recipe = part.recipe;
        const std::string& said = plan.disks[part.disk].name;
        const std::string disk = said.empty() ? "sda" : said;
        const auto add = [&](std::string_view name, const std::string& value) {
            variables.push_back(fmt::format("INSTALLERFW_PART{}_{}={}", count, name, value));
        };
        add("SIZE", std::to_string(recipe.size_bytes / kMiB));
        add("MOUNTPOINT", part.mount_point);
        add("FSTYPE", std::string(to_text(recipe.file_system)));
        add("LABEL", recipe.label);
        add("FSOPTS", part.mount_options);
        add("BOOTFLAG", recipe.legacy_boot ? "True" : "False");
        add("ALIGN", recipe.align_bytes == 0 ? "" : std::to_string(recipe.align_bytes / kKiB));
        add("TYPE_ID", recipe.type_guid);
        add("UUID", recipe.fs_uuid);
        add("PARTUUID", partition_id(plan, part, numbers[i]));
        add("DEVNODE", device_node(disk, numbers[i]));
        add("DISK_DEVNODE", "/dev/" + disk);
        ++count;
    }
    variables.push_back(fmt::format("INSTALLERFW_PART_COUNT={}", count));
    variables.push_back(
        fmt::format("INSTALLERFW_PTABLE_FORMAT={}",
                    plan.disks.front().table == disk::PartitionTable::gpt ? "gpt" : "msdos"));
    variables.push_back("INSTALLERFW_KERNEL_OPTS=" + plan.kernel_arguments);
    variables.emplace_back("INSTALLERFW_INSTALLER_NAME=mic");  // scripts look for this name
    return variables;
}

}  // namespace img::engine
