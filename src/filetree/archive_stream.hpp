// Lets libarchive read from a DiskSource, and no more out of it than was agreed.
#pragma once

#include "base/result.hpp"
#include "vdisk/disk_source.hpp"

#include <archive.h>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace img::filetree {

/// As much as is unpacked of a file before it is given up: the largest memory cards that images
/// are usually copied from hold 64 GB, and bzip2 takes three minutes for as many zeros. It packs
/// 400 GiB of them into 314 kB.
constexpr std::uint64_t kInflatedMax = std::uint64_t{64} << 30;

struct FreeArchive {
    void operator()(archive* opened) const { archive_read_free(opened); }
};
using OpenArchive = std::unique_ptr<archive, FreeArchive>;

/// Feeds an archive: outlives it, as the source outlives this.
class ArchiveStream {
public:
    /// `packing` is what is taken off: "gzip", "bzip2", "xz", "lzma", "zstd", "lz4", empty:
    /// nothing. One only: a file that is packed twice may keep the outer one busy with nothing for
    /// the inner.
    ArchiveStream(const vdisk::DiskSource& source, std::string packing, std::uint64_t inflated_max);

    /// `raw`: what is inside is one file, whatever it is; else it must be tar or cpio.
    /// Fault::invalid: it is not.
    Result<OpenArchive> open(bool raw);

    /// Whether the archive has failed because more than was agreed came out of it.
    bool exceeded() const { return exceeded_; }

private:
    Result<OpenArchive> open_packed();
    static la_ssize_t read(archive* opened, void* self, const void** bytes);
    static la_int64_t skip(archive* opened, void* self, la_int64_t count);
    static la_ssize_t inflate(archive* opened, void* self, const void** bytes);

    const vdisk::DiskSource* source_;
    std::string packing_;
    std::uint64_t inflated_left_;
    bool cut_ = false;  ///< There is more than was handed out.
    bool exceeded_ = false;
    std::uint64_t at_ = 0;
    std::vector<std::byte> buffer_;
    OpenArchive packed_;  ///< What takes the packing off, where there is one.
};

}  // namespace img::filetree
