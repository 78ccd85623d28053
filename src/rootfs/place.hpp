// Names a kickstart command in messages: "user anna (demo.ks:9)".
#pragma once

#include "kickstart/document.hpp"

#include <fmt/format.h>
#include <string>
#include <string_view>

namespace img::rootfs {

inline std::string place(std::string_view what, const kickstart::Location& where) {
    return where.line == 0 ? std::string(what)
                           : fmt::format("{} ({}:{})", what, where.file, where.line);
}

}  // namespace img::rootfs
