// What an image is found to hold, as values: the readers fill them, the views show them.
//
// Texts come from the image and thus from strangers: whoever shows one calls printable().
#pragma once

#include "partition/partition.hpp"
#include "superblock/superblock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace img::inspect {

/// A place that holds a file system, or could.
struct VolumeDescription {
    std::string place{};  ///< "partition 3", "the whole image", "live/filesystem.squashfs".
    std::optional<unsigned> partition{};
    std::uint64_t start_bytes = 0;  ///< On the disk; 0 for what is not on one.
    std::uint64_t size_bytes = 0;
    std::optional<superblock::FileSystemDescription> file_system{};
    bool files_read = false;
    std::string unread{};  ///< Why its files were not read, a sentence; empty: they were, or none.
};

struct BootLoaderDescription {
    std::string what{};      ///< "GRUB", "ISOLINUX", "an EFI program".
    std::string place{};     ///< "the MBR, its core in partition 1", "EFI/BOOT/BOOTX64.EFI".
    std::string firmware{};  ///< "bios", "uefi", "moorestown".
};

struct KernelDescription {
    std::string place{};    ///< The volume's.
    std::string path{};     ///< In it, without a leading slash.
    std::string version{};  ///< "6.1.0-44-amd64"; empty: its header does not say.
    std::uint64_t size_bytes = 0;
};

struct InitrdDescription {
    std::string place{};
    std::string path{};
    std::string version{};  ///< That of its name; empty: the name has none.
    std::string packing{};  ///< "gzip", "zstd", "cpio".
    std::uint64_t size_bytes = 0;
};

struct MenuEntry {
    std::string title{};
    std::string kernel{};
    std::string arguments{};
    std::string initrd{};
};

struct MenuDescription {
    std::string place{};
    std::string path{};
    std::vector<MenuEntry> entries{};
};

/// A line of fstab(5).
struct MountDescription {
    std::string device{};
    std::string folder{};
    std::string type{};
    std::string options{};
};

struct PackageDescription {
    std::string name{};
    std::string version{};
    std::string architecture{};
};

/// An installed operating system.
struct SystemDescription {
    std::string place{};
    std::string name{};  ///< PRETTY_NAME of os-release(5), or its NAME.
    std::string id{};
    std::string version{};
    std::string host_name{};
    std::vector<MountDescription> mounts{};
    std::vector<PackageDescription> packages{};  ///< Sorted by name.
    std::string rpm_database{};                  ///< Its path; empty: there is none.
};

struct ImageDescription {
    std::string format{};       ///< "raw", "qcow2", "vdi", "tar", "folder", …
    std::string subformat{};    ///< "streamOptimized", "dynamic"; empty: there is one only.
    std::string compression{};  ///< Of the whole file: "gzip", "xz"; empty: none.
    std::uint64_t file_bytes = 0;
    std::uint64_t on_disk_bytes = 0;  ///< What the file occupies: holes cost nothing.
    std::uint64_t size_bytes = 0;     ///< Of the disk or the content in it.
    std::optional<partition::TableDescription> table{};
    std::vector<VolumeDescription> volumes{};
    std::vector<BootLoaderDescription> boot_loaders{};
    std::vector<KernelDescription> kernels{};
    std::vector<InitrdDescription> initrds{};
    std::vector<MenuDescription> menus{};
    std::vector<SystemDescription> systems{};
    std::vector<std::string> remarks{};  ///< What is wrong or was not looked into, a sentence each.
};

}  // namespace img::inspect
