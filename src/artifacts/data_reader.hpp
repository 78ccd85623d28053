// Where a sparse file has data: the holes are not sent.
#pragma once

#include "base/result.hpp"
#include "system/fd.hpp"

#include <cstdint>
#include <string>

namespace img::artifacts {

/// Reads a file from its beginning to its end, a piece of data at a time.
class DataReader {
public:
    /// Does not follow a link. Fault::missing: no such plain file.
    static Result<DataReader> open(const std::string& path);

    std::uint64_t size() const { return size_; }

    struct Piece {
        std::uint64_t offset = 0;
        std::string bytes{};  ///< Empty: there is no data from the asked-for place on.
    };
    /// The first data at or behind `from`, at most `size_max` bytes, without leading holes.
    /// Fault::broken: it cannot be read, or became shorter.
    Result<Piece> next(std::uint64_t from, std::size_t size_max) const;
    /// These very bytes, holes as zeros. Faults as next().
    Result<std::string> read(std::uint64_t offset, std::size_t size) const;

private:
    DataReader(std::string path, system::Fd file, std::uint64_t size)
        : path_(std::move(path)), file_(std::move(file)), size_(size) {}

    std::string path_;
    system::Fd file_;
    std::uint64_t size_ = 0;
};

}  // namespace img::artifacts
