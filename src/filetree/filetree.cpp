#include "filetree/filetree.hpp"

namespace img::filetree {

Result<std::optional<vdisk::Extent>> FileTree::place(const std::string& file) const {
    static_cast<void>(file);
    return std::nullopt;
}

}  // namespace img::filetree
