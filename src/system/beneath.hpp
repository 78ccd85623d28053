// Files below a folder, by names that strangers may have written: no spelling leads out of it.
#pragma once

#include "base/result.hpp"
#include "system/fd.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace img::system {

enum class Links {
    refused,      ///< No symbolic link is followed.
    kept_inside,  ///< Those that stay below the folder are followed.
    of_a_root     ///< As after a chroot: absolute ones begin at the folder, and .. ends there.
};

/// A regular file below `root`, for reading. The kernel keeps the way inside it (openat2,
/// RESOLVE_BENEATH). Fault::missing: there is no such regular file.
Result<Fd> open_beneath(const std::filesystem::path& root,
                        std::string_view path,
                        Links links = Links::refused);

/// The whole of such a file. Fault::invalid: it has more than `bytes_max`.
Result<std::string> read_beneath(const std::filesystem::path& root,
                                 std::string_view path,
                                 std::size_t bytes_max,
                                 Links links = Links::kept_inside);

/// The names in a folder at or below `root` ("." is itself), sorted; links are kept inside.
/// Fault::missing: there is no such folder; Fault::invalid: it has more than `names_max`.
Result<std::vector<std::string>> list_beneath(const std::filesystem::path& root,
                                              std::string_view path,
                                              std::size_t names_max);

}  // namespace img::system
