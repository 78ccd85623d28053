// Reading files and remembering what could not be read, so that nothing is missing in silence.
#pragma once

#include "filetree/filetree.hpp"

#include <string>
#include <vector>

namespace img::filetree {

/// Hands everything on to a tree, which outlives it.
class WatchedTree : public FileTree {
public:
    explicit WatchedTree(const FileTree& tree) : tree_(&tree) {}

    Result<std::vector<Node>> list(const std::string& folder) const override;
    Result<std::string> read(const std::string& file, std::size_t bytes_max) const override;
    Result<std::optional<vdisk::Extent>> place(const std::string& file) const override;

    /// What failed in another way than by not being there, each sentence once; some at most.
    const std::vector<std::string>& failures() const { return failures_; }

private:
    template <typename T>
    Result<T> watched(Result<T> result) const;

    const FileTree* tree_;
    mutable std::vector<std::string> failures_;
};

}  // namespace img::filetree
