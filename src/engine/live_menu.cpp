#include "engine/live_menu.hpp"

#include "base/printable.hpp"
#include "base/text.hpp"
#include "boot/grub_password.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>

namespace img::engine {
namespace {

/// Titles and words as MeeGo's image creator had them; 4 was the runlevel of its installer.
struct KeyWord {
    std::string_view name;
    std::string_view title;  ///< Empty: no entry comes of it.
    std::string_view arguments;
};
constexpr std::array<KeyWord, 6> kKeyWords{{
    {"bootinstall", "Installation only", "liveinst nosplash 4"},
    {"liveinst", "Installation only", "liveinst nosplash 4"},
    {"autoinst", "Automatic installation (deletes all existing content)", "autoinst nosplash 4"},
    {"basic", "Installation with basic graphics", "basic nosplash 4"},
    {"netinst", "Installation from the network", "netinst 4"},
    {"verify", "", ""},
}};

Result<MenuWish> parse_triple(std::string_view text) {
    const auto first = text.find(':');
    const auto second = first == std::string_view::npos ? first : text.find(':', first + 1);
    if (second == std::string_view::npos || second == first + 1) {
        return fail(Fault::invalid,
                    fmt::format("'{}' is no entry of a menu; write short:long:extra, where long is "
                                "what the menu shows and extra goes to the kernel",
                                printable(text)));
    }
    return MenuWish{.title = std::string(trim(text.substr(first + 1, second - first - 1))),
                    .arguments = std::string(trim(text.substr(second + 1)))};
}

Result<std::optional<MenuWish>> parse_key_word(std::string_view text) {
    const auto found = std::ranges::find(kKeyWords, text, &KeyWord::name);
    if (found == kKeyWords.end()) {
        return fail(
            Fault::invalid,
            fmt::format("'{}' is no entry of a menu; write short:long:extra, or bootinstall, "
                        "autoinst, basic, netinst, verify",
                        printable(text)));
    }
    if (found->title.empty()) {
        return std::optional<MenuWish>();
    }
    return std::optional(
        MenuWish{.title = std::string(found->title), .arguments = std::string(found->arguments)});
}

std::string with_more(const std::string& words, const std::string& more) {
    return words.empty() || more.empty() ? words + more : words + " " + more;
}

}  // namespace

Result<std::vector<MenuWish>> parse_menus(std::string_view menus) {
    std::vector<MenuWish> wishes;
    if (menus.contains(':')) {
        for (const std::string& entry : split(menus, ";")) {
            wishes.push_back(TRY(parse_triple(entry)));
        }
        return wishes;
    }
    for (const std::string& word : split(menus, " ,;")) {
        if (auto wish = TRY(parse_key_word(word))) {
            wishes.push_back(*std::move(wish));
        }
    }
    return wishes;
}

void check_menus(const Plan& plan, syntax::Reporter& report) {
    const auto& bootloader = plan.document.bootloader;
    if (!bootloader || bootloader->menus.empty()) {
        return;
    }
    if (!plan.type.live) {
        report.note(bootloader->where,
                    "bootloader --menus: it is the menu of live images, and {} is none",
                    plan.type.name);
    } else if (const auto wishes = parse_menus(bootloader->menus); !wishes) {
        report.refuse(bootloader->where, "bootloader --menus: {}", wishes.error().message);
    }
}

Result<boot::BootMenu> live_menu(const Plan& plan,
                                 const std::string& name,
                                 const std::string& seed,
                                 std::span<const rootfs::Kernel> kernels) {
    const auto bootloader = plan.document.bootloader.value_or(kickstart::Bootloader{});
    std::vector<MenuWish> wishes = TRY(parse_menus(bootloader.menus));
    wishes.insert(wishes.begin(), {.title = name + " live", .arguments = ""});
    boot::BootMenu menu;
    menu.timeout = plan.menu_timeout;
    menu.password_hash = TRY(menu_password_hash(plan.document, seed));
    for (const rootfs::Kernel& kernel : kernels) {
        boot::BootEntry entry{.kernel = kernel.kernel_path, .initrd = kernel.initrd_path};
        for (const MenuWish& wish : wishes) {
            entry.title = fmt::format("{} ({})", wish.title, kernel.version);
            entry.arguments = with_more(wish.arguments, plan.kernel_arguments);
            menu.entries.push_back(entry);
        }
        entry.title = fmt::format("Check the medium ({})", kernel.version);
        entry.arguments = plan.kernel_arguments;
        entry.checks_medium = true;
        menu.entries.push_back(std::move(entry));
    }
    return menu;
}

Result<std::string> menu_password_hash(const kickstart::Document& document,
                                       const std::string& seed) {
    const auto& said = document.bootloader;
    if (!said || said->password.empty()) {
        return std::string();
    }
    return said->crypted ? said->password : TRY(boot::grub_password_hash(said->password, seed));
}

}  // namespace img::engine
