// What building leaves in a tree that tells when it was done, and on which machine.
#pragma once

#include "base/result.hpp"

#include <cstdint>

namespace img::tree {
class Tree;
}

namespace img::rootfs {

/// After every script: removes what package tools write for their own next run or to say when they
/// ran. Those are their logs below /var/log (dpkg, update-alternatives, apt, dnf), the copies of
/// one state earlier that dpkg and debconf keep, and ldconfig's auxiliary cache, which holds the
/// inode numbers of the building machine and is made anew when it is missing. Logs of others stay.
Result<void> forget_traces(const tree::Tree& tree);

/// The last thing done to a tree: no file is younger than `epoch`, in seconds, nor knows parts of
/// a second, which the machine's clock gave and some file systems drop. Fault::broken.
Result<void> level_times(const tree::Tree& tree, std::int64_t epoch);

}  // namespace img::rootfs
