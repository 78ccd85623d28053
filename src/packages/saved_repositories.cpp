#include "packages/saved_repositories.hpp"

#include "packages/apt_sources.hpp"
#include "packages/repository_key.hpp"
#include "system/files.hpp"

#include <fmt/format.h>

namespace img::packages {
namespace {

namespace fs = std::filesystem;

Result<void> make_inner_folder(const fs::path& tree, const fs::path& folder) {
    fs::path way = tree;
    for (const auto& name : folder) {
        way /= name;
        if (system::type_of(way) == fs::file_type::symlink) {
            return fail(Fault::broken,
                        fmt::format("/{}: a folder on the way is a link that a package brought, so "
                                    "no repository is saved there",
                                    folder.string()));
        }
    }
    return system::make_folder(way);
}

/// In place of what is there, were it a link.
Result<void> write_inner_file(const fs::path& tree, const fs::path& file, std::string_view text) {
    TRY(make_inner_folder(tree, file.parent_path()));
    std::error_code error;
    fs::remove(tree / file, error);
    return system::write_file(tree / file, text);
}

}  // namespace

Result<void> save_repositories(const std::vector<SavedRepository>& saved, const fs::path& tree) {
    std::vector<Repository> repositories;
    for (const auto& one : saved) {
        repositories.push_back(one.repository);
    }
    const auto names = file_names(repositories);
    for (std::size_t i = 0; i < saved.size(); ++i) {
        std::string key;
        if (!saved[i].key.empty()) {
            const std::string suffix = TRY(key_suffix(saved[i].key));
            const fs::path file = fs::path("etc/apt/keyrings") / (names[i] + suffix);
            TRY(write_inner_file(tree, file, saved[i].key));
            key = fmt::format("/{}", file.native());
        }
        TRY(write_inner_file(tree, fs::path("etc/apt/sources.list.d") / (names[i] + ".list"),
                             saved_lines(saved[i].repository, key)));
    }
    return {};
}

}  // namespace img::packages
