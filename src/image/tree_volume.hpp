// The whole tree as one file system, for the types that are nothing else.
#pragma once

#include "image/image.hpp"
#include "volume/file_system.hpp"

#include <string_view>

namespace img::image {

/// Makes "<name>.<type>", the type being what the file system is called. Faults: as
/// write_bare_volume(); Fault::invalid: no such subformat.
Result<ImageReport> make_tree_volume(const Workshop& workshop,
                                     const ImageRecipe& recipe,
                                     volume::FileSystem kind);

}  // namespace img::image
