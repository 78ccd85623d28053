#include "engine/script_variables.hpp"

#include "base/byte_size.hpp"

#include <fmt/format.h>

namespace img::engine {
namespace {

/// "sda1", "mmcblk0p1": a name that ends in a digit takes a "p" in front of the number.
std::string device_node(const std::string& disk, std::size_t number) {
    const bool digit = !disk.empty() && disk.back() >= '0' && disk.back() <= '9';
    return fmt::format("/dev/{}{}{}", disk, digit ? "p" : "", number);
}

}  // namespace

std::vector<std::string> script_variables(const Plan& plan) {
    std::vector<std::string> variables;
    std::size_t count = 0;
    std::vector<std::size_t> numbers(plan.disks.size(), 0);  // of the partitions on each disk
    for (const auto& part : plan.partitions) {
        const auto& recipe = part.recipe;
        const std::string& said = plan.disks[part.disk].name;
        const std::string disk = said.empty() ? "sda" : said;
        const std::size_t number = ++numbers[part.disk];
        if (part.origin.empty()) {
            continue;
        }
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
        add("PARTUUID", recipe.partition_uuid.text());
        add("DEVNODE", device_node(disk, number));
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
