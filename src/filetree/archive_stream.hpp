// Lets libarchive read from a DiskSource.
#pragma once

#include "base/result.hpp"
#include "vdisk/disk_source.hpp"

#include <archive.h>
#include <cstdint>
#include <memory>
#include <vector>

namespace img::filetree {

struct FreeArchive {
    void operator()(archive* opened) const { archive_read_free(opened); }
};
using OpenArchive = std::unique_ptr<archive, FreeArchive>;

/// Feeds an archive: outlives it, as the source outlives this.
class ArchiveStream {
public:
    explicit ArchiveStream(const vdisk::DiskSource& source);

    /// With the compressions that libarchive takes off by itself; `raw`: what is inside is one
    /// file, whatever it is; else it must be tar or cpio. Fault::invalid: it is not.
    Result<OpenArchive> open(bool raw);

private:
    static la_ssize_t read(archive* opened, void* self, const void** bytes);
    static la_int64_t skip(archive* opened, void* self, la_int64_t count);

    const vdisk::DiskSource* source_;
    std::uint64_t at_ = 0;
    std::vector<std::byte> buffer_;
};

}  // namespace img::filetree
