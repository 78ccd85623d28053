// Build logs as people may read them: without what a terminal would obey.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace img::web {

/// Without escape sequences (CSI, OSC and the others of ECMA-48) and control bytes but line end
/// and tab. Of a line that was overwritten by carriage returns, as progress bars do, the last
/// version stays. Bytes that are not UTF-8 become U+FFFD.
std::string plain_log(std::string_view text);

/// A stretch of a log, from byte `begin` up to `end`.
struct LogPiece {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::string text;  ///< As it stands in the file.
};

/// At most `limit` bytes from `offset` on, up to the last line end among them; what follows it
/// comes too if `is_over`, or if no line ends within the limit. Empty while there is no such file.
LogPiece read_log(const std::filesystem::path& file,
                  std::uint64_t offset,
                  std::size_t limit,
                  bool is_over);

/// The last `limit` bytes, from the beginning of a line.
LogPiece read_log_end(const std::filesystem::path& file, std::size_t limit, bool is_over);

}  // namespace img::web
