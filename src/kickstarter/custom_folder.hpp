// The custom folder: partition files and scripts that configurations name, and no other file.
#pragma once

#include "kickstarter/configuration.hpp"
#include "syntax/reporter.hpp"

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace img::kickstarter {

enum class CustomKind {
    part,     ///< part/NAME
    post,     ///< scripts/NAME.post
    nochroot  ///< scripts/NAME.nochroot
};

/// Reads each file once. No name leads out of the folder, nor does a link in it.
class CustomFolder {
public:
    /// `below` is a path under `root` that is the custom folder: "." or "custom".
    CustomFolder(std::filesystem::path root, std::string below)
        : root_(std::move(root)), below_(std::move(below)) {}

    /// The content; null where an error was reported.
    const std::string* read(CustomKind kind, const Said& name, syntax::Reporter& report);

private:
    std::vector<std::string> names(CustomKind kind) const;

    std::filesystem::path root_;
    std::string below_;
    std::map<std::string, std::string, std::less<>> files_;  // path below root_ → content
    std::size_t bytes_ = 0;                                  // of all of them
};

}  // namespace img::kickstarter
