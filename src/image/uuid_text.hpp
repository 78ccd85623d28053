// A UUID read from its text, for the formats that store its bytes.
#pragma once

#include "base/result.hpp"
#include "base/uuid.hpp"

#include <string_view>

namespace img::image {

/// "6b29fc40-ca47-1067-b31d-00dd010662da" in either case. Fault::invalid: anything else.
Result<Uuid> parse_uuid(std::string_view text);

}  // namespace img::image
