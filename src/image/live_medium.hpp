// What is on a live medium, whatever carries it: the compressed tree, kernels, the menu.
#pragma once

#include "base/result.hpp"
#include "image/image.hpp"

#include <filesystem>
#include <string>

namespace img::image {

/// Which initramfs finds the tree on its medium and lays a writable overlay over it. Each looks
/// for files of its own:
///
///                    live_boot                   dracut
///     tree           live/filesystem.squashfs    LiveOS/squashfs.img
///     kernel         live/vmlinuz                images/pxeboot/vmlinuz
///     initramfs      live/initrd.img             images/pxeboot/initrd.img
///     digests        sha256sum.txt               (none: isomd5sum's are in the ISO's header)
///     menu           boot/grub/grub.cfg          boot/grub/grub.cfg
enum class LiveSystem {
    live_boot,  ///< Debian's live-boot(7), for initramfs-tools.
    dracut      ///< dracut's module dmsquash-live, of Fedora and others, dracut.cmdline(7).
};

/// By what is installed in the tree. Fault::missing: neither; the sentence names the packages.
Result<LiveSystem> find_live_system(const std::filesystem::path& tree);

/// Words of the kernel's command line, in front of those that the recipe's menu has.
struct LiveArguments {
    std::string start{};  ///< "boot=live"
    std::string check{};  ///< Of entries that check the medium; empty: these are left out.
};

/// A file that no other medium has, by which a boot loader knows this one: "/.disk/img-6b29…".
std::string medium_marker(const ImageRecipe& recipe);

/// Fills the new folder `folder` with all of the medium but boot loaders; recipe.media is added.
/// Fault::missing: the menu has no kernel, or one without an initramfs; Fault::invalid: a file of
/// recipe.media bears the name of one of ours; Fault::exhausted: the disk is full.
Result<void> lay_out_medium(const Workshop& workshop,
                            const ImageRecipe& recipe,
                            LiveSystem system,
                            const LiveArguments& arguments,
                            const std::filesystem::path& folder);

}  // namespace img::image
