#include "rootfs/attachments.hpp"

#include "base/text.hpp"
#include "tree/place.hpp"
#include "tree/tree.hpp"

#include <fmt/format.h>
#include <fnmatch.h>
#include <map>

namespace img::rootfs {
namespace {

using tree::place;
using tree::Tree;

namespace fs = std::filesystem;

constexpr std::string_view kFileLists = "/var/lib/dpkg/info/";

/// The paths that a pattern fits, folder by folder.
std::vector<fs::path> expand(const Tree& tree, const std::string& pattern) {
    std::vector<fs::path> found{"/"};
    for (const auto& part : split(pattern, "/")) {
        std::vector<fs::path> next;
        for (const auto& folder : found) {
            if (part.find_first_of("*?[") == std::string::npos) {
                next.push_back(folder / part);
                continue;
            }
            for (const auto& name : tree.list(folder)) {
                if (::fnmatch(part.c_str(), name.c_str(), FNM_PERIOD) == 0) {
                    next.push_back(folder / name);
                }
            }
        }
        found = std::move(next);
    }
    return found;
}

/// What dpkg has listed for the package; nothing where it is not installed.
Result<std::vector<fs::path>> files_of_package(const Tree& tree, const std::string& package) {
    std::vector<fs::path> files;
    for (const auto& name : tree.list(kFileLists)) {
        if (name != package + ".list" &&
            !(name.starts_with(package + ":") && name.ends_with(".list"))) {
            continue;
        }
        const std::string list = TRY(tree.read(std::string(kFileLists) + name));
        for (const auto& line : split(list, "\n")) {
            files.emplace_back(line);
        }
    }
    return files;
}

}  // namespace

Result<std::vector<fs::path>> attached_files(
    const Tree& tree, const std::vector<kickstart::Attachment>& attachments) {
    std::vector<fs::path> files;
    std::map<std::string, fs::path> by_name;
    for (const auto& attachment : attachments) {
        const bool is_path = attachment.text.starts_with('/');
        const auto candidates =
            is_path ? expand(tree, attachment.text) : TRY(files_of_package(tree, attachment.text));
        bool any = false;
        for (const auto& file : candidates) {
            if (!tree.is_file(file)) {
                continue;
            }
            any = true;
            const auto [same, is_new] = by_name.emplace(file.filename().string(), file);
            if (is_new) {
                files.push_back(file);
            } else if (same->second != file) {
                return fail(Fault::invalid,
                            fmt::format("{}: {} and {} have one name; name one of them",
                                        place("%attachment " + attachment.text, attachment.where),
                                        same->second.string(), file.string()));
            }
        }
        if (!any) {
            return fail(
                Fault::invalid,
                fmt::format("{}: {}", place("%attachment " + attachment.text, attachment.where),
                            is_path ? "the image has no such file"
                                    : "the image has no such package; add it to %packages"));
        }
    }
    return files;
}

}  // namespace img::rootfs
