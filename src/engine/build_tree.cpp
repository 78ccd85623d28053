#include "engine/build_tree.hpp"

#include "system/files.hpp"

#include <algorithm>
#include <numeric>

namespace img::engine {

namespace fs = std::filesystem;
using system::make_folder;
using system::Mount;

fs::path BuildTree::content(std::size_t partition) const {
    return mount_points_[partition] == "/" ? root_ : parts_ / std::to_string(partition);
}

Result<void> BuildTree::bind_partitions() {
    TRY(make_folder(root_));
    std::vector<std::size_t> order(mount_points_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) {
        return mount_points_[i].size();  // "/home" before "/home/data"
    });
    for (const std::size_t i : order) {
        const std::string& mount_point = mount_points_[i];
        if (mount_point.empty() || mount_point == "/") {
            continue;
        }
        const fs::path target = root_ / fs::path(mount_point).relative_path();
        TRY(make_folder(content(i)));
        TRY(make_folder(target));
        bound_.push_back(TRY(Mount::bind(content(i), target, Mount::Access::read_write)));
    }
    return {};
}

Result<void> BuildTree::unbind_partitions() {
    return unmount_all(bound_);
}

Result<std::vector<Mount>> mount_surroundings(const fs::path& root) {
    std::vector<Mount> mounts;
    for (const char* folder : {"dev", "proc", "run", "tmp"}) {
        TRY(make_folder(root / folder));
    }
    mounts.push_back(TRY(system::mount_devices(root / "dev")));
    mounts.push_back(TRY(Mount::proc(root / "proc")));
    mounts.push_back(TRY(Mount::tmpfs(root / "run", 0)));
    return mounts;
}

Result<void> unmount_all(std::vector<Mount>& mounts) {
    while (!mounts.empty()) {
        TRY(mounts.back().unmount());
        mounts.pop_back();
    }
    return {};
}

}  // namespace img::engine
