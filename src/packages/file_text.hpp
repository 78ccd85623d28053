// The whole text of a small file that may not be there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace img::packages {

/// Empty where there is no such file, or it has more than `bytes_max`.
inline std::string read_text(const std::filesystem::path& file, std::size_t bytes_max = SIZE_MAX) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.view().size() > bytes_max ? std::string() : text.str();
}

}  // namespace img::packages
