#include "rootfs/keyboard.hpp"

#include "base/nearest.hpp"
#include "base/printable.hpp"
#include "base/text.hpp"
#include "rootfs/place.hpp"
#include "rootfs/tree.hpp"

namespace img::rootfs {
namespace {

constexpr auto kModelMap = "/usr/share/systemd/kbd-model-map";
constexpr auto kXkbSymbols = "/usr/share/X11/xkb/symbols";

bool is_word(std::string_view text) {
    return text.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
               "0123456789_-+.,:") == std::string_view::npos;
}

/// "-" stands for nothing in kbd-model-map.
std::string cell(const std::string& text) {
    return text == "-" ? std::string() : text;
}

XkbLayout from_x_layouts(const std::vector<std::string>& x_layouts) {
    XkbLayout result;
    bool any_variant = false;
    for (std::size_t i = 0; i < x_layouts.size(); ++i) {
        const auto pieces = split(x_layouts[i], " ()\t");
        const std::string comma = i == 0 ? "" : ",";
        result.layout += comma + (pieces.empty() ? "" : pieces[0]);
        result.variant += comma + (pieces.size() > 1 ? pieces[1] : "");
        any_variant = any_variant || pieces.size() > 1;
    }
    if (!any_variant) {
        result.variant.clear();
    }
    return result;
}

}  // namespace

XkbLayout xkb_layout(const kickstart::Keyboard& keyboard, std::string_view model_map) {
    if (!keyboard.x_layouts.empty()) {
        return from_x_layouts(keyboard.x_layouts);
    }
    for (const auto& line : split(model_map, "\n")) {
        const auto cells = split(line, " \t");
        if (cells.size() == 5 && cells[0] == keyboard.keymap) {
            return {.model = cells[2],
                    .layout = cells[1],
                    .variant = cell(cells[3]),
                    .options = cell(cells[4])};
        }
    }
    return {.layout = keyboard.keymap.substr(0, keyboard.keymap.find('-')),
            .variant = "",
            .options = ""};
}

Result<void> set_keyboard(system::CommandRunner& runner,
                          const Tree& tree,
                          const kickstart::Keyboard& keyboard) {
    const std::string map = tree.is_file(kModelMap) ? TRY(tree.read(kModelMap)) : std::string();
    const XkbLayout xkb = xkb_layout(keyboard, map);
    const std::string name =
        printable(keyboard.keymap.empty() ? join(keyboard.x_layouts, ",") : keyboard.keymap);
    // The file below is read by shells: nothing but plain words goes into it.
    if (!is_word(keyboard.keymap) || !is_word(xkb.layout) || !is_word(xkb.variant) ||
        xkb.layout.empty()) {
        return fail(Fault::invalid, fmt::format("{}: not the name of a keymap, as de or us is",
                                                place("keyboard " + name, keyboard.where)));
    }
    for (const auto& layout : split(xkb.layout, ",")) {
        if (tree.exists(kXkbSymbols) && !tree.is_file(std::string(kXkbSymbols) + "/" + layout)) {
            const std::string close = nearest(layout, tree.list(kXkbSymbols));
            return fail(Fault::invalid,
                        fmt::format("{}: the image has no keyboard layout {}{}",
                                    place("keyboard " + name, keyboard.where), layout,
                                    close.empty() ? "" : ", did you mean " + close));
        }
    }
    TRY(tree.write("/etc/default/keyboard",
                   fmt::format("# See keyboard(5).\nXKBMODEL=\"{}\"\nXKBLAYOUT=\"{}\"\n"
                               "XKBVARIANT=\"{}\"\nXKBOPTIONS=\"{}\"\n\nBACKSPACE=\"guess\"\n",
                               xkb.model, xkb.layout, xkb.variant, xkb.options)));
    const std::string keymap = keyboard.keymap.empty() ? xkb.layout : keyboard.keymap;
    TRY(tree.write("/etc/vconsole.conf",
                   fmt::format("KEYMAP={}\n", keymap.substr(0, keymap.find(',')))));
    // The console's keymap was compiled when the package was configured; make it anew now, since
    // the next one to look would be the first boot, and by time stamps that a build clamps.
    if (tree.is_program("/usr/bin/setupcon") || tree.is_program("/bin/setupcon")) {
        TRY(runner.run({.argv = {"setupcon", "--save-only"}, .root = tree.folder()}));
    }
    return {};
}

}  // namespace img::rootfs
