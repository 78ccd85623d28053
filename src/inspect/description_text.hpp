// A description as text, for people at a terminal.
#pragma once

#include "inspect/image_description.hpp"

#include <string>

namespace img::inspect {

struct TextOptions {
    bool packages = false;  ///< Each with its version; else only how many there are.
};

/// Blocks of aligned lines, each with its heading; nothing in it moves a terminal's cursor.
std::string to_text(const ImageDescription& image, const TextOptions& options);

}  // namespace img::inspect
