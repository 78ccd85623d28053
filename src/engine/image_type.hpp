// The image types, for those who ask the engine for images.
#pragma once

#include "image/image_type.hpp"

namespace img::engine {

using image::find_image_type;
using image::image_types;
using image::ImageType;

}  // namespace img::engine
