// The sentence for a file that could not be read or written.
#pragma once

#include "base/result.hpp"

#include <cerrno>
#include <filesystem>
#include <fmt/format.h>
#include <string_view>
#include <system_error>

namespace img::archive {

/// `error` is an errno. Fault::exhausted where the disk is full or the file too large for it,
/// Fault::missing where there is no such file, else Fault::broken.
inline std::unexpected<Error> file_fault(std::string_view deed,
                                         const std::filesystem::path& file,
                                         int error) {
    const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
    return fail(
        full              ? Fault::exhausted
        : error == ENOENT ? Fault::missing
                          : Fault::broken,
        fmt::format("{} {}: {}{}", deed, file.string(), std::generic_category().message(error),
                    full ? "; free some space or choose another folder" : ""));
}

}  // namespace img::archive
