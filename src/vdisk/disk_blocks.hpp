// The blocks of a disk that are not all zeros, one after the other: what every writer reads.
#pragma once

#include "base/digest.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "vdisk/disk_source.hpp"
#include "vdisk/disk_target.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace img::vdisk {

class DiskBlocks {
public:
    struct Block {
        std::uint64_t index = 0;
        std::span<const std::byte> bytes{};  ///< A whole block; good until the next one.

        std::uint64_t start() const { return index * bytes.size(); }  ///< On the disk, in bytes.
    };

    /// Both references outlive this; `block_bytes` is what the format cuts the disk into.
    DiskBlocks(const DiskSource& source, std::size_t block_bytes, const DiskTarget& target);

    /// Of the disk, rounded up to whole sectors of 512 bytes: formats count in these.
    std::uint64_t size_bytes() const { return size_bytes_; }
    std::uint64_t sectors() const { return size_bytes_ / 512; }
    std::uint64_t block_bytes() const { return buffer_.size(); }
    std::uint64_t blocks() const { return (size_bytes_ + buffer_.size() - 1) / buffer_.size(); }

    /// In order; empty: that was the last. The last block of a disk is filled up with zeros.
    /// Faults of the source; Fault::transient: a stop was requested.
    Result<std::optional<Block>> next();

    /// An id of the disk for the purpose `what`. From the target's seed, or from the blocks: then
    /// it is called after the last one.
    Uuid identity(std::string_view what);

private:
    Result<std::optional<std::uint64_t>> next_index();
    void tell(std::uint64_t done_bytes) const;

    const DiskSource& source_;
    const DiskTarget& target_;
    std::uint64_t size_bytes_;
    std::vector<std::byte> buffer_;
    std::uint64_t next_ = 0;  ///< The block to look at next.
    Extent known_{};          ///< The extent that next_ was found in.
    Sha256 digest_;
    std::string seed_;
};

}  // namespace img::vdisk
