#include "filetree/archive_tree.hpp"

#include "base/byte_size.hpp"
#include "base/printable.hpp"
#include "filetree/archive_stream.hpp"

#include <algorithm>
#include <archive_entry.h>
#include <array>
#include <fmt/format.h>
#include <map>

namespace img::filetree {
namespace {

constexpr std::uint64_t kEntriesMax = 5'000'000;
constexpr std::uint64_t kFileMax = 1024 * kGiB;  // what a header may say, so that sums are sane
constexpr std::size_t kKeptMax = 128 << 20;

struct Kept {
    std::uint64_t size_bytes = 0;
    std::string head{};
};

class ArchiveTree : public FileTree {
public:
    explicit ArchiveTree(std::map<std::string, Kept> files) : files_(std::move(files)) {}

    Result<std::vector<Node>> list(const std::string& folder) const override {
        const std::string prefix = folder.empty() ? "" : folder + "/";
        std::vector<Node> nodes;
        for (auto at = files_.lower_bound(prefix);
             at != files_.end() && at->first.starts_with(prefix) && nodes.size() < kNodesMax;
             ++at) {
            const auto name = at->first.substr(prefix.size());
            if (!name.contains('/')) {
                nodes.push_back(
                    {.name = name, .kind = NodeKind::file, .size_bytes = at->second.size_bytes});
            }
        }
        return nodes;
    }

    Result<std::string> read(const std::string& file, std::size_t bytes_max) const override {
        const auto found = files_.find(file);
        if (found == files_.end()) {
            return fail(Fault::missing, fmt::format("there is no {}", printable(file)));
        }
        return found->second.head.substr(0, bytes_max);
    }

private:
    std::map<std::string, Kept> files_;
};

/// "./etc/fstab" and "/etc/fstab" are etc/fstab.
std::string plain_path(std::string_view path) {
    while (path.starts_with("./") || path.starts_with('/')) {
        path.remove_prefix(path.starts_with('/') ? 1 : 2);
    }
    return std::string(path);
}

std::string read_head(archive* opened, std::size_t bytes_max) {
    std::string head;
    std::array<char, 64 * 1024> block{};
    while (head.size() < bytes_max) {
        const auto wanted = std::min(block.size(), bytes_max - head.size());
        const auto got = archive_read_data(opened, block.data(), wanted);
        if (got <= 0) {
            break;
        }
        head.append(block.data(), static_cast<std::size_t>(got));
    }
    return head;
}

bool is_disk_name(std::string_view name) {
    constexpr std::array<std::string_view, 6> kEndings = {".vmdk", ".vdi",  ".qcow2",
                                                          ".vhd",  ".vhdx", ".raw"};
    return std::ranges::any_of(kEndings, [name](auto ending) { return name.ends_with(ending); });
}

/// Goes through an archive and fills its description.
class ArchiveWalk {
public:
    ArchiveWalk(archive* opened,
                const ArchiveStream& stream,
                const BytesKept& bytes_kept,
                std::uint64_t inflated_max)
        : opened_(opened), stream_(stream), bytes_kept_(bytes_kept), inflated_max_(inflated_max) {}

    Result<ArchiveContent> content() {
        archive_entry* entry = nullptr;
        int code = archive_read_next_header(opened_, &entry);
        for (; code == ARCHIVE_OK || code == ARCHIVE_WARN;
             code = archive_read_next_header(opened_, &entry)) {
            if (++content_.files > kEntriesMax) {
                content_.remarks.push_back(fmt::format(
                    "the archive has more than {} entries; the others were not read", kEntriesMax));
                break;
            }
            take(entry);
        }
        if (content_.files == 0) {
            return fail(Fault::invalid, "neither tar nor cpio");
        }
        if (stream_.exceeded()) {
            content_.remarks.push_back(
                fmt::format("more than {} come out of the archive; what lies behind entry {} was "
                            "not read",
                            human_size(inflated_max_), content_.files));
        } else if (code == ARCHIVE_FATAL || code == ARCHIVE_FAILED) {
            content_.remarks.push_back(
                fmt::format("the archive is damaged behind entry {}: {}", content_.files, error()));
        }
        const std::string_view name = archive_format_name(opened_);
        content_.format = name.contains("cpio") ? "cpio" : "tar";
        content_.tree = std::make_unique<ArchiveTree>(std::move(kept_));
        return std::move(content_);
    }

private:
    std::string error() const {
        const char* text = archive_error_string(opened_);
        return text == nullptr ? "unreadable" : printable(text);
    }

    void take(archive_entry* entry) {
        const char* name = archive_entry_pathname(entry);
        if (name == nullptr || archive_entry_filetype(entry) != AE_IFREG) {
            return;
        }
        const auto path = plain_path(name);
        const auto size =
            static_cast<std::uint64_t>(std::max<la_int64_t>(archive_entry_size(entry), 0));
        content_.content_bytes += std::min(size, kFileMax);
        if (is_disk_name(path) && content_.disks.size() < kNodesMax) {
            content_.disks.push_back(path);
        }
        const auto wanted = bytes_kept_(path);
        if (wanted > 0 && kept_.size() < kNodesMax && kept_bytes_ < kKeptMax) {
            auto head = read_head(opened_, wanted);
            kept_bytes_ += head.size();
            kept_[path] = {.size_bytes = size, .head = std::move(head)};
        }
    }

    archive* opened_;
    const ArchiveStream& stream_;
    const BytesKept& bytes_kept_;
    std::uint64_t inflated_max_;
    ArchiveContent content_;
    std::map<std::string, Kept> kept_;
    std::size_t kept_bytes_ = 0;
};

}  // namespace

Result<ArchiveContent> read_archive(const vdisk::DiskSource& source,
                                    const std::string& packing,
                                    const BytesKept& bytes_kept,
                                    std::uint64_t inflated_max) {
    ArchiveStream stream(source, packing, inflated_max);
    const auto opened = TRY(stream.open(false));
    return ArchiveWalk(opened.get(), stream, bytes_kept, inflated_max).content();
}

}  // namespace img::filetree
