// What a boot loader offers to start.
//
// Knows GRUB and its menus, the blobs that firmware loads. Must never know disk layouts, file
// systems, kickstart.
#pragma once

#include <string>
#include <vector>

namespace img::boot {

/// What the menu of the installed GRUB offers.
struct BootEntry {
    std::string title{};
    std::string kernel{};     ///< Path inside the boot file system: "/boot/vmlinuz-6.1.0-1-amd64".
    std::string initrd{};     ///< May be empty.
    std::string arguments{};  ///< "root=UUID=… ro console=ttyS0"
    /// Of a live medium: all of it is read and compared before anything else.
    bool checks_medium = false;
};

struct BootMenu {
    std::vector<BootEntry> entries{};  ///< The first one is started.
    unsigned timeout = 1;              ///< Seconds.
    /// "grub.pbkdf2.…": what one has to know to change an entry, as the user root. Starting one
    /// needs none. Empty: everybody may.
    std::string password_hash{};
};

}  // namespace img::boot
