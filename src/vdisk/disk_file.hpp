// A file that holds a virtual disk: read and written at offsets, each failure with a sentence.
#pragma once

#include "base/result.hpp"
#include "system/fd.hpp"
#include "vdisk/disk_source.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace img::vdisk {

class DiskFile {
public:
    /// For reading. Fault::missing: there is no such file; Fault::invalid: it is not a regular
    /// file; Fault::broken: it cannot be opened.
    static Result<DiskFile> open(const std::filesystem::path& path);
    /// For writing, empty, in place of what there was. Fault::exhausted: the disk is full;
    /// Fault::broken: anything else.
    static Result<DiskFile> create(const std::filesystem::path& path);

    const std::filesystem::path& path() const { return path_; }
    /// In bytes: as it was opened, or the end of what has been written.
    std::uint64_t size() const { return size_; }
    /// Without the blocks of zeros that write_sparse() left out.
    std::uint64_t written_bytes() const { return written_bytes_; }

    /// All of `into`. Fault::invalid: the file ends before; Fault::broken: it cannot be read.
    Result<void> read(std::uint64_t at, std::span<std::byte> into) const;
    /// Zeros for what lies behind the file's end, if something lies before it. Faults as read().
    Result<void> read_padded(std::uint64_t at, std::span<std::byte> into) const;
    /// `count` bytes for tables and headers. Fault::invalid also: there are not so many.
    Result<std::string> read_text(std::uint64_t at, std::uint64_t count) const;

    /// Faults as create().
    Result<void> write(std::uint64_t at, std::span<const std::byte> bytes);
    Result<void> write(std::uint64_t at, std::string_view bytes);
    /// Leaves out blocks of 4 KiB that are all zero: the file has holes there, and grows over them.
    Result<void> write_sparse(std::uint64_t at, std::span<const std::byte> bytes);
    /// Cuts it, or lets it grow by a hole.
    Result<void> resize(std::uint64_t size_bytes);

    /// The first extent that ends behind `from`, cut to begin there; empty: nothing but a hole.
    Result<std::optional<Extent>> next_data(std::uint64_t from) const;

    /// Whether there is nothing but a hole from `at` to `at` + `size`; behind the end there is
    /// none.
    Result<bool> is_hole(std::uint64_t at, std::uint64_t size) const;

    /// Fault::invalid with "NAME: what is wrong with it".
    std::unexpected<Error> wrong(std::string_view what) const;

private:
    DiskFile(system::Fd fd, std::filesystem::path path, std::uint64_t size)
        : fd_(std::move(fd)), path_(std::move(path)), size_(size) {}

    Result<void> check_inside(std::uint64_t at, std::uint64_t count) const;
    std::unexpected<Error> failed(std::string_view deed, int error) const;

    system::Fd fd_;
    std::filesystem::path path_;
    std::uint64_t size_ = 0;
    std::uint64_t written_bytes_ = 0;
    mutable Extent hole_{};  ///< The last one that was found: neighbours lie in the same.
};

/// Whether there is nothing but zeros in it.
bool all_zero(std::span<const std::byte> bytes);

std::string_view as_text(std::span<const std::byte> bytes);
std::span<const std::byte> as_bytes(std::string_view text);

}  // namespace img::vdisk
