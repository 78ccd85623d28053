#include "syntax/values.hpp"

#include "syntax/address.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace img::syntax {
namespace {

using Parser = Result<std::string> (*)(std::string_view);

struct Row {
    std::string_view title;
    Parser parse;
    std::vector<std::string_view> good;
    std::vector<std::string_view> bad;
};

std::vector<Row> rows() {
    return {
        {"package",
         parse_package_name,
         {"vim", "g++-12", "libc6:arm64", "lib*", "*-dev", "SDL_image", "python3.?"},
         {"*", "??", "a b", ".a", "a=1", "a/b", "[ab]"}},
        {"group",
         parse_group_name,
         {"core", "Base System", "^min-env", "X (lite)"},
         {"a ", "@@core", " a"}},
        {"user",
         parse_user_name,
         {"joe", "_apt", "www-data", "a1"},
         {"Joe", "1a", "joe bloggs", "joe$", "joe.b", "abcdefghijklmnopqrstuvwxyz0123456"}},
        {"host",
         parse_host_name,
         {"a", "a-b.example.org", "1.2.3.4", "LOCALHOST"},
         {"a_b", "a..b", "a.", ".a", "a-", "a-.b", "grün"}},
        {"service",
         parse_service_name,
         {"ssh", "getty@ttyS0.service", "dbus-org.x"},
         {"a b", "a/b", "a\\x2d", "@x"}},
        {"path",
         parse_absolute_path,
         {"/", "/home", "/var/lib/x_y", "/a+b"},
         {"home", "/a/../b", "/..", "/a b", "/a\"b", "/a,b", "/grün"}},
        {"label", parse_label, {"ROOT", "My disk", "_a"}, {"a'b", "a/b", "a ", " a"}},
        {"guid",
         parse_guid,
         {"6b29fc40-ca47-1067-b31d-00dd010662da"},
         {"6b29fc40", "6b29fc40-ca47-1067-b31d-00dd010662dg",
          "6b29fc40-ca471-067-b31d-00dd010662da"}},
        {"disk",
         parse_disk_name,
         {"sda", "mmcblk0", "disk/by-id/ata-x"},
         {"../x", "a/../b", "sda/", "s da"}},
        {"locale",
         parse_locale,
         {"de_DE.UTF-8", "C.UTF-8", "C", "POSIX", "sr_RS@latin", "es_419", "en"},
         {"DE", "de_de", "de_DE.", "de_DE UTF-8", "german", "de_DE@", "C_US"}},
        {"keymap", parse_keymap, {"us", "de-latin1-nodeadkeys", "sv_1"}, {"us de", "u/s"}},
        {"x layout", parse_x_layout, {"us", "cz (qwerty)"}, {"cz (", "cz ()", "c z"}},
        {"zone",
         parse_time_zone,
         {"Europe/Berlin", "UTC", "Etc/GMT+1", "America/Indiana/Knox"},
         {"Europe//Berlin", "/UTC", "UTC/", "a/b/c/d", "../x", "Eu rope"}},
        {"device", parse_network_device, {"eth0", "link", "00:16:3e:00:00:01"}, {"eth 0", "a/b"}},
        {"repository",
         parse_repository_name,
         {"main", "Fedora 40 - x86_64", "_copr:a"},
         {"a/b", "a ", ".."}},
        {"passwd field", parse_passwd_field, {"", "Jörg, room 1", "a'b"}, {"a:b", "\xff"}},
        {"suite",
         parse_suite,
         {"bookworm", "stable/updates", "./"},
         {"../x", "a/../b", "/", "a b"}},
        {"component",
         parse_component,
         {"main", "non-free-firmware", "updates/main"},
         {"..", "a//../b", "a,b", "a b"}},
        {"key",
         parse_key_location,
         {"/etc/apt/keys/x.gpg", "keys/x.asc", "https://h/k"},
         {"../x", "a b", "ftp://h/k"}},
        {"ip", parse_ip, {"192.0.2.1", "::1", "2001:db8::1"}, {"1.2.3", "300.1.1.1", "::g"}},
        {"ipv4", parse_ipv4, {"192.0.2.1"}, {"::1", "1.2.3.4/24", "01.2.3.4.5"}},
    };
}

TEST(Values, TakesTheNamesThatPeopleUse) {
    for (const auto& row : rows()) {
        for (const auto text : row.good) {
            const auto value = row.parse(text);
            EXPECT_TRUE(value) << row.title << ": " << text;
            EXPECT_EQ(value.value_or(""), text) << row.title;
        }
    }
}

TEST(Values, RefusesWhatIsNoSuchName) {
    for (const auto& row : rows()) {
        for (const auto text : row.bad) {
            const auto value = row.parse(text);
            ASSERT_FALSE(value) << row.title << ": " << text;
            EXPECT_EQ(value.error().fault, Fault::invalid);
        }
    }
}

// What would turn a name into an option, a second command, a second line or a shorter string.
TEST(Values, LetsNoNameReachAnotherMeaning) {
    using std::string_view_literals::operator""sv;
    for (const auto& row : rows()) {
        if (row.title == "passwd field") {
            continue;  // Free text, which no tool takes as an argument of its own.
        }
        for (const auto text :
             {""sv,        "-x"sv,   "--root=/"sv, "a;b"sv,  "$(a)"sv, "`a`"sv,  "a|b"sv,
              "a&b"sv,     "a>b"sv,  "a\nb"sv,     "a\rb"sv, "a\tb"sv, "a\0b"sv, "a\x7f"sv,
              "\x1b[2J"sv, "a\\b"sv, "a'b"sv,      "a\"b"sv, "!a"sv,   "a\xff"sv}) {
            EXPECT_FALSE(row.parse(text)) << row.title << ": " << text;
        }
    }
}

TEST(Values, SaysWhatWouldDo) {
    EXPECT_EQ(parse_user_name("Bob Smith").error().message,
              "'Bob Smith' is not a user name: a-z, 0-9, _ and -, at most 32, a letter or _ first");
    EXPECT_EQ(parse_file_system("ext5").error().message,
              "'ext5' is not a file system IMG makes (ext2 ext3 ext4 vfat efi btrfs xfs swap "
              "biosboot ubifs jffs2); did you mean ext2?");
}

TEST(Values, GivesNamesTheirNormalForm) {
    EXPECT_EQ(parse_mount_point("//srv/./www/").value(), "/srv/www");
    EXPECT_EQ(parse_mount_point("/./").value(), "/");
    EXPECT_EQ(parse_disk_name("/dev/sda").value(), "sda");
    EXPECT_EQ(parse_file_system("MSDOS").value(), "vfat");
    EXPECT_EQ(parse_uuid("abcd-12ef").value(), "ABCD-12EF");
    EXPECT_EQ(parse_uuid("6B29FC40-CA47-1067-B31D-00DD010662DA").value(),
              "6b29fc40-ca47-1067-b31d-00dd010662da");
    EXPECT_FALSE(parse_uuid("abcd"));
}

TEST(Values, BoundsTheirLength) {
    EXPECT_TRUE(parse_package_name(std::string(128, 'a')));
    EXPECT_FALSE(parse_package_name(std::string(129, 'a')));
    EXPECT_TRUE(parse_host_name(std::string(63, 'a')));
    EXPECT_FALSE(parse_host_name(std::string(64, 'a')));
    EXPECT_TRUE(parse_printable(std::string(4096, 'a')));
    EXPECT_FALSE(parse_printable(std::string(4097, 'a')));
    EXPECT_FALSE(parse_absolute_path("/" + std::string(1024, 'a')));
}

TEST(Values, ReadsWholeNumbersOnly) {
    EXPECT_EQ(parse_number("42", 100).value(), 42u);
    EXPECT_EQ(parse_number("100", 100).value(), 100u);
    EXPECT_EQ(parse_number("101", 100).error().message, "'101' is more than 100");
    EXPECT_EQ(parse_number("99999999999999999999", 100).error().message,
              "'99999999999999999999' is more than 100");
    for (const std::string_view text : {"", "12x", "-1", "+1", " 1", "1.5", "0x10"}) {
        EXPECT_FALSE(parse_number(text, 100)) << text;
    }
}

TEST(Values, KnowsHowLongLabelsMayBe) {
    EXPECT_EQ(label_bytes_max(""), 16u);
    EXPECT_EQ(label_bytes_max("ext4"), 16u);
    EXPECT_EQ(label_bytes_max("vfat"), 11u);
    EXPECT_EQ(label_bytes_max("xfs"), 12u);
    EXPECT_EQ(label_bytes_max("swap"), 15u);
    EXPECT_EQ(label_bytes_max("biosboot"), 0u);
    EXPECT_EQ(label_bytes_max("ubifs"), 127u);
    EXPECT_EQ(label_bytes_max("jffs2"), 0u);
}

}  // namespace
}  // namespace img::syntax
