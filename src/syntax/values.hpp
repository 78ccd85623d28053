// Names that a user may write, one parser each: what these refuse never reaches a tool's arguments.
//
// Each gives the name in its normal form, or Fault::invalid with a sentence that quotes the word
// and says what would do. No name begins with "-" or holds a shell character, a blank (groups,
// labels and repositories may), or a control character.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace img::syntax {

/// "openssh-server", "libc6:arm64", "kernel-*". Globs are * and ?, beside at least one letter or
/// digit: "*" alone would be every package there is.
Result<std::string> parse_package_name(std::string_view text);
/// "core", "Base System", "^minimal-environment"; without the leading "@".
Result<std::string> parse_group_name(std::string_view text);
/// shadow's default rule for users and their groups: a-z 0-9 _ -, at most 32.
Result<std::string> parse_user_name(std::string_view text);
/// Labels of RFC 1123, section 2.1, at most 253 bytes in all.
Result<std::string> parse_host_name(std::string_view text);
/// "ssh", "getty@ttyS0.service".
Result<std::string> parse_service_name(std::string_view text);
/// "//home/" becomes "/home"; ".." is refused.
Result<std::string> parse_absolute_path(std::string_view text);
/// As parse_absolute_path(), with * ? [ ] as globs.
Result<std::string> parse_attached_path(std::string_view text);
/// "yes", "on", "true", "1" and their opposites, in either case.
Result<bool> parse_yes_no(std::string_view text);
/// A name between 1 and 64 bytes: letters, digits and _ . : + @ -. Profiles, streams, desktops.
Result<std::string> parse_plain_name(std::string_view text);
/// As parse_plain_name(), and an option such as "--force" too.
Result<std::string> parse_plain_option(std::string_view text);
/// The command of a desktop session: as parse_printable(), without quotes and shell characters.
Result<std::string> parse_session(std::string_view text);
/// An absolute path of a form that fstab holds as it is.
Result<std::string> parse_mount_point(std::string_view text);
/// ext2 ext3 ext4 vfat efi btrfs xfs swap biosboot ubifs jffs2; "msdos" means vfat.
Result<std::string> parse_file_system(std::string_view text);
/// Printable, no quotes; its length depends on the file system: see label_bytes_max().
Result<std::string> parse_label(std::string_view text);
/// RFC 9562 form, or "ABCD-1234" as FAT has it; lower case, or upper case for FAT.
Result<std::string> parse_uuid(std::string_view text);
/// RFC 9562 form only, lower case: GPT type GUIDs.
Result<std::string> parse_guid(std::string_view text);
/// "sda", "mmcblk0", "disk/by-id/…"; a leading "/dev/" is dropped.
Result<std::string> parse_disk_name(std::string_view text);
/// "de_DE.UTF-8", "sr_RS@latin", "C.UTF-8".
Result<std::string> parse_locale(std::string_view text);
/// "us", "de-latin1-nodeadkeys".
Result<std::string> parse_keymap(std::string_view text);
/// "cz", "cz (qwerty)".
Result<std::string> parse_x_layout(std::string_view text);
/// "Europe/Berlin", "UTC", "Etc/GMT+1".
Result<std::string> parse_time_zone(std::string_view text);
/// "eth0", "link", a MAC address.
Result<std::string> parse_network_device(std::string_view text);
/// Becomes the name of a file: no "/".
Result<std::string> parse_repository_name(std::string_view text);
/// Any printable UTF-8 up to 4096 bytes, also none: passwords, words for the kernel.
Result<std::string> parse_printable(std::string_view text);
/// What /etc/passwd can hold between two colons.
Result<std::string> parse_passwd_field(std::string_view text);
/// A whole number, decimal digits only, at most `most`.
Result<std::uint64_t> parse_number(std::string_view text, std::uint64_t most);

/// Bytes of a label on that file system: 0 where it has none. Empty: the default, ext4.
std::size_t label_bytes_max(std::string_view file_system);

}  // namespace img::syntax
