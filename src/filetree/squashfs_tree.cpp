#include "filetree/squashfs_tree.hpp"

#include "base/printable.hpp"
#include "base/text.hpp"
#include "system/files.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace img::filetree {
namespace {

// Where unsquashfs would unpack to begins every path that it lists.
constexpr std::string_view kRoot = "squashfs-root";
// It unpacks what it reads, and a damaged file may keep it busy.
constexpr std::chrono::seconds kTimeout{60};

NodeKind kind_of(char letter) {
    return letter == '-' ? NodeKind::file : letter == 'd' ? NodeKind::folder : NodeKind::other;
}

class SquashfsTree : public FileTree {
public:
    SquashfsTree(system::CommandRunner& runner, std::filesystem::path file, std::uint64_t offset)
        : runner_(&runner), file_(std::move(file)), offset_(offset) {}

    Result<std::vector<Node>> list(const std::string& folder) const override {
        const auto lines = TRY(run({"-lln"}, folder));
        std::vector<Node> nodes;
        for (const auto& line : split(lines, "\n")) {
            auto node = squashfs_node(line, folder);
            if (node && nodes.size() < kNodesMax) {
                nodes.push_back(*std::move(node));
            }
        }
        if (nodes.empty() &&
            !folder.empty()) {  // unsquashfs says nothing of a folder that is not there
            return fail(Fault::missing, fmt::format("there is no {}", printable(folder)));
        }
        std::ranges::sort(nodes, {}, &Node::name);
        return nodes;
    }

    Result<std::string> read(const std::string& file, std::size_t bytes_max) const override {
        auto bytes = TRY(run({"-cat"}, file));
        bytes.resize(std::min(bytes.size(), bytes_max));
        return bytes;
    }

private:
    Result<std::string> run(std::vector<std::string> what, const std::string& path) const {
        system::Command command{.argv = {"unsquashfs", "-no-progress", "-no-wildcards", "-offset",
                                         std::to_string(offset_)},
                                .captured = true,
                                .timeout = kTimeout};
        command.argv.insert(command.argv.end(), what.begin(), what.end());
        command.argv.push_back(file_.string());
        if (!path.empty()) {
            command.argv.push_back(path);
        }
        const auto finished = TRY(runner_->finish(command));
        if (finished.status != 0) {
            const auto why =
                fmt::format("unsquashfs says {}", printable(last_lines(finished.tail, 1)));
            return path.empty() ? fail(Fault::invalid, why)
                                : fail(Fault::missing,
                                       fmt::format("there is no {}: {}", printable(path), why));
        }
        return finished.output;
    }

    system::CommandRunner* runner_;
    std::filesystem::path file_;
    std::uint64_t offset_;
};

}  // namespace

std::optional<Node> squashfs_node(std::string_view line, const std::string& folder) {
    // "-rw-r--r-- 0/0    12 2023-11-14 22:13 squashfs-root/etc/hostname"; devices have no size.
    const auto words = split(line, " ");
    const auto prefix =
        folder.empty() ? fmt::format(" {}/", kRoot) : fmt::format(" {}/{}/", kRoot, folder);
    const auto at = line.find(prefix);
    if (words.size() < 6 || at == std::string_view::npos) {
        return std::nullopt;
    }
    const auto name = line.substr(at + prefix.size());
    const auto kind = kind_of(line.front());
    if (name.empty() || name.contains('/') || kind == NodeKind::other) {
        return std::nullopt;
    }
    std::uint64_t size = 0;
    std::from_chars(words[2].data(), words[2].data() + words[2].size(), size);
    return Node{.name = std::string(name), .kind = kind, .size_bytes = size};
}

Result<std::unique_ptr<FileTree>> open_squashfs_tree(system::CommandRunner& runner,
                                                     const std::filesystem::path& file,
                                                     std::uint64_t offset) {
    // Commands work in a folder of their own, so a relative path would not lead there.
    auto tree = std::make_unique<SquashfsTree>(runner, TRY(system::absolute(file)), offset);
    const auto root = tree->list("");
    if (!root) {
        return fail(root.error().fault,
                    fmt::format("the squashfs cannot be read: {}", root.error().message));
    }
    return tree;
}

}  // namespace img::filetree
