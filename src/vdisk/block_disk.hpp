// Reading a disk that its file holds in blocks of one size, each somewhere or nowhere.
#pragma once

#include "base/result.hpp"
#include "vdisk/disk_source.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace img::vdisk {

/// What all formats with a table of blocks share. A format says which blocks there are and how
/// one is read; this makes a DiskSource of it.
class BlockDisk : public DiskSource {
public:
    std::uint64_t size_bytes() const final { return size_bytes_; }
    Result<void> read(std::uint64_t at, std::span<std::byte> into) const final;
    Result<std::optional<Extent>> next_data(std::uint64_t from) const final;

protected:
    /// `block_bytes` is not 0; the last block may reach beyond the disk.
    BlockDisk(std::uint64_t size_bytes, std::uint64_t block_bytes)
        : size_bytes_(size_bytes), block_bytes_(block_bytes) {}

    std::uint64_t block_bytes() const { return block_bytes_; }
    std::uint64_t blocks() const {
        return size_bytes_ / block_bytes_ + (size_bytes_ % block_bytes_ != 0 ? 1 : 0);
    }

    /// As many entries of its tables as next_block() looks at in one call: some milliseconds, after
    /// which a converter asks whether it is to stop. A hostile table has 2^35 of them.
    static constexpr std::uint64_t kEntriesACall = 1 << 21;

    /// The first block from `block` on that may hold something other than zeros, or the one where
    /// kEntriesACall ended the search; blocks() or beyond: none.
    virtual Result<std::uint64_t> next_block(std::uint64_t block) const = 0;
    /// Part of a block that lies inside the disk; zeros where the block holds nothing.
    virtual Result<void> read_block(std::uint64_t block,
                                    std::uint64_t offset,
                                    std::span<std::byte> into) const = 0;

private:
    std::uint64_t size_bytes_;
    std::uint64_t block_bytes_;
};

}  // namespace img::vdisk
