#include "archive/tree_list.hpp"

#include "archive/file_fault.hpp"

#include <algorithm>
#include <map>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

namespace img::archive {
namespace {

namespace fs = std::filesystem;

/// Asks twice, for the size and for the value; between the two nothing writes to a tree.
template <typename Ask>
Result<std::string> answer(const fs::path& path, Ask ask) {
    const ssize_t size = ask(nullptr, std::size_t{0});
    if (size < 0) {
        return errno == ENOTSUP ? Result<std::string>(std::string())
                                : file_fault("read the attributes of", path, errno);
    }
    std::string value(static_cast<std::size_t>(size), '\0');
    const ssize_t got = ask(value.data(), value.size());
    if (got < 0) {
        return file_fault("read the attributes of", path, errno);
    }
    value.resize(static_cast<std::size_t>(got));
    return value;
}

Result<std::vector<std::pair<std::string, std::string>>> attributes_of(const fs::path& path) {
    std::vector<std::pair<std::string, std::string>> found;
    const std::string names = TRY(answer(path, [&](char* into, std::size_t size) {
        return ::llistxattr(path.c_str(), into, size);
    }));
    for (std::size_t at = 0; at < names.size();) {
        const std::string name = names.c_str() + at;
        at += name.size() + 1;
        found.emplace_back(name, TRY(answer(path, [&](char* into, std::size_t size) {
                               return ::lgetxattr(path.c_str(), name.c_str(), into, size);
                           })));
    }
    std::ranges::sort(found);
    return found;
}

Result<std::vector<std::string>> names_in(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        names.push_back(it->path().filename().string());
    }
    if (error) {
        return file_fault("read", folder, error.value());
    }
    std::ranges::sort(names);
    return names;
}

class Lister {
public:
    Lister(fs::path folder, std::int64_t epoch) : folder_(std::move(folder)), epoch_(epoch) {}

    Result<TreeList> list() {
        TRY(add("."));
        for (const auto& [file, links] : links_) {
            list_.entries[links.back()].last_link = true;
            for (const std::size_t index : links) {
                list_.entries[index].links = static_cast<std::uint32_t>(links.size());
            }
        }
        return std::move(list_);
    }

private:
    Result<void> add(const std::string& name) {
        const fs::path path = folder_ / name;
        struct stat status{};
        if (::lstat(path.c_str(), &status) != 0) {
            return file_fault("read", path, errno);
        }
        if (S_ISSOCK(status.st_mode)) {
            list_.sockets.push_back(name);
            return {};
        }
        list_.entries.push_back(TRY(entry(name, path, status)));
        if (!S_ISDIR(status.st_mode)) {
            return {};
        }
        for (const std::string& below : TRY(names_in(path))) {
            TRY(add(name == "." ? below : name + "/" + below));
        }
        return {};
    }

    Result<TreeEntry> entry(const std::string& name,
                            const fs::path& path,
                            const struct stat& status) {
        TreeEntry entry;
        entry.name = name;
        entry.mode = status.st_mode;
        entry.user = status.st_uid;
        entry.group = status.st_gid;
        entry.modified = std::min<std::int64_t>(status.st_mtim.tv_sec, epoch_);
        entry.nanoseconds =
            status.st_mtim.tv_sec < epoch_ ? static_cast<std::uint32_t>(status.st_mtim.tv_nsec) : 0;
        entry.attributes = TRY(attributes_of(path));
        entry.file = ++files_;
        if (S_ISLNK(status.st_mode)) {
            std::error_code error;
            entry.target = fs::read_symlink(path, error).string();
            if (error) {
                return file_fault("read", path, error.value());
            }
        } else if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) {
            entry.device_major = major(status.st_rdev);
            entry.device_minor = minor(status.st_rdev);
        } else if (S_ISREG(status.st_mode)) {
            entry.size_bytes = static_cast<std::uint64_t>(status.st_size);
        }
        if (!S_ISDIR(status.st_mode) && status.st_nlink > 1) {
            join_links(entry, status);
        }
        list_.content_bytes += entry.first ? 0 : entry.size_bytes;
        return entry;
    }

    void join_links(TreeEntry& entry, const struct stat& status) {
        auto& links = links_[{status.st_dev, status.st_ino}];
        if (!links.empty()) {
            entry.first = links.front();
            entry.file = list_.entries[links.front()].file;
            --files_;
        }
        entry.last_link = false;  // until the whole tree is known
        links.push_back(list_.entries.size());
    }

    fs::path folder_;
    std::int64_t epoch_;
    TreeList list_;
    std::uint64_t files_ = 0;
    std::map<std::pair<dev_t, ino_t>, std::vector<std::size_t>> links_;  ///< Indices of entries.
};

}  // namespace

Result<TreeList> list_tree(const fs::path& folder, std::int64_t epoch) {
    return Lister(folder, epoch).list();
}

}  // namespace img::archive
