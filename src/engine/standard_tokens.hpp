// The tokens that every kickstart may use, beside what the user gives.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace img::engine {

/// ARCH, NAME, and DEBIAN_MIRROR if the text names it and the machine has one.
std::map<std::string, std::string> standard_tokens(std::string_view kickstart,
                                                   std::string_view name);

}  // namespace img::engine
