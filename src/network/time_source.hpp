// Where the image's clock gets the time from: chrony, systemd-timesyncd, ntpsec or ntpd.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"

#include <span>
#include <string>
#include <string_view>

namespace img::tree {
class Tree;
}

namespace img::network {

/// A chrony.conf or ntp.conf with these sources in place of its own. Pure.
std::string with_time_sources(std::string_view old, std::span<const kickstart::TimeSource> sources);

/// The first of the four that is there is told and enabled. `none` (timesource --ntp-disable)
/// disables all that are there. Fault::invalid: a host that is none; no such program in the
/// image, or none that knows NTS, with the package to add.
Result<kickstart::Services> set_time_sources(const tree::Tree& tree,
                                             std::span<const kickstart::TimeSource> sources,
                                             bool none);

}  // namespace img::network
