// Local time: which zone it is, and how the hardware clock is read.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"

namespace img::tree {
class Tree;
}

namespace img::rootfs {

/// /etc/localtime and /etc/adjtime; /etc/timezone is Debian's, /etc/sysconfig/clock that of RPM
/// trees too old for systemd. Without a zone only --utc is seen to.
/// Fault::invalid: the image's tzdata has no such zone.
Result<void> set_timezone(const tree::Tree& tree, const kickstart::Timezone& timezone);

}  // namespace img::rootfs
