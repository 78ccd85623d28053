#include "base/byte_size.hpp"
#include "image/types.hpp"
#include "system/process_runner.hpp"
#include "tests/support/temp_folder.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace img::image {
namespace {

namespace fs = std::filesystem;
using volume::FileSystem;

class Loop : public ::testing::Test {
protected:
    void SetUp() override {
        folder_.write("root/etc/hostname", "box\n");
        folder_.write("home/anna/notes", std::string(2 * kMiB, 'n'));
        fs::create_directory(out());
        recipe_.name = "box";
        recipe_.seed = "seed";
        recipe_.epoch = 1700000000;
        recipe_.disks.emplace_back();
        add("/", FileSystem::ext4, 40, "root");
        add("swap", FileSystem::swap, 8, "");
        add("/srv/home", FileSystem::ext2, 24, "home");
    }

    void add(const std::string& mount_point,
             FileSystem kind,
             std::uint64_t mib,
             const std::string& content) {
        disk::PartitionRecipe part;
        part.file_system = kind;
        part.name = mount_point;
        part.size_bytes = mib * kMiB;
        part.fs_uuid = kind == FileSystem::vfat ? "ABCD-1234" : uuid_from(mount_point).text();
        part.content = content.empty() ? fs::path() : folder_.path() / content;
        recipe_.disks.back().partitions.push_back(part);
    }

    disk::PartitionRecipe& part(std::size_t index) { return recipe_.disks[0].partitions[index]; }
    fs::path out() const { return folder_.path() / "out"; }

    Result<ImageReport> make() {
        return make_loop({.runner = runner_, .scratch = folder_.path(), .out = out()}, recipe_);
    }
    std::vector<std::string> made() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(out())) {
            names.push_back(entry.path().filename());
        }
        std::ranges::sort(names);
        return names;
    }
    std::string said(std::vector<std::string> argv) {
        const auto output = runner_.run({.argv = std::move(argv), .captured = true});
        return output ? *output : "failed: " + output.error().message;
    }

    testing::TempFolder folder_;
    system::ProcessRunner runner_;
    ImageRecipe recipe_;
};

TEST_F(Loop, IsAFileForEachPartLineButSwap) {
    const auto report = make();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(made(), (std::vector<std::string>{"box.img", "box.xml", "home.img"}));
    EXPECT_EQ(report->files.front().name, "box.img");
    EXPECT_EQ(report->files.back().type, "xml");
    EXPECT_EQ(fs::file_size(out() / "box.img"), 40 * kMiB);
    EXPECT_LT(report->written_bytes, 16 * kMiB);
    EXPECT_EQ(said({"debugfs", "-R", "cat /etc/hostname", out() / "box.img"}), "box\n");
    for (const auto& [file, type, label] :
         {std::tuple{"box.img", "ext4", "box"}, {"home.img", "ext2", "home"}}) {
        const std::string probed = said({"blkid", "-p", "-o", "export", out() / file});
        EXPECT_TRUE(probed.contains(fmt::format("TYPE={}\n", type))) << probed;
        EXPECT_TRUE(probed.contains(fmt::format("LABEL={}\n", label))) << probed;
        EXPECT_FALSE(said({"e2fsck", "-f", "-n", out() / file}).contains("failed"));
    }
}

TEST_F(Loop, ListsItsFilesAsTheReferenceDoes) {
    part(2).label = "R&D \"data\"";
    part(2).mkfs_options = {"-m", "1"};
    const auto report = make();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(
        testing::read_file(out() / "box.xml"),
        fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                    "<image arch=\"amd64\">\n"
                    "  <partition mountpoint=\"/\" label=\"box\" name=\"box.img\" size=\"40\" "
                    "fstype=\"ext4\" extopts=\"\" uuid=\"{}\"/>\n"
                    "  <partition mountpoint=\"/srv/home\" label=\"R&amp;D &quot;data&quot;\" "
                    "name=\"R&amp;D &quot;data&quot;.img\" size=\"24\" fstype=\"ext2\" "
                    "extopts=\"-m 1\" uuid=\"{}\"/>\n"
                    "</image>\n",
                    part(0).fs_uuid, part(2).fs_uuid));
}

TEST_F(Loop, GivesTheFileSystemNoNameThatItCannotHold) {
    recipe_.name = "an-image-of-more-than-sixteen-letters";
    const auto report = make();
    ASSERT_TRUE(report) << report.error().message;
    const std::string file = out() / (recipe_.name + ".img");
    EXPECT_FALSE(said({"blkid", "-p", "-o", "export", file}).contains("LABEL="));
}

TEST_F(Loop, ShrinksWhatCanBeShrunk) {
    add("/boot/efi", FileSystem::vfat, 40, "");
    recipe_.options.shrink = true;
    const auto report = make();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_LT(fs::file_size(out() / "box.img"), 8 * kMiB);
    EXPECT_LT(fs::file_size(out() / "home.img"), 4 * kMiB);
    EXPECT_GT(fs::file_size(out() / "home.img"), 2 * kMiB);
    EXPECT_FALSE(said({"e2fsck", "-f", "-n", out() / "home.img"}).contains("failed"));
    EXPECT_EQ(fs::file_size(out() / "efi.img"), 40 * kMiB);
    EXPECT_EQ(report->warnings,
              std::vector<std::string>{"efi.img keeps its size: vfat cannot be made smaller"});
}

TEST_F(Loop, IsTheSameBytesEachTime) {
    recipe_.options.shrink = true;
    ASSERT_TRUE(make());
    const std::string root = testing::read_file(out() / "box.img");
    const std::string home = testing::read_file(out() / "home.img");
    ASSERT_TRUE(make());
    EXPECT_TRUE(root == testing::read_file(out() / "box.img"));
    EXPECT_TRUE(home == testing::read_file(out() / "home.img"));
}

TEST_F(Loop, RefusesTwoPartsOfOneName) {
    add("/var/home", FileSystem::ext4, 8, "");
    EXPECT_EQ(check_loop(recipe_).error().message,
              "part /srv/home and part /var/home would both be the file home.img; give one of them "
              "another --label");
    part(3).label = "other";
    EXPECT_TRUE(check_loop(recipe_));
    part(3).label = "box";  // as "/" is called
    EXPECT_TRUE(check_loop(recipe_).error().message.contains("would both be the file box.img"));
}

TEST_F(Loop, RefusesLabelsThatAreNoFileNames) {
    for (const char* label : {"../out", ".hidden", "a/b"}) {
        part(2).label = label;
        const auto refused = check_loop(recipe_);
        ASSERT_FALSE(refused) << label;
        EXPECT_EQ(refused.error().fault, Fault::invalid);
        EXPECT_TRUE(refused.error().message.contains("is no file name")) << refused.error().message;
    }
}

TEST_F(Loop, RefusesPartsWithoutAFileSystem) {
    recipe_.disks[0].partitions.resize(0);
    add("swap", FileSystem::swap, 8, "");
    EXPECT_EQ(check_loop(recipe_).error().message,
              "type loop needs a part line with a file system");
}

TEST_F(Loop, LeavesNothingBehindWhereOnePartFails) {
    part(2).size_bytes = kMiB;
    const auto report = make();
    ASSERT_FALSE(report);
    EXPECT_TRUE(report.error().message.contains("is too small for its content"))
        << report.error().message;
    EXPECT_TRUE(made().empty());
}

}  // namespace
}  // namespace img::image
