// Folders and small files, made with a sentence for when they cannot be.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace img::system {

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
