// How much of everything a kickstart may hold, so that no text can fill the memory.
#pragma once

#include <cstddef>

namespace img::kickstart {

/// Of the text, and again of the text once its tokens are replaced. The largest kickstart known to
/// us has 90 KiB.
constexpr std::size_t kTextBytesMax = std::size_t{16} << 20;

/// Of a line outside scripts; what a shell takes as one argument is 128 KiB (MAX_ARG_STRLEN).
constexpr std::size_t kLineBytesMax = std::size_t{64} << 10;

constexpr std::size_t kPartitionsMax = 128;  ///< Entries of a GPT (UEFI 2.10, section 5.3.2).
constexpr std::size_t kRepositoriesMax = 256;
constexpr std::size_t kUsersMax = 1024;
constexpr std::size_t kNetworksMax = 64;
constexpr std::size_t kServicesMax = 4096;
constexpr std::size_t kScriptsMax = 1024;
constexpr std::size_t kSectionsMax = 1024;  ///< Of each kind that holds no script.
constexpr std::size_t kIdleCommandsMax = 10'000;
constexpr std::size_t kKeysMax = 4096;
constexpr std::size_t kModulesMax = 1024;
constexpr std::size_t kTimeSourcesMax = 256;

/// Of files that name files. The deepest set of kickstarts known to us goes six deep.
constexpr std::size_t kIncludeDepthMax = 16;
constexpr std::size_t kIncludesMax = 1024;
constexpr std::size_t kPackagesMax = 100'000;  ///< Debian 12 has 64 000.

}  // namespace img::kickstart
