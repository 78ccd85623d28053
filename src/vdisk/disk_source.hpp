// What is on a disk, read from whatever file holds it.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace img::vdisk {

/// Bytes from `start` on that may be other than zero.
struct Extent {
    std::uint64_t start = 0;
    std::uint64_t size = 0;

    std::uint64_t end() const { return start + size; }
    bool operator==(const Extent&) const = default;
};

/// A disk's content, whatever the format of the file: zeros where nothing was ever written.
class DiskSource {
public:
    virtual ~DiskSource() = default;

    /// Of the disk, not of its file.
    virtual std::uint64_t size_bytes() const = 0;

    /// Fills `into` with what stands from `at` on; what lies behind the disk's end is zeros.
    /// Fault::invalid: the file contradicts itself; Fault::broken: it cannot be read.
    virtual Result<void> read(std::uint64_t at, std::span<std::byte> into) const = 0;

    /// The first extent that ends behind `from`, cut to begin there; empty: all zeros from there
    /// on. Costs no reading of data.
    virtual Result<std::optional<Extent>> next_data(std::uint64_t from) const = 0;
};

}  // namespace img::vdisk
