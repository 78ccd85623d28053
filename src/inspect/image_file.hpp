// An image's own file as bytes, before anyone asks what is in it.
#pragma once

#include "base/result.hpp"
#include "system/fd.hpp"
#include "vdisk/disk_source.hpp"

#include <cstdint>
#include <filesystem>

namespace img::inspect {

class ImageFile : public vdisk::DiskSource {
public:
    /// Fault::missing: there is no such file; Fault::invalid: it is no regular file, or empty;
    /// Fault::broken: it cannot be read.
    static Result<ImageFile> open(const std::filesystem::path& path);

    std::uint64_t size_bytes() const override { return size_bytes_; }
    std::uint64_t on_disk_bytes() const { return on_disk_bytes_; }
    Result<void> read(std::uint64_t at, std::span<std::byte> into) const override;
    Result<std::optional<vdisk::Extent>> next_data(std::uint64_t from) const override;

private:
    ImageFile() = default;

    system::Fd fd_;
    std::filesystem::path path_;
    std::uint64_t size_bytes_ = 0;
    std::uint64_t on_disk_bytes_ = 0;
};

}  // namespace img::inspect
