#include "vdisk/disk_blocks.hpp"

#include "base/byte_order.hpp"
#include "base/byte_size.hpp"
#include "vdisk/disk_file.hpp"

#include <algorithm>

namespace img::vdisk {

DiskBlocks::DiskBlocks(const DiskSource& source, std::size_t block_bytes, const DiskTarget& target)
    : source_(source),
      target_(target),
      size_bytes_(round_up(source.size_bytes(), 512)),
      buffer_(block_bytes),
      seed_(target.seed) {
    digest_.add_field(std::to_string(size_bytes_));
}

/// The next block that an extent of the source reaches into.
Result<std::optional<std::uint64_t>> DiskBlocks::next_index() {
    const std::uint64_t from = next_ * buffer_.size();
    if (from >= size_bytes_) {
        return std::nullopt;
    }
    if (known_.end() <= from) {
        const auto extent = TRY(source_.next_data(from));
        if (!extent) {
            return std::nullopt;
        }
        known_ = *extent;
    }
    return std::max(known_.start, from) / buffer_.size();
}

void DiskBlocks::tell(std::uint64_t done_bytes) const {
    if (target_.progress) {
        target_.progress(std::min(done_bytes, size_bytes_), size_bytes_);
    }
}

Result<std::optional<DiskBlocks::Block>> DiskBlocks::next() {
    while (const auto index = TRY(next_index())) {
        if (target_.stop.stop_requested()) {
            return fail(Fault::transient, "writing the disk was interrupted");
        }
        const Block block{.index = *index, .bytes = buffer_};
        TRY(source_.read(block.start(), buffer_));
        next_ = *index + 1;
        tell(next_ * buffer_.size());
        if (!all_zero(buffer_)) {
            if (target_.seed.empty()) {
                digest_.add_field(std::to_string(block.index));
                digest_.add_field(as_text(buffer_));
            }
            return block;
        }
    }
    tell(size_bytes_);
    return std::nullopt;
}

Uuid DiskBlocks::identity(std::string_view what) {
    if (seed_.empty()) {
        seed_ = digest_.hex();
    }
    return uuid_from(seed_ + " " + std::string(what));
}

}  // namespace img::vdisk
