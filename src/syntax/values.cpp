#include "syntax/values.hpp"

#include "base/nearest.hpp"
#include "base/text.hpp"
#include "syntax/quote.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>

namespace img::syntax {
namespace {

constexpr std::size_t kPrintableBytesMax = 4096;  // the longest kernel command line there is
constexpr std::size_t kPathBytesMax = 1024;  // far below PATH_MAX, the tree's own path comes before

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
bool is_alnum(char c) {
    return is_digit(c) || is_lower(c) || is_upper(c);
}
bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// Letters, digits and the characters of `extra`, and nothing else.
bool only(std::string_view text, std::string_view extra) {
    return std::ranges::all_of(text, [&](char c) { return is_alnum(c) || extra.contains(c); });
}

/// As only(), from 1 to `bytes_max` bytes, the first of them a letter, a digit or in `first`.
bool is_name(std::string_view text,
             std::string_view first,
             std::string_view extra,
             std::size_t bytes_max) {
    return !text.empty() && text.size() <= bytes_max && only(text.substr(0, 1), first) &&
           only(text, extra);
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

Result<std::string> named(bool good, std::string_view text, std::string_view what) {
    if (!good) {
        return fail(Fault::invalid, fmt::format("{} is not {}", in_quotes(text), what));
    }
    return std::string(text);
}

bool is_rfc_uuid(std::string_view text) {
    if (text.size() != 36) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !is_hex(text[i])) {
            return false;
        }
    }
    return true;
}

bool is_fat_uuid(std::string_view text) {
    return text.size() == 9 && text[4] == '-' && std::ranges::count_if(text, is_hex) == 8;
}

}  // namespace

Result<std::string> parse_package_name(std::string_view text) {
    const bool good = is_name(text, "*", "+._:~*?-", 128) && std::ranges::any_of(text, is_alnum);
    return named(good, text,
                 "a package name: letters, digits and + . _ : ~ -, with * and ? as globs, at most "
                 "128, a letter or digit first");
}

Result<std::string> parse_group_name(std::string_view text) {
    return named(is_name(text, "^", "+._:/^ ()-", 128) && !text.ends_with(' '), text,
                 "a group name: letters, digits, blanks and + . _ : / ( ) -, at most 128");
}

Result<std::string> parse_user_name(std::string_view text) {
    const bool good =
        is_name(text, "_", "_-", 32) && !is_digit(text[0]) && std::ranges::none_of(text, is_upper);
    return named(good, text, "a user name: a-z, 0-9, _ and -, at most 32, a letter or _ first");
}

Result<std::string> parse_host_name(std::string_view text) {
    bool good = !text.empty() && text.size() <= 253;
    for (std::size_t start = 0; good && start <= text.size();) {
        const auto end = std::min(text.find('.', start), text.size());
        const auto label = text.substr(start, end - start);
        good = is_name(label, "", "-", 63) && !label.ends_with('-');
        start = end + 1;
    }
    return named(good, text,
                 "a host name: labels of letters, digits and inner -, at most 63 each, with dots "
                 "between");
}

Result<std::string> parse_service_name(std::string_view text) {
    return named(is_name(text, "", ":_.@-", 255), text,
                 "a service: letters, digits and : _ . @ -, a letter or digit first");
}

Result<std::string> parse_absolute_path(std::string_view text) {
    if (!text.starts_with('/') || text.size() > kPathBytesMax || !only(text, "/._+:@~-")) {
        return named(false, text,
                     "an absolute path of letters, digits and . _ + : @ ~ - (at most 1024)");
    }
    std::string path;
    for (const auto& part : split(text, "/")) {
        if (part == "..") {
            return fail(Fault::invalid, fmt::format("{} leaves its folder with ..; write the path "
                                                    "it ends at",
                                                    in_quotes(text)));
        }
        if (part != ".") {
            path += '/' + part;
        }
    }
    return path.empty() ? "/" : path;
}

Result<std::string> parse_attached_path(std::string_view text) {
    std::string plain(text);  // with globs as letters, its form is that of a path
    std::ranges::replace_if(
        plain, [](char c) { return std::string_view("*?[]").contains(c); }, 'x');
    if (!parse_absolute_path(plain)) {
        return named(false, text, "an absolute path, with * ? [ ] as globs");
    }
    return std::string(text);
}

Result<bool> parse_yes_no(std::string_view text) {
    const auto word = lower(text);
    for (const std::string_view yes : {"yes", "on", "true", "1"}) {
        if (word == yes) {
            return true;
        }
    }
    for (const std::string_view no : {"no", "off", "false", "0"}) {
        if (word == no) {
            return false;
        }
    }
    return fail(Fault::invalid, fmt::format("{} is neither yes nor no", in_quotes(text)));
}

Result<std::string> parse_plain_name(std::string_view text) {
    return named(is_name(text, "_", "_.:+@-", 64), text,
                 "a name: letters, digits and _ . : + @ -, at most 64");
}

Result<std::string> parse_plain_option(std::string_view text) {
    const auto word = text.substr(std::min(text.find_first_not_of('-'), text.size()));
    return named(text.size() - word.size() <= 2 && is_name(word, "_", "_.:+=/,@-", 128), text,
                 "a word of letters, digits and _ . : + = / , @ -");
}

Result<std::string> parse_session(std::string_view text) {
    auto session = TRY(parse_printable(text));
    if (session.find_first_of("\"'`$\\;&|<>") != std::string::npos) {
        return fail(Fault::invalid,
                    fmt::format("{} holds a quote or a character of the shell; name a program and "
                                "its words",
                                in_quotes(text)));
    }
    return session;
}

Result<std::string> parse_mount_point(std::string_view text) {
    return parse_absolute_path(text);
}

Result<std::string> parse_file_system(std::string_view text) {
    static const std::array<std::string, 12> known{"ext2",  "ext3",     "ext4",  "vfat",
                                                   "msdos", "efi",      "btrfs", "xfs",
                                                   "swap",  "biosboot", "ubifs", "jffs2"};
    const auto wanted = lower(text);
    if (std::ranges::find(known, wanted) == known.end()) {
        const auto meant = nearest(wanted, known);
        return fail(Fault::invalid,
                    fmt::format("{} is not a file system IMG makes ({}){}", in_quotes(text),
                                "ext2 ext3 ext4 vfat efi btrfs xfs swap biosboot ubifs jffs2",
                                meant.empty() ? "" : "; did you mean " + meant + "?"));
    }
    return wanted == "msdos" ? "vfat" : wanted;
}

Result<std::string> parse_label(std::string_view text) {
    return named(is_name(text, "_.+#", "_.+:@#= -", 255) && !text.ends_with(' '), text,
                 "a label: letters, digits, inner blanks and _ . + : @ # = -");
}

Result<std::string> parse_uuid(std::string_view text) {
    if (is_fat_uuid(text)) {
        std::string out(text);
        std::ranges::transform(out, out.begin(), [](char c) {
            return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
        });
        return out;
    }
    return named(is_rfc_uuid(text), lower(text),
                 "a UUID: 8-4-4-4-12 hexadecimal digits, or 4-4 for vfat");
}

Result<std::string> parse_guid(std::string_view text) {
    return named(is_rfc_uuid(text), lower(text), "a GUID: 8-4-4-4-12 hexadecimal digits");
}

Result<std::string> parse_disk_name(std::string_view text) {
    const auto name = text.starts_with("/dev/") ? text.substr(5) : text;
    return named(is_name(name, "", "_.:/-", 128) && !name.contains("..") && !name.ends_with('/'),
                 name, "a disk, such as sda or mmcblk0");
}

Result<std::string> parse_locale(std::string_view text) {
    // language[_TERRITORY][.codeset][@modifier]
    std::string_view rest = text;
    const auto modifier = std::min(rest.find('@'), rest.size());
    bool good = modifier == rest.size() || is_name(rest.substr(modifier + 1), "", "", 16);
    rest = rest.substr(0, modifier);
    const auto codeset = std::min(rest.find('.'), rest.size());
    good = good && (codeset == rest.size() || is_name(rest.substr(codeset + 1), "", "-", 16));
    rest = rest.substr(0, codeset);
    const auto territory = std::min(rest.find('_'), rest.size());
    const auto land = territory == rest.size() ? "XX" : rest.substr(territory + 1);
    const auto language = rest.substr(0, territory);
    const bool land_good = (land.size() == 2 && std::ranges::all_of(land, is_upper)) ||
                           (land.size() == 3 && std::ranges::all_of(land, is_digit));  // es_419
    const bool language_good =
        (language.size() == 2 || language.size() == 3) && std::ranges::all_of(language, is_lower);
    good = good && ((language_good && land_good) || rest == "C" || rest == "POSIX");
    return named(good, text, "a locale, such as de_DE.UTF-8 or C.UTF-8");
}

Result<std::string> parse_keymap(std::string_view text) {
    return named(is_name(text, "", "_.+-", 64), text, "a keymap, such as us or de-latin1");
}

Result<std::string> parse_x_layout(std::string_view text) {
    const auto open = std::min(text.find(" ("), text.size());
    const auto variant = open == text.size() ? "x" : text.substr(open + 2);
    const bool variant_good =
        open == text.size() ||
        (variant.ends_with(')') && is_name(variant.substr(0, variant.size() - 1), "", "_-", 32));
    return named(variant_good && is_name(text.substr(0, open), "", "_-", 32), text,
                 "a keyboard layout, such as cz or cz (qwerty)");
}

Result<std::string> parse_time_zone(std::string_view text) {
    const auto parts = split(text, "/");
    const bool parts_good =
        !parts.empty() && parts.size() <= 3 && text.size() <= 64 &&
        std::ranges::all_of(parts, [](const auto& part) { return is_name(part, "", "_+-", 64); });
    return named(parts_good && join(parts, "/") == text, text,
                 "a time zone, such as Europe/Berlin or UTC");
}

Result<std::string> parse_network_device(std::string_view text) {
    return named(is_name(text, "", "_.:@-", 64), text, "a network device, such as eth0");
}

Result<std::string> parse_repository_name(std::string_view text) {
    return named(is_name(text, "_", "_.:+~@ -", 128) && !text.ends_with(' '), text,
                 "a repository name: letters, digits, inner blanks and _ . : + ~ @ -");
}

Result<std::string> parse_printable(std::string_view text) {
    if (text.size() > kPrintableBytesMax) {
        return fail(Fault::invalid,
                    fmt::format("{} is longer than {} bytes", in_quotes(text), kPrintableBytesMax));
    }
    std::size_t at = 0;
    while (at < text.size()) {
        const auto length = utf8_length(text.substr(at));
        if (length == 0) {
            return fail(Fault::invalid, fmt::format("{} is not UTF-8", in_quotes(text)));
        }
        at += length;
    }
    if (has_control_characters(text)) {
        return fail(Fault::invalid, fmt::format("{} holds a control character", in_quotes(text)));
    }
    return std::string(text);
}

Result<std::string> parse_passwd_field(std::string_view text) {
    auto field = TRY(parse_printable(text));
    if (field.contains(':')) {
        return fail(Fault::invalid,
                    fmt::format("{} holds a colon, which /etc/passwd cannot", in_quotes(text)));
    }
    return field;
}

Result<std::uint64_t> parse_number(std::string_view text, std::uint64_t most) {
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    const bool too_large = error == std::errc::result_out_of_range || value > most;
    if (text.starts_with('-') && text.size() > 1 && only(text.substr(1), "")) {
        return fail(Fault::invalid, fmt::format("{} is less than 0", in_quotes(text)));
    }
    if (text.empty() || stop != end || error == std::errc::invalid_argument) {
        return fail(Fault::invalid, fmt::format("{} is not a whole number", in_quotes(text)));
    }
    if (too_large) {
        return fail(Fault::invalid, fmt::format("{} is more than {}", in_quotes(text), most));
    }
    return value;
}

std::size_t label_bytes_max(std::string_view file_system) {
    struct Limit {
        std::string_view file_system;
        std::size_t bytes;
    };
    static constexpr std::array<Limit, 8> kLimits{{
        {"vfat", 11},    // FAT's volume label
        {"efi", 11},     //
        {"btrfs", 255},  // BTRFS_LABEL_SIZE less its NUL
        {"xfs", 12},     // sb_fname
        {"swap", 15},    // volume_name[16], NUL included, as mkswap writes it
        {"biosboot", 0},
        {"ubifs", 127},  // UBI_VOL_NAME_MAX: the label is the name of its UBI volume
        {"jffs2", 0},
    }};
    const auto* const limit = std::ranges::find(kLimits, file_system, &Limit::file_system);
    return limit == kLimits.end() ? 16 : limit->bytes;  // ext2/3/4: s_volume_name[16]
}

}  // namespace img::syntax
