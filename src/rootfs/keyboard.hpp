// The keyboard's layout, for the console and for X.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"
#include "system/command.hpp"

#include <string>
#include <string_view>

namespace img::tree {
class Tree;
}

namespace img::rootfs {

/// What /etc/default/keyboard says, in XKB's words; see keyboard(5).
struct XkbLayout {
    std::string model = "pc105";
    std::string layout;   ///< "de", or several: "de,us"
    std::string variant;  ///< As many as layouts: "nodeadkeys,"
    std::string options;

    bool operator==(const XkbLayout&) const = default;
};

/// The layout that a kickstart means: --xlayouts ("de (nodeadkeys)", "us"), or else the console
/// keymap's line in `model_map` (systemd's kbd-model-map), or else its name up to the first "-".
XkbLayout xkb_layout(const kickstart::Keyboard& keyboard, std::string_view model_map);

/// What X reads on RPM trees, as systemd-localed writes it. Pure.
std::string xorg_file(const XkbLayout& layout);

/// /etc/vconsole.conf and, for X, /etc/default/keyboard (Debian) or
/// /etc/X11/xorg.conf.d/00-keyboard.conf (RPM); /etc/sysconfig/keyboard where there is no systemd.
/// Fault::invalid: the image has no such layout or no such keymap.
Result<void> set_keyboard(system::CommandRunner& runner,
                          const tree::Tree& tree,
                          const kickstart::Keyboard& keyboard);

}  // namespace img::rootfs
