#include "vdisk/source_part.hpp"

#include <algorithm>
#include <span>

namespace img::vdisk {

Result<std::string> read_bytes(const DiskSource& source, std::uint64_t at, std::size_t size) {
    std::string bytes(size, '\0');
    TRY(source.read(at, std::as_writable_bytes(std::span(bytes))));
    return bytes;
}

SourcePart::SourcePart(const DiskSource& whole, Extent place) : whole_(&whole) {
    place_.start = std::min(place.start, whole.size_bytes());
    place_.size = std::min(place.size, whole.size_bytes() - place_.start);
}

Result<void> SourcePart::read(std::uint64_t at, std::span<std::byte> into) const {
    const std::uint64_t there = at < place_.size ? place_.size - at : 0;
    const auto inside = into.first(std::min<std::uint64_t>(there, into.size()));
    std::ranges::fill(into.subspan(inside.size()), std::byte{0});
    return inside.empty() ? Result<void>() : whole_->read(place_.start + at, inside);
}

Result<std::optional<Extent>> SourcePart::next_data(std::uint64_t from) const {
    if (from >= place_.size) {
        return std::nullopt;
    }
    auto data = TRY(whole_->next_data(place_.start + from));
    if (!data || data->start >= place_.end()) {
        return std::nullopt;
    }
    const std::uint64_t end = std::min(data->end(), place_.end());
    return Extent{.start = data->start - place_.start, .size = end - data->start};
}

Result<void> BoundedSource::read(std::uint64_t at, std::span<std::byte> into) const {
    if (left_.reads == 0 || left_.bytes < into.size()) {
        exceeded_ = true;
        return fail(
            Fault::exhausted,
            "more of the image would have to be read than is sane, so it is likely damaged");
    }
    --left_.reads;
    left_.bytes -= into.size();
    return source_->read(at, into);
}

Result<std::optional<Extent>> BoundedSource::next_data(std::uint64_t from) const {
    return source_->next_data(from);
}

}  // namespace img::vdisk
