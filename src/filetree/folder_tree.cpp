// Files of a folder of this machine, which a stranger may have filled: no link leads out of it.
#include "filetree/folder_tree.hpp"

#include "system/beneath.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace img::filetree {
namespace {

class FolderTree : public FileTree {
public:
    explicit FolderTree(std::filesystem::path root) : root_(std::move(root)) {}

    Result<std::vector<Node>> list(const std::string& folder) const override {
        const auto names =
            TRY(system::list_beneath(root_, folder.empty() ? "." : folder, kNodesMax));
        std::vector<Node> nodes;
        for (const auto& name : names) {
            nodes.push_back(node_of(folder, name));
        }
        return nodes;
    }

    Result<std::string> read(const std::string& file, std::size_t bytes_max) const override {
        const auto opened = TRY(system::open_beneath(root_, file, system::Links::kept_inside));
        struct stat facts{};
        if (::fstat(opened.get(), &facts) != 0) {
            return fail(Fault::broken, fmt::format("{} cannot be read", file));
        }
        std::string bytes(std::min(bytes_max, static_cast<std::size_t>(facts.st_size)), '\0');
        const auto got = ::pread(opened.get(), bytes.data(), bytes.size(), 0);
        bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        return bytes;
    }

private:
    Node node_of(const std::string& folder, const std::string& name) const {
        Node node{.name = name};
        struct stat facts{};
        if (::lstat((root_ / folder / name).c_str(), &facts) != 0) {
            return node;
        }
        node.kind = S_ISREG(facts.st_mode)   ? NodeKind::file
                    : S_ISDIR(facts.st_mode) ? NodeKind::folder
                                             : NodeKind::other;
        node.size_bytes = static_cast<std::uint64_t>(facts.st_size);
        return node;
    }

    std::filesystem::path root_;
};

}  // namespace

std::unique_ptr<FileTree> open_folder_tree(const std::filesystem::path& root) {
    return std::make_unique<FolderTree>(root);
}

}  // namespace img::filetree
