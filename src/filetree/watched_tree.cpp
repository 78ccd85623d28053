#include "filetree/watched_tree.hpp"

#include <algorithm>

namespace img::filetree {

template <typename T>
Result<T> WatchedTree::watched(Result<T> result) const {
    constexpr std::size_t kFailuresMax = 8;
    if (!result && result.error().fault != Fault::missing && failures_.size() < kFailuresMax &&
        std::ranges::find(failures_, result.error().message) == failures_.end()) {
        failures_.push_back(result.error().message);
    }
    return result;
}

Result<std::vector<Node>> WatchedTree::list(const std::string& folder) const {
    return watched(tree_->list(folder));
}

Result<std::string> WatchedTree::read(const std::string& file, std::size_t bytes_max) const {
    return watched(tree_->read(file, bytes_max));
}

Result<std::optional<vdisk::Extent>> WatchedTree::place(const std::string& file) const {
    return watched(tree_->place(file));
}

}  // namespace img::filetree
