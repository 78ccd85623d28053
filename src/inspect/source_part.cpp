#include "inspect/source_part.hpp"

#include <algorithm>
#include <chrono>
#include <span>

namespace img::inspect {

Result<std::string> read_bytes(const vdisk::DiskSource& source,
                               std::uint64_t at,
                               std::size_t size) {
    std::string bytes(size, '\0');
    TRY(source.read(at, std::as_writable_bytes(std::span(bytes))));
    return bytes;
}

Uuid uuid_at(std::string_view bytes, std::size_t at) {
    Uuid uuid;
    for (std::size_t i = 0; i < uuid.bytes.size(); ++i) {
        uuid.bytes.at(i) = static_cast<std::uint8_t>(bytes.at(at + i));
    }
    return uuid;
}

std::string text_at(std::string_view bytes, std::size_t at, std::size_t size) {
    auto field = bytes.substr(at, size);
    field = field.substr(0, field.find('\0'));
    const auto last = field.find_last_not_of(' ');
    return std::string(field.substr(0, last == std::string_view::npos ? 0 : last + 1));
}

std::int64_t seconds_of(int year, unsigned month, unsigned day, std::int64_t second_of_day) {
    const std::chrono::sys_days date =
        std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day);
    return std::chrono::duration_cast<std::chrono::seconds>(date.time_since_epoch()).count() +
           second_of_day;
}

SourcePart::SourcePart(const vdisk::DiskSource& whole, vdisk::Extent place) : whole_(&whole) {
    place_.start = std::min(place.start, whole.size_bytes());
    place_.size = std::min(place.size, whole.size_bytes() - place_.start);
}

Result<void> SourcePart::read(std::uint64_t at, std::span<std::byte> into) const {
    const std::uint64_t there = at < place_.size ? place_.size - at : 0;
    const auto inside = into.first(std::min<std::uint64_t>(there, into.size()));
    std::ranges::fill(into.subspan(inside.size()), std::byte{0});
    return inside.empty() ? Result<void>() : whole_->read(place_.start + at, inside);
}

Result<std::optional<vdisk::Extent>> SourcePart::next_data(std::uint64_t from) const {
    if (from >= place_.size) {
        return std::nullopt;
    }
    auto data = TRY(whole_->next_data(place_.start + from));
    if (!data || data->start >= place_.end()) {
        return std::nullopt;
    }
    const std::uint64_t end = std::min(data->end(), place_.end());
    return vdisk::Extent{.start = data->start - place_.start, .size = end - data->start};
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

Result<std::optional<vdisk::Extent>> BoundedSource::next_data(std::uint64_t from) const {
    return source_->next_data(from);
}

}  // namespace img::inspect
