#include "inspect/installed_system.hpp"

#include "base/printable.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>

namespace img::inspect {
namespace {

using filetree::FileTree;

constexpr std::size_t kSmallFileMax = 1 << 20;
constexpr std::size_t kStatusMax = 64 << 20;  // a desktop of 3000 packages has 4 MiB
constexpr std::size_t kPackagesMax = 100'000;
constexpr std::size_t kMountsMax = 1000;

// The first one that is there is read.
constexpr std::array<std::string_view, 2> kOsRelease = {"usr/lib/os-release", "etc/os-release"};
constexpr std::string_view kHostName = "etc/hostname";
constexpr std::string_view kFstab = "etc/fstab";
constexpr std::string_view kDpkgStatus = "var/lib/dpkg/status";
constexpr std::array<std::string_view, 5> kRpmDatabases = {
    "usr/lib/sysimage/rpm/rpmdb.sqlite", "usr/lib/sysimage/rpm/Packages.db",
    "var/lib/rpm/rpmdb.sqlite", "var/lib/rpm/Packages.db", "var/lib/rpm/Packages"};

/// Empty for what is not there, and for what cannot be read: neither is told apart further up.
std::string text_of(const FileTree& tree, std::string_view path, std::size_t bytes_max) {
    return tree.read(std::string(path), bytes_max).value_or(std::string());
}

std::string rpm_database_of(const FileTree& tree) {
    for (const auto path : kRpmDatabases) {
        if (tree.read(std::string(path), 1)) {
            return std::string(path);
        }
    }
    return {};
}

std::string os_release_of(const FileTree& tree) {
    for (const auto path : kOsRelease) {
        if (auto text = text_of(tree, path, kSmallFileMax); !text.empty()) {
            return text;
        }
    }
    return {};
}

std::string unquoted(std::string_view value) {
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
        value.back() == value.front()) {
        value = value.substr(1, value.size() - 2);
    }
    return std::string(value);
}

/// "Package: bash" gives the value of a field; a line that continues one begins with a blank.
bool take_field(std::string_view line, std::string_view name, std::string& value) {
    if (!line.starts_with(name) || !line.substr(name.size()).starts_with(':')) {
        return false;
    }
    value = trim(line.substr(name.size() + 1));
    return true;
}

bool same_letters(std::string_view one, std::string_view other) {
    return std::ranges::equal(one, other, [](unsigned char a, unsigned char b) {
        return std::tolower(a) == std::tolower(b);
    });
}

/// Whether anything in the image goes by what fstab says: "UUID=…", "PARTLABEL=…".
bool is_there(const ImageDescription& image, std::string_view key, std::string_view value) {
    const auto volume_has = [&](const VolumeDescription& volume) {
        const auto& found = volume.file_system;
        return found && ((key == "UUID" && same_letters(found->uuid, value)) ||
                         (key == "LABEL" && found->label == value));
    };
    const auto partition_has = [&](const partition::PartitionDescription& partition) {
        return (key == "PARTUUID" && same_letters(partition.uuid, value)) ||
               (key == "PARTLABEL" && partition.name == value);
    };
    return std::ranges::any_of(image.volumes, volume_has) ||
           (image.table && std::ranges::any_of(image.table->partitions, partition_has));
}

}  // namespace

bool is_system_file(std::string_view path) {
    return std::ranges::find(kOsRelease, path) != kOsRelease.end() || path == kHostName ||
           path == kFstab || path == kDpkgStatus ||
           std::ranges::find(kRpmDatabases, path) != kRpmDatabases.end();
}

std::string os_release_value(std::string_view text, std::string_view key) {
    for (const auto& line : split(text, "\r\n")) {
        if (line.starts_with(key) && line.substr(key.size()).starts_with('=')) {
            return unquoted(trim(std::string_view(line).substr(key.size() + 1)));
        }
    }
    return {};
}

std::vector<MountDescription> read_fstab(std::string_view text) {
    std::vector<MountDescription> mounts;
    for (const auto& line : split(text, "\r\n")) {
        const auto words = split(line, " \t");
        if (words.size() < 3 || words[0].starts_with('#') || mounts.size() == kMountsMax) {
            continue;
        }
        mounts.push_back({.device = unquoted(words[0]),
                          .folder = words[1],
                          .type = words[2],
                          .options = words.size() > 3 ? words[3] : "defaults"});
    }
    return mounts;
}

std::vector<PackageDescription> read_dpkg_status(std::string_view text) {
    std::vector<PackageDescription> packages;
    PackageDescription package;
    std::string status;
    const auto finish = [&] {
        if (!package.name.empty() && status.ends_with(" installed")) {
            packages.push_back(std::move(package));
        }
        package = {};
        status.clear();
    };
    while (!text.empty() && packages.size() < kPackagesMax) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty()) {
            finish();
        } else if (!take_field(line, "Package", package.name) &&
                   !take_field(line, "Version", package.version) &&
                   !take_field(line, "Architecture", package.architecture)) {
            take_field(line, "Status", status);
        }
    }
    finish();
    std::ranges::sort(packages, {}, &PackageDescription::name);
    return packages;
}

std::optional<SystemDescription> read_system(const FileTree& tree) {
    const auto release = os_release_of(tree);
    const auto status = text_of(tree, kDpkgStatus, kStatusMax);
    const auto fstab = text_of(tree, kFstab, kSmallFileMax);
    SystemDescription system{.place = {},
                             .name = os_release_value(release, "PRETTY_NAME"),
                             .id = os_release_value(release, "ID"),
                             .version = os_release_value(release, "VERSION_ID"),
                             .mounts = read_fstab(fstab),
                             .packages = read_dpkg_status(status),
                             .rpm_database = rpm_database_of(tree)};
    if (release.empty() && fstab.empty() && status.empty() && system.rpm_database.empty()) {
        return std::nullopt;
    }
    if (system.name.empty()) {
        system.name = os_release_value(release, "NAME");
    }
    system.host_name = trim(text_of(tree, kHostName, kSmallFileMax));
    return system;
}

std::vector<std::string> check_mounts(const ImageDescription& image) {
    constexpr std::array<std::string_view, 4> kKeys = {"UUID", "LABEL", "PARTUUID", "PARTLABEL"};
    std::vector<std::string> wrong;
    for (const auto& system : image.systems) {
        for (const auto& mount : system.mounts) {
            const auto equals = std::min(mount.device.find('='), mount.device.size());
            const auto key = mount.device.substr(0, equals);
            const auto value = mount.device.substr(std::min(equals + 1, mount.device.size()));
            if (std::ranges::find(kKeys, key) != kKeys.end() &&
                !is_there(image, key, unquoted(value))) {
                wrong.push_back(fmt::format("fstab mounts {} from {}, which nothing here has",
                                            printable(mount.folder), printable(mount.device)));
            }
        }
    }
    return wrong;
}

}  // namespace img::inspect
