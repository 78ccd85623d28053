// A list of mirrors, as apt-transport-mirror(1) has it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace img::packages {

/// The mirrors' URLs in their order; lines that are no http or https URL are left out.
std::vector<std::string> read_mirrors(std::string_view text);

/// The same file on a mirror: `url` begins with `list`, as apt-get --print-uris says it.
std::string on_mirror(std::string_view url, std::string_view list, std::string_view mirror);

}  // namespace img::packages
