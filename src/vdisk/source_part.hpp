// Reading a disk piece by piece: bytes, parts of it, and never more than was agreed.
#pragma once

#include "base/result.hpp"
#include "vdisk/disk_source.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace img::vdisk {

/// `size` bytes from `at` on; behind the end they are zeros. The caller bounds `size`.
Result<std::string> read_bytes(const DiskSource& source, std::uint64_t at, std::size_t size);

/// A part of another source, which outlives it.
class SourcePart : public DiskSource {
public:
    /// What reaches over the end of `whole` is cut off.
    SourcePart(const DiskSource& whole, Extent place);

    std::uint64_t size_bytes() const override { return place_.size; }
    Result<void> read(std::uint64_t at, std::span<std::byte> into) const override;
    Result<std::optional<Extent>> next_data(std::uint64_t from) const override;

private:
    const DiskSource* whole_;
    Extent place_;
};

/// Stops the readers of a hostile image: after so many reads or bytes every further one fails, so
/// that no chain of blocks, however it is tied, keeps us for long. An inspected image of 2 GB with
/// 2000 packages takes about 2000 reads and 10 MB.
class BoundedSource : public DiskSource {
public:
    struct Bounds {
        std::uint64_t reads = 250'000;
        std::uint64_t bytes = std::uint64_t{1} << 30;
    };

    BoundedSource(const DiskSource& source, Bounds bounds) : source_(&source), left_(bounds) {}

    std::uint64_t size_bytes() const override { return source_->size_bytes(); }
    /// Whether a read has failed because of the bounds.
    bool exceeded() const { return exceeded_; }
    /// Fault::exhausted: the bounds are reached.
    Result<void> read(std::uint64_t at, std::span<std::byte> into) const override;
    Result<std::optional<Extent>> next_data(std::uint64_t from) const override;

private:
    const DiskSource* source_;
    mutable Bounds left_;
    mutable bool exceeded_ = false;
};

}  // namespace img::vdisk
