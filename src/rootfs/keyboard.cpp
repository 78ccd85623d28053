#include "rootfs/keyboard.hpp"

#include "base/text.hpp"
#include "tree/distribution.hpp"
#include "tree/place.hpp"
#include "tree/plain_text.hpp"
#include "tree/tree.hpp"

#include <algorithm>

namespace img::rootfs {
namespace {

using tree::did_you_mean;
using tree::has_systemd;
using tree::is_plain;
using tree::is_rpm_tree;
using tree::refuse;
using tree::Tree;

constexpr auto kModelMap = "/usr/share/systemd/kbd-model-map";
constexpr auto kXkbSymbols = "/usr/share/X11/xkb/symbols";
constexpr auto kConsoleKeymaps = "/usr/lib/kbd/keymaps";  // of RPM trees; Debian compiles its own

/// The files below are read by shells: nothing but plain words goes into them.
bool is_word(std::string_view text) {
    return is_plain(text, "_-+.,:");
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

XkbLayout from_keymap(const std::string& keymap, std::string_view model_map) {
    for (const auto& line : split(model_map, "\n")) {
        const auto cells = split(line, " \t");
        if (cells.size() == 5 && cells[0] == keymap) {
            return {.model = cells[2],
                    .layout = cells[1],
                    .variant = cell(cells[3]),
                    .options = cell(cells[4])};
        }
    }
    return {.layout = keymap.substr(0, keymap.find('-')), .variant = "", .options = ""};
}

/// The names of the keymaps in a folder and the folders below it, without ".map.gz".
void add_keymaps(const Tree& tree,
                 const std::filesystem::path& folder,
                 int depth,
                 std::vector<std::string>& names) {
    for (const auto& name : tree.list(folder)) {
        if (const auto end = name.find(".map"); end != std::string::npos) {
            names.push_back(name.substr(0, end));
        } else if (depth > 0) {
            add_keymaps(tree, folder / name, depth - 1, names);
        }
    }
}

Result<void> check(const Tree& tree,
                   const kickstart::Keyboard& keyboard,
                   const XkbLayout& xkb,
                   const std::string& keymap) {
    const std::string command =
        "keyboard " + (keyboard.keymap.empty() ? join(keyboard.x_layouts, ",") : keyboard.keymap);
    const std::vector<std::string> words{keymap, xkb.layout, xkb.variant, xkb.options, xkb.model};
    if (xkb.layout.empty() || !std::ranges::all_of(words, is_word)) {
        return refuse(command, keyboard.where, "not the name of a keymap, as de or us is");
    }
    for (const auto& layout : split(xkb.layout, ",")) {
        if (tree.exists(kXkbSymbols) && !tree.is_file(std::string(kXkbSymbols) + "/" + layout)) {
            return refuse(command, keyboard.where,
                          fmt::format("the image has no keyboard layout {}{}", layout,
                                      did_you_mean(layout, tree.list(kXkbSymbols))));
        }
    }
    // A keymap derived from the layouts for X is only the best guess: none of that name is no
    // fault of the author's.
    if (!keyboard.keymap.empty() && tree.exists(kConsoleKeymaps)) {
        std::vector<std::string> names;
        add_keymaps(tree, kConsoleKeymaps, 3, names);
        if (!names.empty() && std::ranges::find(names, keymap) == names.end()) {
            return refuse(command, keyboard.where,
                          fmt::format("the image has no console keymap {}{}", keymap,
                                      did_you_mean(keymap, names)));
        }
    }
    return {};
}

}  // namespace

XkbLayout xkb_layout(const kickstart::Keyboard& keyboard, std::string_view model_map) {
    XkbLayout xkb = keyboard.x_layouts.empty() ? from_keymap(keyboard.keymap, model_map)
                                               : from_x_layouts(keyboard.x_layouts);
    if (!keyboard.x_options.empty()) {
        xkb.options = join(keyboard.x_options, ",");
    }
    return xkb;
}

std::string xorg_file(const XkbLayout& layout) {
    std::string text =
        "# Read and written by systemd-localed too: localectl(1) changes it.\n"
        "Section \"InputClass\"\n"
        "        Identifier \"system-keyboard\"\n"
        "        MatchIsKeyboard \"on\"\n";
    for (const auto& [name, value] :
         {std::pair("XkbLayout", &layout.layout), std::pair("XkbModel", &layout.model),
          std::pair("XkbVariant", &layout.variant), std::pair("XkbOptions", &layout.options)}) {
        if (!value->empty()) {
            text += fmt::format("        Option \"{}\" \"{}\"\n", name, *value);
        }
    }
    return text + "EndSection\n";
}

Result<void> set_keyboard(system::CommandRunner& runner,
                          const Tree& tree,
                          const kickstart::Keyboard& keyboard) {
    const XkbLayout xkb = xkb_layout(keyboard, TRY(tree.read_if_there(kModelMap)));
    const std::string keymap =
        keyboard.keymap.empty() ? xkb.layout.substr(0, xkb.layout.find(',')) : keyboard.keymap;
    TRY(check(tree, keyboard, xkb, keymap));
    const bool rpm = is_rpm_tree(tree);
    if (rpm) {
        TRY(tree.write("/etc/X11/xorg.conf.d/00-keyboard.conf", xorg_file(xkb)));
    } else {
        TRY(tree.write("/etc/default/keyboard",
                       fmt::format("# See keyboard(5).\nXKBMODEL=\"{}\"\nXKBLAYOUT=\"{}\"\n"
                                   "XKBVARIANT=\"{}\"\nXKBOPTIONS=\"{}\"\n\nBACKSPACE=\"guess\"\n",
                                   xkb.model, xkb.layout, xkb.variant, xkb.options)));
    }
    if (rpm && !has_systemd(tree)) {
        TRY(tree.write("/etc/sysconfig/keyboard",
                       fmt::format("KEYBOARDTYPE=\"pc\"\nKEYTABLE=\"{}\"\n", keymap)));
    }
    TRY(tree.write("/etc/vconsole.conf", fmt::format("KEYMAP={}\n", keymap)));
    // The console's keymap was compiled when the package was configured; make it anew now, since
    // the next one to look would be the first boot, and by time stamps that a build clamps.
    if (tree.is_program("/usr/bin/setupcon") || tree.is_program("/bin/setupcon")) {
        TRY(runner.run({.argv = {"setupcon", "--save-only"}, .root = tree.folder()}));
    }
    return {};
}

}  // namespace img::rootfs
