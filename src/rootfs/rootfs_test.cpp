#include "rootfs/rootfs.hpp"

#include "tests/support/recording_runner.hpp"
#include "tests/support/temp_tree.hpp"

#include <gtest/gtest.h>

namespace img::rootfs {
namespace {

using Words = std::vector<std::string>;

kickstart::Document full_document() {
    kickstart::Document document;
    document.lang = {.locale = "de_DE.UTF-8", .additional = {}, .where = {}};
    document.keyboard = {.keymap = "de", .x_layouts = {}, .where = {}};
    document.timezone = {.zone = "Europe/Berlin", .utc = true, .where = {}};
    document.networks.push_back({.hostname = "img-demo", .bootproto = "dhcp"});
    document.root_password = {.password = {.text = "secret"}, .where = {}};
    document.users.push_back({.name = "anna"});
    document.services.enabled = {"ssh"};
    return document;
}

TEST(PackagesFor, NamesWhatTheCommandsNeedAndNothingElse) {
    EXPECT_EQ(packages_for(full_document()), (Words{"locales", "console-setup", "kbd",
                                                    "keyboard-configuration", "tzdata", "passwd"}));
    EXPECT_TRUE(packages_for({}).empty());
    kickstart::Document plain;
    plain.lang = {.locale = "C.UTF-8", .additional = {}, .where = {}};
    EXPECT_TRUE(packages_for(plain).empty());
    plain.lang->additional = {"fr_FR.UTF-8"};
    EXPECT_EQ(packages_for(plain), Words{"locales"});
}

TEST(PackagesFor, LeavesItToThePackageThatIsListed) {
    kickstart::Document document;
    document.firewall = kickstart::Firewall{.services = {"ssh"}};
    document.time_sources = {{.host = "time.example.org"}};
    document.networks = {{.device = "wlan0", .essid = "home"}};
    EXPECT_EQ(packages_for(document),
              (Words{"netbase", "nftables", "systemd-timesyncd", "wpasupplicant"}));
    for (const char* name : {"firewalld", "chrony", "network-manager"}) {
        document.packages.names.push_back({.text = name, .where = {}});
    }
    EXPECT_EQ(packages_for(document), Words{"netbase"});
    document.packages = {};
    document.networks = {};
    document.no_time_sources = true;
    document.firewall = kickstart::Firewall{.enabled = false};
    document.timezone = kickstart::Timezone{.zone = "", .utc = true};
    EXPECT_TRUE(packages_for(document).empty());
}

TEST(Configure, DoesEverythingThatTheDocumentSays) {
    testing::TempTree temp;
    testing::RecordingRunner runner;
    for (const char* program : {"/usr/sbin/locale-gen", "/usr/bin/setupcon", "/bin/systemctl",
                                "/lib/systemd/systemd-networkd"}) {
        temp.put(program, "", true);
    }
    temp.put("/usr/share/i18n/SUPPORTED", "de_DE.UTF-8 UTF-8\n");
    temp.put("/usr/share/zoneinfo/Europe/Berlin");
    temp.put("/lib/systemd/system/ssh.service");
    temp.put("/lib/systemd/system/systemd-networkd.service");
    temp.put("/etc/passwd", "root:x:0:0::/root:/bin/sh\n");
    temp.put("/etc/group", "root:x:0:\n");
    const auto done = configure(runner, temp.folder, full_document(), {.seed = "s", .epoch = 0},
                                [](std::string_view) {});
    ASSERT_TRUE(done) << done.error().message;
    Words programs;
    for (const auto& command : runner.commands) {
        programs.push_back(command.argv[0]);
        EXPECT_EQ(command.root, temp.folder) << command.argv[0];
    }
    EXPECT_EQ(programs,
              (Words{"locale-gen", "setupcon", "useradd", "chpasswd", "systemctl", "systemctl"}));
    EXPECT_EQ(temp.get("/etc/hostname"), "img-demo\n");
}

TEST(Configure, EnablesWhatCommandsNeedAndThenWhatTheKickstartSays) {
    testing::TempTree temp;
    testing::RecordingRunner runner;
    temp.put("/bin/systemctl", "", true);
    temp.put("/usr/sbin/nft", "", true);
    for (const char* unit :
         {"nftables", "systemd-timesyncd", "systemd-networkd", "chrony", "ssh"}) {
        temp.put(std::string("/lib/systemd/system/") + unit + ".service");
    }
    temp.put("/lib/systemd/systemd-networkd", "", true);
    temp.put("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
    std::filesystem::create_directories(temp.folder / "root");
    kickstart::Document document;
    document.networks = {{.device = "eth0", .bootproto = "dhcp"}};
    document.firewall = kickstart::Firewall{.services = {"ssh"}};
    document.time_sources = {{.host = "time.example.org"}};
    document.xconfig = kickstart::XConfig{.skip = true};
    document.selinux = kickstart::Selinux{.mode = kickstart::SelinuxMode::disabled};
    document.certificates = {{.file_name = "a.crt", .folder = "/etc/ssl", .body = "x"}};
    document.services.disabled = {"systemd-networkd"};
    const auto done = configure(runner, temp.folder, document, {}, [](std::string_view) {});
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_EQ(runner.commands.size(), 2u);
    EXPECT_EQ(runner.commands[0].argv,
              (Words{"systemctl", "--root=/", "enable", "--", "systemd-networkd.service",
                     "nftables.service", "chrony.service"}));
    EXPECT_EQ(runner.commands[1].argv,
              (Words{"systemctl", "--root=/", "disable", "--", "systemd-networkd.service"}));
    EXPECT_EQ(temp.get("/etc/ssl/a.crt"), "x");
    EXPECT_TRUE(std::filesystem::is_symlink(temp.folder / "etc/systemd/system/default.target"));
    EXPECT_EQ(temp.get("/etc/chrony/chrony.conf"), "server time.example.org iburst\n");
}

TEST(Configure, RunsNothingForADocumentThatSaysNothing) {
    testing::TempTree temp;
    testing::RecordingRunner runner;
    ASSERT_TRUE(configure(runner, temp.folder, {}, {}, [](std::string_view) {}));
    EXPECT_TRUE(runner.commands.empty());
}

TEST(Configure, SaysWhichTreeIsNotThere) {
    testing::RecordingRunner runner;
    const auto done = configure(runner, "/no/such/tree", {}, {}, [](std::string_view) {});
    EXPECT_EQ(done.error().message, "open the tree /no/such/tree: No such file or directory");
}

}  // namespace
}  // namespace img::rootfs
