#include "inspect/installed_system.hpp"

#include <gtest/gtest.h>

namespace img::inspect {
namespace {

TEST(ReadDpkgStatus, KeepsWhatIsInstalledSortedByName) {
    const auto packages = read_dpkg_status(
        "Package: zsh\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.9-4\n"
        "Description: shell\n Version: is no field here\n\n"
        "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n"
        "Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2.15-2+b13");
    ASSERT_EQ(packages.size(), 2u);
    EXPECT_EQ(packages[0].name, "bash");
    EXPECT_EQ(packages[0].version, "5.2.15-2+b13");
    EXPECT_EQ(packages[1].name, "zsh");
    EXPECT_EQ(packages[1].version, "5.9-4");
    EXPECT_EQ(packages[1].architecture, "amd64");
}

TEST(ReadFstab, LeavesCommentsAndShortLinesOut) {
    const auto mounts =
        read_fstab("# a comment\n\nUUID=\"1234\"\t/\text4 ro 0 1\nhalf a\n/dev/sda2 none swap\n");
    ASSERT_EQ(mounts.size(), 2u);
    EXPECT_EQ(mounts[0].device, "UUID=\"1234\"");
    EXPECT_EQ(mounts[0].options, "ro");
    EXPECT_EQ(mounts[1].options, "defaults");
}

TEST(OsRelease, GivesValuesWithoutTheirQuotes) {
    const std::string text = "ID=debian\nPRETTY_NAME=\"Debian 12\"\nVERSION_ID='12'\n";
    EXPECT_EQ(os_release_value(text, "PRETTY_NAME"), "Debian 12");
    EXPECT_EQ(os_release_value(text, "VERSION_ID"), "12");
    EXPECT_EQ(os_release_value(text, "NAME"), "");
}

TEST(CheckMounts, NamesWhatNoFileSystemHas) {
    ImageDescription image;
    image.volumes.push_back({.file_system = superblock::FileSystemDescription{
                                 .kind = "vfat", .label = "EFI", .uuid = "ABCD-1234"}});
    image.table =
        partition::TableDescription{.partitions = {{.name = "root", .uuid = "1a2b3c4d-01"}}};
    SystemDescription system;
    for (const std::string device :
         {"UUID=abcd-1234", "LABEL=EFI", "PARTUUID=1A2B3C4D-01", "PARTLABEL=root", "/dev/sda1",
          "UUID=\"ABCD-1234\"", "UUID=dead-beef"}) {
        system.mounts.push_back({.device = device, .folder = "/srv", .type = "auto"});
    }
    image.systems.push_back(system);
    EXPECT_EQ(check_mounts(image),
              std::vector<std::string>{"fstab mounts /srv from UUID=dead-beef, which nothing here "
                                       "has"});
}

}  // namespace
}  // namespace img::inspect
