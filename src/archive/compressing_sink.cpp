#include "archive/compressing_sink.hpp"

#include "archive/block_formats.hpp"
#include "base/byte_size.hpp"

#include <algorithm>
#include <deque>
#include <fmt/format.h>
#include <future>
#include <thread>
#include <utility>
#include <zstd.h>

namespace img::archive {
namespace {

constexpr unsigned kThreadsMax = 16;
constexpr int kZstdLevel = 3;  // zstd's own

/// Blocks are compressed side by side and written in their order.
class BlockSink : public ByteSink {
public:
    BlockSink(std::unique_ptr<BlockFormat> format, std::unique_ptr<ByteSink> out, unsigned threads)
        : format_(std::move(format)), out_(std::move(out)), threads_(threads) {}

    Result<void> begin() {
        const std::string head = TRY(format_->head());
        return out_->write(head);
    }

    Result<void> write(std::string_view bytes) override {
        while (!bytes.empty()) {
            const auto taken = bytes.substr(0, room());
            pending_ += taken;
            bytes.remove_prefix(taken.size());
            TRY(start_if_full());
        }
        return {};
    }

    Result<void> write_zeros(std::uint64_t count) override {
        while (count != 0) {
            if (pending_.empty() && count >= format_->block_bytes()) {
                TRY(queue(zero_block()));
                count -= format_->block_bytes();
                continue;
            }
            const auto taken = std::min<std::uint64_t>(count, room());
            pending_.append(taken, '\0');
            count -= taken;
            TRY(start_if_full());
        }
        return {};
    }

    Result<void> finish() override {
        if (!pending_.empty()) {
            TRY(start());
        }
        while (!running_.empty()) {
            TRY(place_first());
        }
        const std::string tail = TRY(format_->tail());
        TRY(out_->write(tail));
        return out_->finish();
    }

private:
    using Coming = std::shared_future<Result<Block>>;

    std::size_t room() const { return format_->block_bytes() - pending_.size(); }

    Coming compress(std::string content) const {
        return std::async(std::launch::async,
                          [format = format_.get(), text = std::move(content)] {
                              return format->compress(text);
                          })
            .share();
    }

    /// Holes are full of it: compressed once, written as often as it is needed.
    Coming zero_block() {
        if (!zeros_.valid()) {
            zeros_ = compress(std::string(format_->block_bytes(), '\0'));
        }
        return zeros_;
    }

    Result<void> start_if_full() { return room() == 0 ? start() : Result<void>{}; }
    Result<void> start() { return queue(compress(std::exchange(pending_, {}))); }

    Result<void> queue(Coming block) {
        running_.push_back(std::move(block));
        return running_.size() > threads_ ? place_first() : Result<void>{};
    }

    Result<void> place_first() {
        const Coming first = std::move(running_.front());
        running_.pop_front();
        const Result<Block>& block = first.get();
        if (!block) {
            return std::unexpected(block.error());
        }
        TRY(format_->place(*block));
        return out_->write(block->bytes);
    }

    std::unique_ptr<BlockFormat> format_;
    std::unique_ptr<ByteSink> out_;
    unsigned threads_;
    std::string pending_;         ///< Content of the block that is not full yet.
    std::deque<Coming> running_;  ///< In the order of the file.
    Coming zeros_;
};

/// One frame, whose jobs libzstd cuts by their size alone (zstd.h, ZSTD_c_nbWorkers): Linux takes
/// an initramfs only as one frame.
class ZstdSink : public ByteSink {
public:
    explicit ZstdSink(std::unique_ptr<ByteSink> out) : out_(std::move(out)) {}

    Result<void> begin(unsigned threads) {
        // Without workers it would cut differently: one thread is one worker too.
        for (const auto& [parameter, value] : {std::pair(ZSTD_c_compressionLevel, kZstdLevel),
                                               {ZSTD_c_checksumFlag, 1},
                                               {ZSTD_c_nbWorkers, static_cast<int>(threads)}}) {
            TRY(succeed(::ZSTD_CCtx_setParameter(context_.get(), parameter, value)));
        }
        return {};
    }

    Result<void> write(std::string_view bytes) override { return pass(bytes, ZSTD_e_continue); }

    Result<void> write_zeros(std::uint64_t count) override {
        static constexpr std::array<char, 128 * kKiB> kZeros{};
        while (count != 0) {
            const auto taken = std::min<std::uint64_t>(count, kZeros.size());
            TRY(write({kZeros.data(), taken}));
            count -= taken;
        }
        return {};
    }

    Result<void> finish() override {
        TRY(pass({}, ZSTD_e_end));
        return out_->finish();
    }

private:
    struct Free {
        void operator()(ZSTD_CCtx* context) const { ::ZSTD_freeCCtx(context); }
    };

    static Result<std::size_t> succeed(std::size_t code) {
        if (::ZSTD_isError(code)) {
            return fail(Fault::broken,
                        fmt::format("zst: libzstd says: {}", ::ZSTD_getErrorName(code)));
        }
        return code;
    }

    Result<void> pass(std::string_view bytes, ZSTD_EndDirective end) {
        ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
        for (;;) {
            ZSTD_outBuffer out{buffer_.data(), buffer_.size(), 0};
            const auto left = TRY(succeed(::ZSTD_compressStream2(context_.get(), &out, &in, end)));
            TRY(out_->write({buffer_.data(), out.pos}));
            if (end == ZSTD_e_end ? left == 0 : in.pos == in.size) {
                return {};
            }
        }
    }

    std::unique_ptr<ByteSink> out_;
    std::unique_ptr<ZSTD_CCtx, Free> context_{::ZSTD_createCCtx()};
    std::string buffer_ = std::string(::ZSTD_CStreamOutSize(), '\0');
};

}  // namespace

unsigned compressor_threads() {
    return std::clamp(std::thread::hardware_concurrency(), 1U, kThreadsMax);
}

Result<std::unique_ptr<ByteSink>> compressing_sink(Compressor compressor,
                                                   std::unique_ptr<ByteSink> out,
                                                   unsigned threads) {
    if (compressor == Compressor::zst) {
        auto sink = std::make_unique<ZstdSink>(std::move(out));
        TRY(sink->begin(threads));
        return sink;
    }
    auto sink = std::make_unique<BlockSink>(block_format(compressor), std::move(out), threads);
    TRY(sink->begin());
    return sink;
}

}  // namespace img::archive
