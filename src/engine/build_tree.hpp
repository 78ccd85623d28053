// The tree that is being built: where it grows, and what is mounted in it while it does.
#pragma once

#include "base/result.hpp"
#include "system/mount.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace img::engine {

/// Each partition grows in a folder of its own, bound into the tree where it will be mounted: what
/// is installed lands on it, and no file is copied later.
class BuildTree {
public:
    /// Makes nothing yet. `root` is what is mounted at "/"; the partitions grow below `parts`, one
    /// for each mount point that is neither "/" nor empty.
    BuildTree(std::filesystem::path root,
              std::filesystem::path parts,
              std::vector<std::string> mount_points)
        : root_(std::move(root)),
          parts_(std::move(parts)),
          mount_points_(std::move(mount_points)) {}

    const std::filesystem::path& root() const { return root_; }
    /// The folder with what goes onto the partition of that number.
    std::filesystem::path content(std::size_t partition) const;

    /// Makes the folders that are not there, and the tree whole.
    Result<void> bind_partitions();
    Result<void> unbind_partitions();

private:
    std::filesystem::path root_;
    std::filesystem::path parts_;
    std::vector<std::string> mount_points_;
    std::vector<system::Mount> bound_;
};

/// What programs that run in a tree expect: /dev, /proc, /run, /tmp. Unmount it by unmount_all().
Result<std::vector<system::Mount>> mount_surroundings(const std::filesystem::path& root);

/// The last one first; those that are left after an Error go with their owner.
Result<void> unmount_all(std::vector<system::Mount>& mounts);

}  // namespace img::engine
