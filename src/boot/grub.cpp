#include "boot/grub.hpp"

#include "base/byte_order.hpp"
#include "base/byte_size.hpp"

#include <fmt/format.h>
#include <utility>
#include <vector>

namespace img::boot {
namespace {

constexpr std::size_t kSector = 512;
constexpr std::size_t kBootCodeBytes = 440;  // then come the disk's signature and its partitions

// Offsets from grub-core/boot/i386/pc (boot.S, diskboot.S) of GRUB 2.06 and its
// include/grub/i386/pc/boot.h; images patched like this were booted.
constexpr std::size_t kKernelSectorAt = 0x5c;  // GRUB_BOOT_MACHINE_KERNEL_SECTOR
constexpr std::size_t kBootDriveAt = 0x64;     // GRUB_BOOT_MACHINE_BOOT_DRIVE
constexpr std::size_t kDriveCheckAt = 0x66;    // GRUB_BOOT_MACHINE_DRIVE_CHECK
constexpr std::size_t kBlocklistAt = 0x1f4;    // the last blocklist of diskboot.img
constexpr std::uint16_t kLoadSegment = 0x820;  // 0x8200, one sector behind diskboot's 0x8000

const std::vector<std::string>& common_modules() {
    static const std::vector<std::string> kModules = {
        "part_gpt", "part_msdos", "ext2",     "btrfs",          "xfs",
        "fat",      "iso9660",    "search",   "search_fs_uuid", "search_fs_file",
        "normal",   "configfile", "linux",    "serial",         "terminal",
        "gzio",     "echo",       "test",     "true",           "ls",
        "cat",      "boot",       "reboot",   "halt",           "password_pbkdf2",
        "sleep",    "minicmd",    "all_video"};
    return kModules;
}

/// A single-quoted word of GRUB's language, where only the quote itself ends it; control
/// characters become spaces.
std::string grub_word(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'') {
            out += "'\\''";
        } else {
            out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
        }
    }
    return out + "'";
}

/// Whatever `search` has set root to is where the menu is.
std::string load_config(std::string_view search, std::string_view grub_folder) {
    return fmt::format(
        "{}\n"
        "set prefix=($root){}\n"
        "configfile ($root){}/grub.cfg\n",
        search, grub_word(grub_folder), grub_word(grub_folder));
}

std::string_view image_format(Firmware firmware) {
    switch (firmware) {
        case Firmware::bios: return "i386-pc";
        case Firmware::uefi: return "x86_64-efi";
        case Firmware::bios_cd: return "i386-pc-eltorito";
    }
    return "";
}

/// The kernel's own rule: blanks divide, double quotes keep together (lib/cmdline.c, next_arg).
/// GRUB puts the quotes back around a word with blanks.
std::vector<std::string> kernel_words(std::string_view arguments) {
    std::vector<std::string> words;
    std::string word;
    bool in_quotes = false;
    bool started = false;
    for (const char c : arguments) {
        const bool blank = static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
        if (blank && !in_quotes) {
            if (started) {
                words.push_back(std::exchange(word, {}));
            }
            started = false;
            continue;
        }
        started = true;
        if (c == '"') {
            in_quotes = !in_quotes;
        } else {
            word += c;
        }
    }
    if (started) {
        words.push_back(word);
    }
    return words;
}

}  // namespace

std::filesystem::path grub_parts(Firmware firmware) {
    return firmware == Firmware::uefi ? "/usr/lib/grub/x86_64-efi" : "/usr/lib/grub/i386-pc";
}

std::string grub_search_config(std::string_view fs_uuid, std::string_view grub_folder) {
    return load_config(
        fmt::format("search --no-floppy --fs-uuid --set=root {}", grub_word(fs_uuid)), grub_folder);
}

std::string grub_marker_config(std::string_view marker, std::string_view grub_folder) {
    return load_config(fmt::format("search --no-floppy --file --set=root {}", grub_word(marker)),
                       grub_folder);
}

system::Command grub_mkimage(Firmware firmware,
                             const std::string& grub_folder,
                             const std::filesystem::path& config,
                             const std::filesystem::path& core) {
    system::Command command{.argv = {"grub-mkimage", "-O", std::string(image_format(firmware)),
                                     "-d", grub_parts(firmware).string(), "-p", grub_folder, "-c",
                                     config.string(), "-o", core.string()}};
    command.argv.insert(command.argv.end(), common_modules().begin(), common_modules().end());
    if (firmware == Firmware::uefi) {
        command.argv.insert(command.argv.end(), {"efi_gop", "efi_uga"});
    } else {
        command.argv.emplace_back("biosdisk");
    }
    return command;
}

Result<std::string> boot_sector(std::string_view boot_img, std::uint64_t core_sector) {
    if (boot_img.size() != kSector || !boot_img.ends_with("\x55\xaa")) {
        return fail(Fault::broken, "GRUB's boot.img is not a boot sector: reinstall grub-pc-bin");
    }
    std::string code(boot_img.substr(0, kBootCodeBytes));
    put_le(code, kKernelSectorAt, core_sector);
    code[kBootDriveAt] = static_cast<char>(0xff);  // boot from the drive that the BIOS names
    // Two NOPs over a jump: GRUB then trusts DL only if it looks like a hard disk.
    code[kDriveCheckAt] = static_cast<char>(0x90);
    code[kDriveCheckAt + 1] = static_cast<char>(0x90);
    return code;
}

Result<std::string> placed_core(std::string core_img,
                                std::uint64_t core_sector,
                                std::uint64_t room_bytes) {
    if (core_img.size() <= kSector) {
        return fail(Fault::broken, "grub-mkimage made no core.img: reinstall grub-pc-bin");
    }
    core_img.resize(round_up(core_img.size(), kSector), '\0');
    if (core_img.size() > room_bytes) {
        return fail(Fault::invalid,
                    fmt::format("GRUB needs {} but the place for it has {}: a BIOS boot partition "
                                "needs 1 MiB",
                                human_size(core_img.size()), human_size(room_bytes)));
    }
    put_le(core_img, kBlocklistAt, core_sector + 1);
    put_le(core_img, kBlocklistAt + 8, static_cast<std::uint16_t>(core_img.size() / kSector - 1));
    put_le(core_img, kBlocklistAt + 10, kLoadSegment);
    return core_img;
}

std::string grub_config(const BootMenu& menu) {
    std::string text = fmt::format(
        "# Written by IMG.\n"
        "set default=0\n"
        "set timeout={}\n"
        "if [ \"$grub_platform\" = pc ]; then\n"
        "    if serial --unit=0 --speed=115200; then\n"
        "        terminal_input console serial\n"
        "        terminal_output console serial\n"
        "    fi\n"
        "fi\n",
        menu.timeout);
    if (!menu.password_hash.empty()) {
        text += fmt::format("set superusers=root\npassword_pbkdf2 root {}\n",
                            grub_word(menu.password_hash));
    }
    const std::string_view open = menu.password_hash.empty() ? "" : " --unrestricted";
    for (const BootEntry& entry : menu.entries) {
        text += fmt::format("menuentry {}{} {{\n    linux {}", grub_word(entry.title), open,
                            grub_word(entry.kernel));
        for (const std::string& word : kernel_words(entry.arguments)) {
            text += ' ';
            text += grub_word(word);
        }
        text += "\n";
        if (!entry.initrd.empty()) {
            text += fmt::format("    initrd {}\n", grub_word(entry.initrd));
        }
        text += "}\n";
    }
    return text;
}

}  // namespace img::boot
