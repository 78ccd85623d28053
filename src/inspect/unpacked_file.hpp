// A compressed disk, unpacked into a file without a name, which goes with its owner.
#pragma once

#include "base/result.hpp"
#include "filetree/archive_stream.hpp"
#include "system/fd.hpp"
#include "vdisk/disk_source.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace img::inspect {

/// Free space of the temporary folder that is left alone.
constexpr std::uint64_t kSpaceLeft = std::uint64_t{512} << 20;

class UnpackedFile {
public:
    /// Takes `packing` off, as ArchiveStream does, into a sparse file in `folder`. Never takes
    /// more room than there is beyond kSpaceLeft. Fault::invalid: `source` is damaged;
    /// Fault::exhausted: there is too little room, or more than `unpacked_max` comes out, zeros
    /// too.
    static Result<UnpackedFile> unpack(const vdisk::DiskSource& source,
                                       const std::string& packing,
                                       const std::filesystem::path& folder,
                                       std::uint64_t unpacked_max = filetree::kInflatedMax);

    /// As long as this lives, tools of the same user may open it there.
    std::filesystem::path path() const;

private:
    explicit UnpackedFile(system::Fd fd) : fd_(std::move(fd)) {}

    system::Fd fd_;
};

}  // namespace img::inspect
