// A tar archive as POSIX.1-2001 has it (pax), with the extensions that GNU tar and libarchive
// agree on: extended attributes, access control lists, sparse files.
#pragma once

#include "archive/byte_sink.hpp"
#include "archive/content_reader.hpp"
#include "archive/tree_list.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace img::archive {

/// One member:
///
///     | pax header "x" and its records, where a field is too small or missing | 512 n
///     | ustar header: name, mode, ids, size, time, type, link target, device | 512
///     | content, padded                                                      | 512 n
///
/// Owners are numbers only; no access or change time, no process id: the same entries give the
/// same bytes. Two blocks of zeros end the archive, which is padded to 10 KiB as tar does.
class TarWriter {
public:
    explicit TarWriter(ByteSink& sink) : sink_(sink) {}

    /// `prefix` goes before the entry's name: "./". `file` is where its content is read from;
    /// `first_name` is the name that a further link of a file points to. Faults: the sink's, and
    /// copy_content()'s.
    Result<void> add(const TreeEntry& entry,
                     std::string_view prefix,
                     const std::filesystem::path& file,
                     std::string_view first_name = {},
                     const BytesDone& done = {});

    /// A regular file without its runs of zeros (GNU.sparse 1.0), of mode 0644, owner 0.
    Result<void> add_sparse(const std::string& name,
                            const std::filesystem::path& file,
                            std::int64_t modified,
                            const BytesDone& done = {});

    Result<void> end();

private:
    Result<void> write(std::string_view bytes);
    Result<void> pad(std::uint64_t to_multiple_of);

    ByteSink& sink_;
    std::uint64_t at_ = 0;  ///< Bytes so far.
};

}  // namespace img::archive
