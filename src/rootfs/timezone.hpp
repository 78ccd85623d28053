// Local time: /etc/localtime, /etc/timezone, and how the hardware clock is read.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"

namespace img::rootfs {

class Tree;

/// Fault::invalid: the image's tzdata has no such zone.
Result<void> set_timezone(const Tree& tree, const kickstart::Timezone& timezone);

}  // namespace img::rootfs
