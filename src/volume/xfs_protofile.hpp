// The two texts from which an XFS is filled offline: mkfs.xfs' prototype and xfs_db's corrections.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace img::volume {

/// A prototype can say type, owner, rwx bits, setuid, setgid, link targets, device numbers and
/// where a file's bytes are. It cannot say the sticky bit and times (whole seconds), which the
/// corrections bring; and not hard links (they become copies), extended attributes and
/// capabilities, sockets.
struct XfsFilling {
    std::string prototype;    ///< For `mkfs.xfs -p`, run inside the content folder.
    std::string corrections;  ///< For the standard input of `xfs_db -x`.
};

/// Everything below `content`, sorted. No time is younger than `epoch`. Fault::invalid names a
/// file whose name or link target a prototype cannot hold: with white space, empty, "$", or with
/// a colon in front; or a file size over 2^63. Fault::broken: something cannot be read.
Result<XfsFilling> xfs_filling(const std::filesystem::path& content, std::int64_t epoch);

}  // namespace img::volume
