// One initramfs for each kernel, made once and last, instead of each time something changes.
#pragma once

#include "base/result.hpp"
#include "system/mount.hpp"

#include <filesystem>
#include <optional>
#include <vector>

namespace img::system {
class CommandRunner;
}

namespace img::packages {

/// While this lives, update-initramfs of the tree does nothing: packages' and users' scripts call
/// it two or three times a build, 6 s each. Its program is covered by a mount, so no file and no
/// dpkg diversion changes. A tree without it is left alone.
class DeferredInitramfs {
public:
    static Result<DeferredInitramfs> in(const std::filesystem::path& tree);
    Result<void> end();

private:
    DeferredInitramfs() = default;

    std::optional<system::Mount> cover_;
    std::filesystem::path stand_in_;
};

/// Makes the initramfs of every kernel below /boot, if the tree has update-initramfs. The tree's
/// /dev and /proc must be mounted.
Result<void> make_initramfs(system::CommandRunner& runner,
                            const std::filesystem::path& tree,
                            const std::vector<std::string>& kernel_versions);

}  // namespace img::packages
