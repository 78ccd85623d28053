// Values of a Document as the commands that say them.
#pragma once

#include "kickstart/document.hpp"

#include <string>

namespace img::kickstart {

/// Every command of it, a line each; nothing of its sections.
std::string print_commands(const Document& document);

}  // namespace img::kickstart
