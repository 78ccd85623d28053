// The image types there are, and the sentence for one there is not.
#pragma once

#include "base/result.hpp"

#include <span>
#include <string_view>

namespace img::engine {

/// What `img types` lists.
struct ImageType {
    std::string_view name;
    std::string_view what;  ///< One line for people.
};

/// In the order in which they are offered.
std::span<const ImageType> image_types();

/// Fault::invalid: no such type; the sentence names the nearest one, or all.
Result<ImageType> find_image_type(std::string_view name);

}  // namespace img::engine
