// Where bytes go, one after the other: a file, or a compressor in front of one.
#pragma once

#include "base/result.hpp"
#include "system/fd.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

namespace img::archive {

class ByteSink {
public:
    virtual ~ByteSink() = default;

    /// Fault::exhausted: the disk is full, or memory is; Fault::broken: any other failure.
    virtual Result<void> write(std::string_view bytes) = 0;
    /// As many zero bytes, which cost little whatever their number. Faults as above.
    virtual Result<void> write_zeros(std::uint64_t count) = 0;
    /// Brings out what was held back; nothing is written afterwards.
    virtual Result<void> finish() = 0;
};

/// A new file, in which runs of zeros are holes. It goes with its owner unless it was finished.
class FileSink : public ByteSink {
public:
    /// Fault::broken: it cannot be made.
    static Result<std::unique_ptr<FileSink>> create(std::filesystem::path file);
    ~FileSink() override;

    Result<void> write(std::string_view bytes) override;
    Result<void> write_zeros(std::uint64_t count) override;
    Result<void> finish() override;

private:
    FileSink(std::filesystem::path file, system::Fd fd)
        : file_(std::move(file)), fd_(std::move(fd)) {}

    std::filesystem::path file_;
    system::Fd fd_;
    std::uint64_t at_ = 0;  ///< Bytes so far, holes included.
    bool finished_ = false;
};

}  // namespace img::archive
