// kickstarter: YAML configurations, repositories and a custom folder in, kickstart texts out.
//
// Knows the keys of configurations.yaml and repos.yaml, and the folders of templates made of them.
// Must never know how packages are installed, what images look like, or who asked for one.
#pragma once

#include "base/result.hpp"
#include "syntax/diagnostic.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace img::kickstarter {

struct Sources {
    std::string configurations_file{};  ///< For diagnostics.
    std::string configurations{};       ///< Its text.
    std::string repositories_file{};
    std::string repositories{};
    std::filesystem::path folder{};  ///< ExternalConfigs are looked for below it, and nowhere else.
    std::filesystem::path custom_root{};
    std::string custom_below = ".";  ///< The custom folder's path under `custom_root`.
    std::string build_id{};          ///< For @BUILD_ID@ in addresses; empty: it stays there.
};

/// The two files as a user names them. Without `custom` it is custom/ beside the configurations.
/// Fault::missing: there is no such file.
Result<Sources> read_sources(const std::filesystem::path& configurations,
                             const std::filesystem::path& repositories,
                             const std::optional<std::filesystem::path>& custom);

/// A file of the folder, with repos.yaml and custom/ beside it; no link leads out of the folder.
Result<Sources> read_sources_in(const std::filesystem::path& folder,
                                const std::string& configurations);

struct Kickstart {
    std::string name{};       ///< For people.
    std::string file_name{};  ///< Without its ".ks"; one component of a path.
    std::string platform{};
    std::string text{};
};

struct Generated {
    std::vector<Kickstart> kickstarts{};            ///< In the order of the configurations.
    std::vector<syntax::Diagnostic> diagnostics{};  ///< Of the YAML and of what became of it.

    bool has_errors() const;
};

/// Never fails as a whole: whatever the sources hold, everything that is wrong is said at once.
Generated generate(const Sources& sources);

}  // namespace img::kickstarter
