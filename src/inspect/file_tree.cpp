#include "inspect/file_tree.hpp"

namespace img::inspect {

Result<std::optional<vdisk::Extent>> FileTree::place(const std::string& file) const {
    static_cast<void>(file);
    return std::nullopt;
}

}  // namespace img::inspect
