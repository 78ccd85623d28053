#include "volume/volume.hpp"

#include "base/printable.hpp"
#include "base/uuid.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::volume {

system::Steady steady(const Volume& volume) {
    return {.epoch = volume.epoch, .seed = volume.uuid, .content = volume.content};
}

Result<void> check_label(const Volume& volume, std::string_view kind, std::size_t bytes_max) {
    if (volume.label.size() > bytes_max) {
        return fail(Fault::invalid,
                    fmt::format("{}: the label '{}' is over the {} bytes that {} can hold",
                                volume.name, printable(volume.label), bytes_max, kind));
    }
    if (std::ranges::any_of(volume.label, [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
        return fail(Fault::invalid, fmt::format("{}: the label '{}' holds control characters",
                                                volume.name, printable(volume.label)));
    }
    return {};
}

Result<void> check_uuid(const Volume& volume) {
    if (const auto uuid = parse_uuid(volume.uuid); !uuid) {
        return fail(Fault::invalid, fmt::format("{}: {}", volume.name, uuid.error().message));
    }
    return {};
}

}  // namespace img::volume
