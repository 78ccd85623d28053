// A description as JSON, for programs; docs/inspect.md tells its keys.
#pragma once

#include "inspect/image_description.hpp"

#include <nlohmann/json_fwd.hpp>

namespace img::inspect {

/// Keys of what is not known are left out. Bytes that are no UTF-8 are kept: whoever prints it
/// asks nlohmann to replace them.
nlohmann::json to_json(const ImageDescription& image);

}  // namespace img::inspect
