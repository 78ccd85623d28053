#include "inspect/description_json.hpp"

#include <nlohmann/json.hpp>

namespace img::inspect {
namespace {

using nlohmann::json;

/// Sets a key unless there is nothing to say.
void put(json& object, const char* key, const std::string& value) {
    if (!value.empty()) {
        object[key] = value;
    }
}

template <typename T>
void put(json& object, const char* key, const std::optional<T>& value) {
    if (value) {
        object[key] = *value;
    }
}

template <typename Item, typename View>
json array_of(const std::vector<Item>& items, View view) {
    auto array = json::array();
    for (const auto& item : items) {
        array.push_back(view(item));
    }
    return array;
}

json partition_json(const partition::PartitionDescription& partition) {
    json object{{"number", partition.number},
                {"start", partition.start_bytes},
                {"size", partition.size_bytes},
                {"type", partition.type},
                {"flags", partition.flags}};
    put(object, "type_name", partition.type_name);
    put(object, "name", partition.name);
    put(object, "uuid", partition.uuid);
    return object;
}

json table_json(const partition::TableDescription& table) {
    return {{"kind", table.kind},
            {"id", table.id},
            {"sector_size", table.sector_bytes},
            {"partitions", array_of(table.partitions, partition_json)},
            {"remarks", table.remarks}};
}

json file_system_json(const superblock::FileSystemDescription& found) {
    json object{{"kind", found.kind}, {"size", found.size_bytes}};
    put(object, "label", found.label);
    put(object, "uuid", found.uuid);
    put(object, "used", found.used_bytes);
    put(object, "created", found.created);
    put(object, "written", found.written);
    put(object, "details", found.details);
    return object;
}

json volume_json(const VolumeDescription& volume) {
    json object{{"place", volume.place},
                {"start", volume.start_bytes},
                {"size", volume.size_bytes},
                {"files_read", volume.files_read}};
    put(object, "partition", volume.partition);
    put(object, "unread", volume.unread);
    if (volume.file_system) {
        object["file_system"] = file_system_json(*volume.file_system);
    }
    return object;
}

json loader_json(const BootLoaderDescription& loader) {
    return {{"what", loader.what}, {"place", loader.place}, {"firmware", loader.firmware}};
}

json kernel_json(const KernelDescription& kernel) {
    json object{{"place", kernel.place}, {"path", kernel.path}, {"size", kernel.size_bytes}};
    put(object, "version", kernel.version);
    return object;
}

json initrd_json(const InitrdDescription& initrd) {
    json object{{"place", initrd.place}, {"path", initrd.path}, {"size", initrd.size_bytes}};
    put(object, "version", initrd.version);
    put(object, "packing", initrd.packing);
    return object;
}

json menu_json(const MenuDescription& menu) {
    return {{"place", menu.place},
            {"path", menu.path},
            {"entries", array_of(menu.entries, [](const MenuEntry& entry) {
                 return json{{"title", entry.title},
                             {"kernel", entry.kernel},
                             {"arguments", entry.arguments},
                             {"initrd", entry.initrd}};
             })}};
}

json mount_json(const MountDescription& mount) {
    return {{"device", mount.device},
            {"folder", mount.folder},
            {"type", mount.type},
            {"options", mount.options}};
}

json package_json(const PackageDescription& package) {
    return {{"name", package.name},
            {"version", package.version},
            {"architecture", package.architecture}};
}

json system_json(const SystemDescription& system) {
    json object{{"place", system.place},
                {"fstab", array_of(system.mounts, mount_json)},
                {"packages", array_of(system.packages, package_json)}};
    put(object, "name", system.name);
    put(object, "id", system.id);
    put(object, "version", system.version);
    put(object, "hostname", system.host_name);
    put(object, "rpm_database", system.rpm_database);
    return object;
}

}  // namespace

json to_json(const ImageDescription& image) {
    json object{{"format", image.format},
                {"file_size", image.file_bytes},
                {"size_on_disk", image.on_disk_bytes},
                {"size", image.size_bytes},
                {"volumes", array_of(image.volumes, volume_json)},
                {"boot_loaders", array_of(image.boot_loaders, loader_json)},
                {"kernels", array_of(image.kernels, kernel_json)},
                {"initrds", array_of(image.initrds, initrd_json)},
                {"menus", array_of(image.menus, menu_json)},
                {"systems", array_of(image.systems, system_json)},
                {"remarks", image.remarks}};
    put(object, "subformat", image.subformat);
    put(object, "compression", image.compression);
    if (image.table) {
        object["partition_table"] = table_json(*image.table);
    }
    return object;
}

}  // namespace img::inspect
