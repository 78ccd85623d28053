#include "vdisk/block_deflater.hpp"

#include <algorithm>
#include <utility>

namespace img::vdisk {
namespace {

// Enough that no thread waits while the oldest block is being written.
constexpr std::size_t kSlotsPerThread = 16;

std::size_t processors() {
    return std::clamp(std::thread::hardware_concurrency(), 1U, 64U);
}

}  // namespace

BlockDeflater::BlockDeflater(DeflateForm form, Take take)
    : take_(std::move(take)), ring_(processors() * kSlotsPerThread) {
    for (std::size_t i = 0; i < processors(); ++i) {
        threads_.emplace_back([this, form] { work(form); });
    }
}

BlockDeflater::~BlockDeflater() {
    {
        const std::scoped_lock lock(mutex_);
        closing_ = true;
        begun_ = added_;
    }
    to_do_.notify_all();
}

void BlockDeflater::work(DeflateForm form) {
    const Deflater deflater(form);
    std::unique_lock lock(mutex_);
    while (true) {
        to_do_.wait(lock, [this] { return closing_ || begun_ < added_; });
        if (begun_ == added_) {
            return;
        }
        Slot& mine = slot(begun_++);
        lock.unlock();
        mine.block.deflated = deflater.deflate(mine.block.bytes);
        lock.lock();
        mine.done = true;
        done_.notify_one();
    }
}

Result<void> BlockDeflater::add(std::uint64_t index, std::span<const std::byte> block) {
    if (added_ - taken_ == ring_.size()) {
        TRY(take_oldest());
    }
    Slot& next = slot(added_);  // nobody else looks at it before added_ grows
    next.block.index = index;
    next.block.bytes.assign(block.begin(), block.end());
    next.done = false;
    {
        const std::scoped_lock lock(mutex_);
        ++added_;
    }
    to_do_.notify_one();
    return {};
}

Result<void> BlockDeflater::take_oldest() {
    Slot& oldest = slot(taken_);
    {
        std::unique_lock lock(mutex_);
        done_.wait(lock, [&] { return oldest.done; });
        ++taken_;
    }
    return take_(oldest.block);
}

Result<void> BlockDeflater::finish() {
    while (taken_ < added_) {
        TRY(take_oldest());
    }
    return {};
}

}  // namespace img::vdisk
