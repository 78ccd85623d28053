// Compresses the blocks of a disk on all processors, and hands them back in their order.
#pragma once

#include "base/result.hpp"
#include "vdisk/deflate.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace img::vdisk {

struct DeflatedBlock {
    std::uint64_t index = 0;
    std::vector<std::byte> bytes{};  ///< As they were.
    std::string deflated{};
};

/// A ring of blocks: add() puts one in, threads compress them, and where the ring is full the
/// oldest goes out, waited for if need be. So memory is bounded by the ring, and the order of what
/// goes out is that of what came in, whichever thread was faster.
class BlockDeflater {
public:
    /// Called on the thread that calls add() or finish().
    using Take = std::function<Result<void>(const DeflatedBlock& block)>;

    BlockDeflater(DeflateForm form, Take take);
    BlockDeflater(const BlockDeflater&) = delete;
    BlockDeflater& operator=(const BlockDeflater&) = delete;
    /// What has not gone out is dropped.
    ~BlockDeflater();

    /// Copies the block. Gives back what `take` says of an older one.
    Result<void> add(std::uint64_t index, std::span<const std::byte> block);
    /// Everything goes out.
    Result<void> finish();

private:
    struct Slot {
        DeflatedBlock block;
        bool done = false;
    };

    Slot& slot(std::uint64_t number) { return ring_[number % ring_.size()]; }
    void work(DeflateForm form);
    Result<void> take_oldest();

    Take take_;
    std::vector<Slot> ring_;
    std::mutex mutex_;  ///< Guards everything below, and who owns which slot.
    std::condition_variable to_do_, done_;
    bool closing_ = false;
    std::uint64_t added_ = 0;  ///< Blocks so far; the ring holds those from taken_ to here.
    std::uint64_t begun_ = 0;
    std::uint64_t taken_ = 0;
    std::vector<std::jthread> threads_;  ///< Last: they end before what they use.
};

}  // namespace img::vdisk
