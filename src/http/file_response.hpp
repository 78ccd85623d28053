// Files over HTTP, sent whole or in part.
#pragma once

#include "base/result.hpp"
#include "http/http.hpp"
#include "system/fd.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace img::http {

struct FileOptions {
    std::string content_type = "application/octet-stream";
    std::string attachment;  ///< Saved under this name by browsers; empty: shown.
};

/// By the name's ending; "application/octet-stream" for any that is not known.
std::string content_type_of(std::string_view file_name);

/// 200, 206 for one satisfiable range, 304, or 416 (RFC 9110, sections 13 and 14). The entity tag
/// is made of inode, size and time of change: whoever replaces a file changes it.
Response serve_file(const Request& request, system::Fd file, const FileOptions& options);

/// Bytes first … last, both inside the file.
struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    bool operator==(const ByteRange&) const = default;
};

/// What a Range field asks of `size` bytes. Nothing: send the whole (no field, not bytes, several
/// ranges, nonsense). An Error: no byte of it exists, answer 416.
Result<std::optional<ByteRange>> parse_range(std::string_view field, std::uint64_t size);

}  // namespace img::http
