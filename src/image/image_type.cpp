#include "image/image_type.hpp"

#include "base/nearest.hpp"
#include "base/printable.hpp"
#include "base/text.hpp"
#include "image/types.hpp"

#include <array>
#include <fmt/format.h>
#include <string>
#include <vector>

namespace img::image {
namespace {

constexpr std::array kImageTypes{
    ImageType{"livecd",
              "hybrid ISO that starts from CD and stick, BIOS and UEFI",
              Layout::tree,
              make_livecd,
              {},
              true},
    ImageType{"liveusb",
              "live system for a stick, with room for what is changed",
              Layout::tree,
              make_liveusb,
              {},
              true},
    ImageType{"raw", "partitioned disk that boots on BIOS and UEFI", Layout::disks, make_raw},
};

}  // namespace

std::span<const ImageType> image_types() {
    return kImageTypes;
}

Result<ImageType> find_image_type(std::string_view name) {
    std::vector<std::string> names;
    for (const auto& type : kImageTypes) {
        if (type.name == name) {
            return type;
        }
        names.emplace_back(type.name);
    }
    const std::string meant = nearest(name, names);
    return fail(Fault::invalid,
                fmt::format("no image type '{}'; {}", printable(name),
                            meant.empty() ? "there is: " + join(names, ", ")
                                          : fmt::format("did you mean '{}'?", meant)));
}

}  // namespace img::image
