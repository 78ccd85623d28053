#include "image/live_medium.hpp"

#include "base/byte_size.hpp"
#include "base/digest.hpp"
#include "base/printable.hpp"
#include "base/uuid.hpp"
#include "boot/grub.hpp"
#include "system/beneath.hpp"
#include "system/files.hpp"
#include "volume/make_volume.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <map>
#include <utility>

namespace img::image {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBootFileMax = kGiB;  // of a kernel or an initramfs, which firmware loads
constexpr std::size_t kNamesMax = 65536;    // in a folder of the tree

constexpr const char* kDigests = "sha256sum.txt";  // one of the names live-boot looks for

struct MediumPaths {
    std::string tree;
    std::string boot_folder;  ///< Of kernels.
};

MediumPaths paths_of(LiveSystem system) {
    if (system == LiveSystem::live_boot) {
        return {.tree = "live/filesystem.squashfs", .boot_folder = "live"};
    }
    return {.tree = "LiveOS/squashfs.img", .boot_folder = "images/pxeboot"};
}

bool has_folder(const fs::path& tree, std::string_view path) {
    return system::list_beneath(tree, path, kNamesMax).has_value();
}

/// What is written after recipe.media has been added.
bool is_ours(const fs::path& name) {
    return name == kDigests || name.string().starts_with("boot/grub/");
}

std::string joined(std::string_view first, std::string_view second) {
    return fmt::format("{}{}{}", first, first.empty() || second.empty() ? "" : " ", second);
}

class MediumWriter {
public:
    MediumWriter(const Workshop& workshop,
                 const ImageRecipe& recipe,
                 LiveSystem system,
                 const LiveArguments& arguments,
                 const fs::path& folder)
        : workshop_(workshop),
          recipe_(recipe),
          system_(system),
          arguments_(arguments),
          folder_(folder),
          paths_(paths_of(system)) {}

    Result<void> write() {
        TRY(write_menu());
        TRY(write_tree());
        TRY(put(medium_marker(recipe_), ""));
        TRY(put(".disk/info", fmt::format("{} {:%Y-%m-%d}\n", recipe_.name,
                                          fmt::gmtime(static_cast<std::time_t>(recipe_.epoch)))));
        TRY(add_media());
        return system_ == LiveSystem::live_boot ? write_digests() : Result<void>{};
    }

private:
    void say(std::string_view text) const {
        if (workshop_.progress) {
            workshop_.progress(0, 0, text);
        }
    }

    /// A file of the medium, with the folders above it.
    Result<void> put(const fs::path& name, std::string_view text) const {
        const fs::path file = folder_ / name.relative_path();
        TRY(system::make_folder(file.parent_path()));
        return system::write_file(file, text);
    }

    /// The menu names files of the tree; here it gets their copies. A kernel is copied once,
    /// however many entries start it.
    Result<void> write_menu() {
        boot::BootMenu menu = recipe_.menu;
        menu.entries.clear();
        for (boot::BootEntry entry : recipe_.menu.entries) {
            if (entry.checks_medium && arguments_.check.empty()) {
                continue;
            }
            if (entry.initrd.empty()) {
                return fail(Fault::missing,
                            fmt::format("the kernel {} has no initramfs, which a live system "
                                        "starts from: keep initramfs-tools or dracut in %packages",
                                        printable(entry.kernel)));
            }
            const std::string ours =
                joined(arguments_.start, entry.checks_medium ? arguments_.check : "");
            entry.arguments = joined(ours, entry.arguments);
            entry.kernel = TRY(copy_boot_file(entry.kernel, "vmlinuz", ""));
            entry.initrd = TRY(copy_boot_file(entry.initrd, "initrd", ".img"));
            menu.entries.push_back(std::move(entry));
        }
        if (menu.entries.empty()) {
            return fail(Fault::missing,
                        "/boot has no kernel to start the live system with: add one to %packages, "
                        "such as linux-image-amd64");
        }
        return put("boot/grub/grub.cfg", boot::grub_config(menu));
    }

    /// Its place on the medium: the first is "/live/vmlinuz", the second "/live/vmlinuz-2".
    Result<std::string> copy_boot_file(const std::string& path,
                                       std::string_view stem,
                                       std::string_view ending) {
        if (const auto known = copied_.find(path); known != copied_.end()) {
            return known->second;
        }
        const std::size_t number = ++numbers_[std::string(stem)];
        const std::string target =
            fmt::format("/{}/{}{}{}", paths_.boot_folder, stem,
                        number == 1 ? "" : fmt::format("-{}", number), ending);
        const std::string bytes = TRY(system::read_beneath(
            recipe_.tree, fs::path(path).relative_path().string(), kBootFileMax));
        TRY(put(target, bytes));
        copied_[path] = target;
        return target;
    }

    Result<void> write_tree() const {
        say("compressing the tree");
        const fs::path file = folder_ / paths_.tree;
        TRY(system::make_folder(file.parent_path()));
        return volume::make_volume(workshop_.runner,
                                   {.kind = volume::FileSystem::squashfs,
                                    .name = "/",
                                    .epoch = recipe_.epoch,
                                    .content = recipe_.tree},
                                   file);
    }

    /// Linked rather than copied where both folders lie on one file system: media can be large.
    Result<void> add_media() const {
        if (recipe_.media.empty()) {
            return {};
        }
        std::error_code error;
        for (auto at = fs::recursive_directory_iterator(recipe_.media, error);
             !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
            const fs::path name = at->path().lexically_relative(recipe_.media);
            if (fs::is_directory(at->symlink_status(error))) {
                TRY(system::make_folder(folder_ / name));
            } else {
                TRY(add_file(at->path(), name));
            }
        }
        if (error) {
            return fail(Fault::broken,
                        fmt::format("read {}: {}", recipe_.media.string(), error.message()));
        }
        return {};
    }

    Result<void> add_file(const fs::path& source, const fs::path& name) const {
        const fs::path target = folder_ / name;
        const auto there = system::type_of(target);
        if (is_ours(name) || (there != fs::file_type::not_found && there != fs::file_type::none)) {
            return fail(Fault::invalid,
                        fmt::format("{} is a file of the medium's own: give what a script puts "
                                    "into LIVE_ROOT another name",
                                    printable(name.string())));
        }
        std::error_code error;
        fs::copy(source, target,
                 fs::copy_options::create_hard_links | fs::copy_options::copy_symlinks, error);
        if (error == std::errc::cross_device_link) {
            fs::copy(source, target, fs::copy_options::copy_symlinks, error);
        }
        if (error) {
            return fail(Fault::broken,
                        fmt::format("put {} on the medium: {}", name.string(), error.message()));
        }
        return {};
    }

    /// As live-boot's verify-checksums reads it, in the form of sha256sum(1).
    Result<void> write_digests() const {
        say("computing the medium's digests");
        std::string text;
        for (const fs::path& file : TRY(system::files_below(folder_))) {
            const std::string digest = TRY(sha256_file(file));
            text += fmt::format("{}  ./{}\n", digest, file.lexically_relative(folder_).string());
        }
        return put(kDigests, text);
    }

    const Workshop& workshop_;
    const ImageRecipe& recipe_;
    LiveSystem system_;
    const LiveArguments& arguments_;
    const fs::path& folder_;
    MediumPaths paths_;
    std::map<std::string, std::string> copied_;   ///< Path in the tree to path on the medium.
    std::map<std::string, std::size_t> numbers_;  ///< How many there are of each stem.
};

}  // namespace

Result<LiveSystem> find_live_system(const fs::path& tree) {
    if (has_folder(tree, "lib/live/boot") &&
        system::open_beneath(tree, "usr/share/initramfs-tools/hooks/live",
                             system::Links::kept_inside)) {
        return LiveSystem::live_boot;
    }
    if (has_folder(tree, "usr/lib/dracut/modules.d/90dmsquash-live")) {
        return LiveSystem::dracut;
    }
    return fail(Fault::missing,
                "the tree cannot start from a live medium: add live-boot and "
                "live-boot-initramfs-tools to %packages, or dracut-live where dracut makes its "
                "initramfs");
}

std::string medium_marker(const ImageRecipe& recipe) {
    return "/.disk/img-" + uuid_from(recipe.seed + " medium").text();
}

Result<void> lay_out_medium(const Workshop& workshop,
                            const ImageRecipe& recipe,
                            LiveSystem system,
                            const LiveArguments& arguments,
                            const fs::path& folder) {
    return MediumWriter(workshop, recipe, system, arguments, folder).write();
}

}  // namespace img::image
