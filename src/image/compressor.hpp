// The compressed forms of images, for those who ask for images.
#pragma once

#include "archive/compressor.hpp"

namespace img::image {

using archive::Compressor;
using archive::find_compressor;

}  // namespace img::image
