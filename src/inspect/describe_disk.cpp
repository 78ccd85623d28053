#include "inspect/describe_disk.hpp"

#include "base/byte_size.hpp"
#include "base/printable.hpp"
#include "filetree/filetree.hpp"
#include "filetree/squashfs_tree.hpp"
#include "filetree/watched_tree.hpp"
#include "inspect/boot_blob.hpp"
#include "inspect/boot_code.hpp"
#include "inspect/file_format.hpp"
#include "inspect/installed_system.hpp"
#include "inspect/tree_survey.hpp"
#include "partition/partition.hpp"
#include "partition/ubi_reader.hpp"
#include "superblock/superblock.hpp"
#include "vdisk/source_part.hpp"

#include <fmt/format.h>

namespace img::inspect {
namespace {

constexpr int kDepthMax = 3;  // an ISO's squashfs, and an ext image in that

std::string unread_sentence(std::string_view kind) {
    if (kind == "swap") {
        return {};  // there are no files in it
    }
    return fmt::format("the files of {} are not looked into", kind);
}

/// Goes through the volumes of one disk.
class DiskSurvey {
public:
    DiskSurvey(const Tools& tools, ImageDescription& image) : tools_(tools), image_(image) {}

    /// `start` is where `part` begins on the disk.
    void survey(const vdisk::DiskSource& part, std::uint64_t start, VolumeDescription volume) {
        auto found = superblock::find_file_system(part);
        if (!found) {
            remark(volume.place, found.error());
        } else if (*found) {
            volume.file_system = **std::move(found);
            check_size(part, volume);
            read_files(part, start, volume);
        }
        image_.volumes.push_back(std::move(volume));
        look_into(part, start);
    }

private:
    void remark(const std::string& place, const Error& error) {
        image_.remarks.push_back(fmt::format("{}: {}", place, error.message));
    }

    void check_size(const vdisk::DiskSource& part, const VolumeDescription& volume) {
        const auto& found = *volume.file_system;
        if (found.size_bytes > part.size_bytes()) {
            image_.remarks.push_back(
                fmt::format("{}: the {} has {}, and the last {} of them are not there: the image "
                            "was cut short",
                            volume.place, found.kind, human_size(found.size_bytes),
                            human_size(found.size_bytes - part.size_bytes())));
        }
    }

    void read_files(const vdisk::DiskSource& part, std::uint64_t start, VolumeDescription& volume) {
        auto tree = open_tree(part, start, volume);
        if (!tree) {
            volume.unread = tree.error().message;
        } else if (*tree != nullptr) {
            volume.files_read = true;
            describe_files(**tree, volume.place, image_);
            inner_ = depth_ < kDepthMax ? std::move(*tree) : nullptr;
            inner_place_ = volume.place;
        }
    }

    /// No tree and no Error: volume.unread says why, or there are no files.
    Result<std::unique_ptr<filetree::FileTree>> open_tree(const vdisk::DiskSource& part,
                                                          std::uint64_t start,
                                                          VolumeDescription& volume) const {
        const auto& kind = volume.file_system->kind;
        if (kind.starts_with("ext")) {
            return filetree::open_ext_tree(part);
        }
        if (kind == "vfat") {
            return filetree::open_vfat_tree(part);
        }
        if (kind == "iso9660") {
            return filetree::open_iso_tree(part);
        }
        if (kind == "squashfs" && tools_.runner != nullptr && !tools_.plain_file.empty()) {
            return filetree::open_squashfs_tree(*tools_.runner, tools_.plain_file, start);
        }
        volume.unread = kind == "squashfs"
                            ? "the files of a squashfs are read from raw images only; convert the "
                              "image to raw to see them"
                            : unread_sentence(kind);
        return std::unique_ptr<filetree::FileTree>();
    }

    /// Images in files of the volume that was read last.
    void look_into(const vdisk::DiskSource& part, std::uint64_t start) {
        const auto tree = std::move(inner_);
        const auto place = inner_place_;
        if (tree == nullptr) {
            return;
        }
        ++depth_;
        for (const auto& path : images_in(*tree)) {
            look_into_file(part, start, *tree, path, place);
        }
        --depth_;
    }

    void look_into_file(const vdisk::DiskSource& part,
                        std::uint64_t start,
                        const filetree::FileTree& tree,
                        const std::string& path,
                        const std::string& place) {
        const auto extent = tree.place(path);
        VolumeDescription volume{.place = fmt::format("{} in {}", path, place)};
        if (!extent) {
            remark(volume.place, extent.error());
        } else if (!*extent) {
            volume.unread =
                fmt::format("it is not in one piece in {}, so it is not looked into", place);
            image_.volumes.push_back(std::move(volume));
        } else {
            volume.start_bytes = start + (*extent)->start;
            volume.size_bytes = (*extent)->size;
            const vdisk::SourcePart inside(part, **extent);
            survey(inside, volume.start_bytes, std::move(volume));
        }
    }

    const Tools& tools_;
    ImageDescription& image_;
    std::unique_ptr<filetree::FileTree> inner_;
    std::string inner_place_;
    int depth_ = 0;
};

VolumeDescription describe_volume(partition::UbiVolume volume) {
    return {.place = fmt::format("volume {} ({}), {}{}", volume.id, volume.name,
                                 volume.fixed ? "static" : "dynamic",
                                 volume.growing ? ", grows when attached" : ""),
            .start_bytes = volume.start_bytes,
            .size_bytes = volume.size_bytes,
            .file_system = std::move(volume.file_system),
            .unread = "the files of a volume of UBI are not looked into; attach it to read them"};
}

/// Whether the readers below have found anything to say of the whole source.
Result<bool> describe_flash(const vdisk::DiskSource& source, ImageDescription& image) {
    auto ubi = TRY(partition::read_ubi(source));
    if (!ubi) {
        return false;
    }
    image.subformat = "UBI";
    image.volumes.push_back({.place = "the whole image",
                             .size_bytes = source.size_bytes(),
                             .file_system = std::move(ubi->image)});
    for (auto& volume : ubi->volumes) {
        image.volumes.push_back(describe_volume(std::move(volume)));
    }
    std::ranges::move(ubi->remarks, std::back_inserter(image.remarks));
    return true;
}

Result<bool> describe_blob(const vdisk::DiskSource& source, ImageDescription& image) {
    auto blob = TRY(read_boot_blob(source));
    if (!blob) {
        return false;
    }
    image.subformat = blob->wrapped ? "boot blob in an OSIP" : "boot blob";
    image.boot_loaders.push_back({.what = "the Moorestown boot stub",
                                  .place = "behind the command line",
                                  .firmware = "moorestown"});
    image.menus.push_back({.place = "the boot blob",
                           .path = "its command line",
                           .entries = {{.title = "the only entry",
                                        .kernel = blob->kernel.path,
                                        .arguments = blob->command_line,
                                        .initrd = blob->initrd.path}}});
    if (blob->kernel.size_bytes > 0) {
        image.kernels.push_back(std::move(blob->kernel));
    }
    if (blob->initrd.size_bytes > 0) {
        image.initrds.push_back(std::move(blob->initrd));
    }
    std::ranges::move(blob->remarks, std::back_inserter(image.remarks));
    return true;
}

bool holds_partitions(const partition::PartitionDescription& partition) {
    return partition.type_name.starts_with("extended") || partition.type == "0xee";
}

void survey_partitions(const vdisk::DiskSource& disk, DiskSurvey& survey, ImageDescription& image) {
    const auto partitions = image.table->partitions;
    for (const auto& partition : partitions) {
        if (holds_partitions(partition) || partition.start_bytes >= disk.size_bytes()) {
            continue;
        }
        const vdisk::SourcePart part(
            disk, {.start = partition.start_bytes, .size = partition.size_bytes});
        survey.survey(part, partition.start_bytes,
                      {.place = fmt::format("partition {}", partition.number),
                       .partition = partition.number,
                       .start_bytes = partition.start_bytes,
                       .size_bytes = partition.size_bytes});
    }
}

std::unexpected<Error> nothing_known(const vdisk::DiskSource& source) {
    const auto head = vdisk::read_bytes(source, 0, kFormatHeadBytes);
    std::string_view bytes = head ? std::string_view(*head) : std::string_view();
    bytes = bytes.substr(0, source.size_bytes());
    return fail(Fault::invalid,
                fmt::format("no image: it has no partition table, no file system and no other "
                            "mark that IMG knows; it looks like {}",
                            plain_kind(bytes)));
}

Result<void> describe_loaders(const vdisk::DiskSource& disk, ImageDescription& image) {
    for (auto& loader : TRY(read_el_torito(disk))) {
        image.boot_loaders.push_back(std::move(loader));
    }
    if (!image.table) {
        return {};  // a file system's own boot sector is not an MBR
    }
    for (auto& loader : TRY(read_boot_code(disk, image.table))) {
        image.boot_loaders.push_back(std::move(loader));
    }
    return {};
}

}  // namespace

void describe_files(const filetree::FileTree& tree,
                    const std::string& place,
                    ImageDescription& image) {
    const filetree::WatchedTree watched(tree);
    survey_tree(watched, place, image);
    if (auto system = read_system(watched)) {
        system->place = place;
        image.systems.push_back(*std::move(system));
    }
    for (const auto& failure : watched.failures()) {
        image.remarks.push_back(fmt::format("{}: {}", place, failure));
    }
}

Result<void> describe_disk(const vdisk::DiskSource& source,
                           const Tools& tools,
                           ImageDescription& image) {
    const vdisk::BoundedSource disk(source, vdisk::BoundedSource::Bounds{});
    if (TRY(describe_flash(disk, image)) || TRY(describe_blob(disk, image))) {
        return {};
    }
    image.table = TRY(partition::read_partitions(disk));
    TRY(describe_loaders(disk, image));
    const bool whole = TRY(superblock::find_file_system(disk)).has_value();
    DiskSurvey survey(tools, image);
    // A hybrid ISO is a file system as a whole, and has a partition table in front of it.
    if (whole) {
        survey.survey(disk, 0, {.place = "the whole image", .size_bytes = source.size_bytes()});
    }
    if (image.table) {
        survey_partitions(disk, survey, image);
    }
    if (!whole && !image.table) {
        return nothing_known(source);
    }
    if (disk.exceeded()) {
        image.remarks.emplace_back("so much would have to be read that some of it was left out");
    }
    for (auto& sentence : check_mounts(image)) {
        image.remarks.push_back(std::move(sentence));
    }
    return {};
}

}  // namespace img::inspect
