// mrstnand: the boot blob of Intel's handhelds, and a disk image that begins with it.
#include "base/byte_order.hpp"
#include "base/byte_size.hpp"
#include "base/uuid.hpp"
#include "boot/osip.hpp"
#include "boot/stitched_blob.hpp"
#include "image/mrst_disk.hpp"
#include "image/types.hpp"
#include "system/beneath.hpp"
#include "system/draft.hpp"
#include "system/files.hpp"
#include "system/sparse_file.hpp"
#include "volume/content_size.hpp"
#include "volume/make_volume.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::image {
namespace {

constexpr std::string_view kOsip = "-osip";
constexpr std::uint64_t kUsualBytes = 512 * kMiB;  // of the builder of 2008
constexpr std::size_t kPartBytesMax = 512 * kMiB;  // what such a device has of memory, and more

/// Of a subformat: "medfield-osip", "2009"; empty: the usual one.
struct Choice {
    boot::BlobLayout layout;
    bool osip = false;
};

Result<Choice> chosen(std::string_view subformat) {
    Choice choice{.layout = boot::blob_layouts().front()};
    if (subformat.empty()) {
        return choice;
    }
    choice.osip = subformat.ends_with(kOsip);
    if (choice.osip) {
        subformat.remove_suffix(kOsip.size());
    }
    const auto layout = boot::find_blob_layout(subformat);
    if (!layout) {
        return fail(Fault::invalid, fmt::format("mrstnand has no layout '{}'", subformat));
    }
    choice.layout = *layout;
    return choice;
}

/// A file of the tree, whose links lead nowhere outside.
Result<std::string> read_part(const ImageRecipe& recipe,
                              std::string_view path,
                              std::string_view advice) {
    auto text = system::read_beneath(recipe.tree, path, kPartBytesMax, system::Links::of_a_root);
    if (!text && text.error().fault == Fault::missing) {
        return fail(Fault::missing,
                    fmt::format("the tree has no /{}, which mrstnand stitches into the boot blob: "
                                "{}",
                                path, advice));
    }
    return text;
}

Result<std::string> blob_of(const ImageRecipe& recipe, const boot::BlobLayout& layout) {
    boot::BlobParts parts;
    parts.stub = TRY(read_part(recipe, "boot/bootstub",
                               "install the package of the device's bootstub, or lay it there in "
                               "%post"));
    parts.kernel = TRY(read_part(recipe, "boot/bzImage",
                                 "let %post link it to the kernel, as with `ln -sf "
                                 "vmlinuz-VERSION /boot/bzImage`"));
    parts.initrd = TRY(read_part(recipe, "boot/initrd",
                                 "let %post link it to the initramfs, as with `ln -sf "
                                 "initrd.img-VERSION /boot/initrd`"));
    parts.command_line =
        TRY(read_part(recipe, "boot/cmdline", "let %post write it, one line with root= in it"));
    return boot::stitched_blob(layout, parts);
}

volume::Volume root_volume(const ImageRecipe& recipe, const volume::ContentSize& size) {
    return {.kind = volume::FileSystem::ext3,
            .name = "/",
            .label = recipe.root.label,
            .uuid = recipe.root.fs_uuid,
            .epoch = recipe.epoch,
            .inodes = size.inodes,
            .options = recipe.root.mkfs_options,
            .content = recipe.tree};
}

/// As was asked for; else the usual one, or what the content needs.
std::uint64_t disk_bytes(const ImageRecipe& recipe,
                         const volume::ContentSize& size,
                         std::uint64_t blob_bytes) {
    if (recipe.root.size_bytes != 0) {
        return mrst_disk_bytes(recipe.root.size_bytes, blob_bytes);
    }
    const std::uint64_t needed = volume::needed_bytes(volume::FileSystem::ext3, size);
    return std::max(kUsualBytes, mrst_disk_bytes(needed, blob_bytes));
}

/// MBR, blob and root file system, in the new file `image`. Adds to the report what it lost and
/// wrote.
Result<void> write_disk(const Workshop& workshop,
                        const ImageRecipe& recipe,
                        std::string_view blob,
                        const std::filesystem::path& image,
                        ImageReport& report) {
    const volume::ContentSize size = TRY(volume::measure(recipe.tree));
    const MrstDisk disk = TRY(mrst_disk(disk_bytes(recipe, size, blob.size()), blob.size()));
    volume::Volume root = root_volume(recipe, size);
    root.size_bytes = disk.root_size_bytes();
    TRY(volume::check_volume(root));
    TRY(volume::check_fits(root, size));
    report.warnings = volume::losses(root, size);
    if (workshop.progress) {
        workshop.progress(0, size.bytes, "making ext3 for /");
    }
    const system::Draft file(workshop.scratch / "root.ext3");
    TRY(volume::make_volume(workshop.runner, root, file.path()));
    const Uuid disk_id = uuid_from(recipe.seed + " mrstnand disk");
    const std::string id_bytes(disk_id.bytes.begin(), disk_id.bytes.end());
    TRY(system::create_sparse(image, disk.size_bytes()));
    TRY(system::write_at(image, 0, mrst_mbr(disk, get_le<std::uint32_t>(id_bytes, 0))));
    TRY(system::write_at(image, disk.boot_bytes(), blob));
    report.written_bytes = 512 + blob.size();
    report.written_bytes += TRY(system::copy_sparse(file.path(), image, disk.root_bytes()));
    return {};
}

}  // namespace

Result<ImageReport> make_mrstnand(const Workshop& workshop, const ImageRecipe& recipe) {
    const Choice choice = TRY(chosen(recipe.options.subformat));
    const std::string blob = TRY(blob_of(recipe, choice.layout));
    ImageReport report{
        .files = {{recipe.name + ".img", "raw", true}, {recipe.name + "-boot.bin", "boot", true}}};
    system::Draft image(workshop.out / report.files[0].name);
    TRY(write_disk(workshop, recipe, blob, image.path(), report));
    const std::string boot = choice.osip ? TRY(boot::with_osip(blob)) : blob;
    system::Draft boot_file(workshop.out / report.files[1].name);
    TRY(system::write_file(boot_file.path(), boot));
    image.keep();
    boot_file.keep();
    return report;
}

}  // namespace img::image
