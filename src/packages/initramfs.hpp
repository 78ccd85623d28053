// One initramfs for each kernel, made once and last, instead of each time something changes.
#pragma once

#include "base/result.hpp"
#include "system/mount.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace img::system {
class CommandRunner;
}

namespace img::packages {

/// While this lives, update-initramfs and dracut of the tree do nothing: packages' and users'
/// scripts call them two or three times a build, 6 s each. The program is covered by a mount, so
/// no file and no dpkg diversion changes. A tree without them is left alone.
class DeferredInitramfs {
public:
    static Result<DeferredInitramfs> in(const std::filesystem::path& tree);
    Result<void> end();

private:
    DeferredInitramfs() = default;

    Result<void> cover(const std::filesystem::path& tree, const std::filesystem::path& program);

    std::vector<system::Mount> covers_;
    std::filesystem::path stand_in_;
};

/// Makes the initramfs of every kernel, by the tree's update-initramfs, or else its dracut; a tree
/// without both gets none. dracut's knows live media (dmsquash-live) where that module is
/// installed. The tree's /dev and /proc must be mounted.
Result<void> make_initramfs(system::CommandRunner& runner,
                            const std::filesystem::path& tree,
                            const std::vector<std::string>& kernel_versions);

}  // namespace img::packages
