// Folders and small files, made with a sentence for when they cannot be.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace img::system {

// Of std::filesystem only what takes a std::error_code is used (tools/check_filesystem.py): the
// rest throws, which ends a program without a word. Where it cannot be known - a loop of links, a
// folder that may not be entered - these three say no.
bool exists(const std::filesystem::path& path);
bool is_folder(const std::filesystem::path& path);  ///< Or a link to one.
bool is_file(const std::filesystem::path& path);    ///< A regular one, or a link to one.

/// What it is itself, so a link is a link. not_found: nothing; none: it cannot be known.
std::filesystem::file_type type_of(const std::filesystem::path& path);

/// For words of a command line: "NAME: there is no such folder", or why it cannot be known.
/// Fault::missing: nothing is there; Fault::invalid: anything else.
Result<void> check_folder(const std::filesystem::path& folder);
Result<void> check_file(const std::filesystem::path& file);

/// As seen from the root. Fault::invalid: the path is empty, or counts from a working folder that
/// is gone.
Result<std::filesystem::path> absolute(const std::filesystem::path& path);

/// All that is in it, folders too, in order. Fault::broken: it cannot be read.
Result<std::vector<std::filesystem::path>> files_in(const std::filesystem::path& folder);

/// The regular files in it and in its folders, in order; no links are followed.
Result<std::vector<std::filesystem::path>> files_below(const std::filesystem::path& folder);

/// With its missing parents. Fault::exhausted: the disk is full; Fault::broken: anything else.
Result<void> make_folder(const std::filesystem::path& folder);

/// All of it, also where the kernel makes it up while it is read, as below /proc. Fault::missing:
/// there is no such file, or what it was about has ended; Fault::broken: anything else.
Result<std::string> read_file(const std::filesystem::path& file);

/// Puts the whole text into the file, in place of what it held. Faults as above.
Result<void> write_file(const std::filesystem::path& file,
                        std::string_view text,
                        mode_t mode = 0644);

}  // namespace img::system
