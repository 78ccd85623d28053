// The whole tree as one archive, for the types that are nothing else.
#pragma once

#include "archive/archive.hpp"
#include "image/image.hpp"

#include <string_view>

namespace img::image {

/// Makes "<name>.<ending>", and ".gz" or another behind it where recipe.options.compressor is said:
/// it is compressed while it is written. Faults: archive::write_tree()'s.
Result<ImageReport> make_tree_archive(const Workshop& workshop,
                                      const ImageRecipe& recipe,
                                      archive::TreeFormat format,
                                      std::string_view ending);

}  // namespace img::image
