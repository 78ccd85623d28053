#include "inspect/inspect.hpp"

#include "base/printable.hpp"
#include "filetree/archive_tree.hpp"
#include "filetree/folder_tree.hpp"
#include "inspect/describe_disk.hpp"
#include "inspect/file_format.hpp"
#include "inspect/image_file.hpp"
#include "inspect/installed_system.hpp"
#include "inspect/linux_kernel.hpp"
#include "inspect/tree_survey.hpp"
#include "inspect/unpacked_file.hpp"
#include "vdisk/source_part.hpp"
#include "vdisk/vdisk.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::inspect {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kTailBytes = 512;  // the footer of a VHD

/// The file's name goes in front of sentences about what is in it.
template <typename T>
Result<T> named(const fs::path& path, Result<T> result) {
    if (!result && !result.error().message.starts_with(path.string())) {
        return fail(result.error().fault,
                    fmt::format("{}: {}", printable(path.string()), result.error().message));
    }
    return result;
}

Result<FileFormat> read_format(const vdisk::DiskSource& file) {
    const auto head = TRY(vdisk::read_bytes(file, 0, kFormatHeadBytes));
    const auto size = file.size_bytes();
    const auto tail =
        TRY(vdisk::read_bytes(file, size - std::min<std::uint64_t>(size, kTailBytes), kTailBytes));
    return format_of(head, tail);
}

/// "gzip" and the like; empty for what is not packed as a whole.
Result<std::string> read_compression(const vdisk::DiskSource& file) {
    const auto packing = packing_of(TRY(vdisk::read_bytes(file, 0, kPackingHeadBytes)));
    return packing == "cpio" ? std::string() : packing;
}

/// What of a file in an archive a description needs; of kernels and the like only the head is read.
std::size_t bytes_needed(std::string_view path) {
    constexpr std::size_t kSystemFileMax = 64 << 20;
    constexpr std::size_t kBootFileMax = 1 << 20;
    return is_system_file(path) ? kSystemFileMax : is_boot_file(path) ? kBootFileMax : 0;
}

Result<void> describe_archive(const vdisk::DiskSource& file, ImageDescription& image) {
    auto content = TRY(filetree::read_archive(file, image.compression, bytes_needed));
    image.format = content.format;
    image.size_bytes = content.content_bytes;
    image.volumes.push_back(
        {.place = "the archive",
         .size_bytes = content.content_bytes,
         .file_system =
             superblock::FileSystemDescription{.kind = content.format,
                                               .label = {},
                                               .uuid = {},
                                               .size_bytes = content.content_bytes,
                                               .details = fmt::format("{} entries", content.files)},
         .files_read = true});
    describe_files(*content.tree, "the archive", image);
    for (const auto& disk : content.disks) {
        image.remarks.push_back(fmt::format(
            "{} is a disk inside the archive; unpack it and inspect that", printable(disk)));
    }
    std::ranges::move(content.remarks, std::back_inserter(image.remarks));
    return {};
}

/// What opens raw files only, as unsquashfs does, cannot look into such a disk.
Result<void> describe_virtual_disk(const fs::path& path,
                                   system::CommandRunner& runner,
                                   ImageDescription& image) {
    const auto disk = TRY(vdisk::open_disk(path));
    image.size_bytes = disk->size_bytes();
    return describe_disk(*disk, {.runner = &runner, .plain_file = {}}, image);
}

Result<void> describe_plain(const fs::path& path,
                            system::CommandRunner& runner,
                            ImageDescription& image) {
    const auto file = TRY(ImageFile::open(path));
    auto format = TRY(read_format(file));
    if (!format.archive && TRY(vdisk::find_disk_format(path)) == vdisk::DiskFormat::raw) {
        format = {.name = "raw"};  // what ends like a VHD need not be one
    }
    image.format = format.name;
    image.subformat = format.subformat;
    if (format.archive) {
        return describe_archive(file, image);
    }
    if (format.name != "raw") {
        return describe_virtual_disk(path, runner, image);
    }
    image.size_bytes = file.size_bytes();
    return describe_disk(file, {.runner = &runner, .plain_file = path}, image);
}

Result<fs::path> temporary_folder() {
    std::error_code error;
    auto folder = fs::temp_directory_path(error);
    if (error) {
        return fail(Fault::invalid, fmt::format("it is packed, and there is no folder to unpack it "
                                                "in: {}; set TMPDIR to one",
                                                error.message()));
    }
    return folder;
}

/// An archive is read as it streams; a disk is read here and there, so it is unpacked first.
Result<void> describe_packed(const vdisk::DiskSource& file,
                             system::CommandRunner& runner,
                             ImageDescription& image) {
    if (image.compression == "lzo") {
        return fail(Fault::invalid, "it is packed by lzop; unpack it and inspect that");
    }
    if (describe_archive(file, image)) {
        return {};
    }
    const auto folder = TRY(temporary_folder());
    const auto unpacked = TRY(UnpackedFile::unpack(file, image.compression, folder));
    return describe_plain(unpacked.path(), runner, image);
}

Result<ImageDescription> inspect_file(const fs::path& path, system::CommandRunner& runner) {
    const auto file = TRY(ImageFile::open(path));
    ImageDescription image;
    image.compression = TRY(read_compression(file));
    image.file_bytes = file.size_bytes();
    image.on_disk_bytes = file.on_disk_bytes();
    if (image.compression.empty()) {
        TRY(describe_plain(path, runner, image));
    } else {
        TRY(describe_packed(file, runner, image));
    }
    return image;
}

/// What the files of a folder take up, without going over to other file systems.
void count_folder(const fs::path& folder, ImageDescription& image) {
    constexpr std::uint64_t kEntriesMax = 10'000'000;
    std::error_code error;
    std::uint64_t entries = 0;
    fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied,
                                        error);
    for (; !error && at != fs::recursive_directory_iterator() && entries < kEntriesMax;
         at.increment(error), ++entries) {
        std::error_code ignored;
        if (at->symlink_status(ignored).type() == fs::file_type::regular) {
            const auto size = at->file_size(ignored);
            image.size_bytes += ignored ? 0 : size;
        }
    }
    if (error) {
        image.remarks.push_back(
            fmt::format("not all of the folder could be read: {}", error.message()));
    }
    image.file_bytes = image.size_bytes;
}

ImageDescription inspect_folder(const fs::path& folder) {
    ImageDescription image{.format = "folder"};
    count_folder(folder, image);
    image.volumes.push_back(
        {.place = "the folder", .size_bytes = image.size_bytes, .files_read = true});
    describe_files(*filetree::open_folder_tree(folder), "the folder", image);
    return image;
}

}  // namespace

Result<ImageDescription> inspect(const fs::path& image, system::CommandRunner& runner) {
    std::error_code ignored;
    if (fs::is_directory(image, ignored)) {
        return inspect_folder(image);
    }
    return named(image, inspect_file(image, runner));
}

}  // namespace img::inspect
