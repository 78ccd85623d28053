// A disk that is a string.
#pragma once

#include "vdisk/disk_source.hpp"

#include <algorithm>
#include <span>
#include <string>

namespace img::testing {

class MemoryDisk : public vdisk::DiskSource {
public:
    explicit MemoryDisk(std::string bytes) : bytes_(std::move(bytes)) {}

    std::uint64_t size_bytes() const override { return bytes_.size(); }

    Result<void> read(std::uint64_t at, std::span<std::byte> into) const override {
        const auto there = at < bytes_.size() ? bytes_.size() - at : 0;
        const auto inside = into.first(std::min<std::size_t>(there, into.size()));
        std::ranges::fill(into, std::byte{0});
        if (!inside.empty()) {
            std::ranges::copy(std::as_bytes(std::span(bytes_)).subspan(at, inside.size()),
                              inside.begin());
        }
        return {};
    }

    Result<std::optional<vdisk::Extent>> next_data(std::uint64_t from) const override {
        return from < bytes_.size()
                   ? std::optional(vdisk::Extent{.start = from, .size = bytes_.size() - from})
                   : std::nullopt;
    }

private:
    std::string bytes_;
};

}  // namespace img::testing
