// Types that are nothing but the tree, each read back by another program than its writer.
#include "base/byte_size.hpp"
#include "image/image_type.hpp"
#include "image/types.hpp"
#include "tests/support/planted_tree.hpp"

namespace img::image {
namespace {

namespace fs = std::filesystem;
using testing::said;

class TreeType : public testing::PlantedTree {
protected:
    ImageRecipe recipe(const fs::path& from) const {
        ImageRecipe recipe;
        recipe.name = "box";
        recipe.seed = "seed";
        recipe.epoch = kEpoch;
        recipe.tree = from;
        return recipe;
    }

    /// "out" for the first tree, "again" for the other.
    ImageReport make(std::string_view type, const ImageRecipe& recipe, const char* out = "out") {
        const Workshop workshop{
            .runner = runner_, .scratch = folder.path() / "scratch", .out = folder.path() / out};
        fs::create_directories(workshop.scratch);
        fs::create_directories(workshop.out);
        const auto report = find_image_type(type).value().make(workshop, recipe);
        EXPECT_TRUE(report) << report.error().message;
        EXPECT_TRUE(fs::is_empty(workshop.scratch));
        return report.value_or(ImageReport{});
    }

    fs::path out() const { return folder.path() / "out"; }

    /// Made from both trees, the image is the same.
    void expect_repeatable(const std::string& type, const ImageOptions& options = {}) {
        plant_again();
        ImageRecipe one = recipe(tree());
        ImageRecipe two = recipe(other_tree());
        one.options = two.options = options;
        const ImageReport report = make(type, one);
        make(type, two, "again");
        ASSERT_FALSE(report.files.empty());
        const std::string file = report.files.front().name;
        EXPECT_TRUE(testing::read_file(out() / file) ==
                    testing::read_file(folder.path() / "again" / file));
    }

    system::ProcessRunner runner_;
};

TEST_F(TreeType, SquashfsHoldsAllOfTheTree) {
    const ImageReport report = make("squashfs", recipe(tree()));
    EXPECT_EQ(report.files.front().name, "box.squashfs");
    EXPECT_EQ(testing::read_file(out() / "box.squashfs").substr(0, 4), "hsqs");
    fs::remove(back());
    said({"unsquashfs", "-quiet", "-no-progress", "-dest", back(), out() / "box.squashfs"});
    // The one thing that squashfs has no place for: an access control list.
    said({"setfacl", "--remove-all", tree() / "etc/shared"});
    fs::permissions(back() / "etc/shared", fs::perms(0600));
    fs::permissions(tree() / "etc/shared", fs::perms(0600));
    EXPECT_EQ(difference(tree(), back()), "");
}

TEST_F(TreeType, SquashfsTakesAnotherCompressor) {
    ImageRecipe other = recipe(tree());
    other.options.subformat = "xz";
    make("squashfs", other);
    EXPECT_TRUE(said({"unsquashfs", "-stat", out() / "box.squashfs"}).contains("Compression xz"));
}

TEST_F(TreeType, SquashfsIsTheSameBytesEachTime) {
    expect_repeatable("squashfs");
}

/// fsck.erofs 1.5 unpacks neither attributes, nor links as links, nor setuid: those are held
/// against the kernel's view by tests/e2e/trees_test.py.
TEST_F(TreeType, ErofsHoldsAllOfTheTree) {
    make("erofs", recipe(tree()));
    EXPECT_EQ(testing::read_file(out() / "box.erofs").substr(1024, 4), "\xe2\xe1\xf5\xe0");
    const fs::path to = back();
    EXPECT_FALSE(said({"fsck.erofs", "--extract=" + to.string(), out() / "box.erofs"})
                     .starts_with("failed"));
    const std::string su = said({"stat", "-c", "%a", tree() / "usr/bin/su"});
    fs::permissions(tree() / "usr/bin/su", fs::perms(0755));
    EXPECT_EQ(difference(tree(), to, {"xattrs", "same_as", "mtime"}), "") << su;
}

TEST_F(TreeType, ErofsIsTheSameBytesEachTime) {
    expect_repeatable("erofs");
}

TEST_F(TreeType, Ext4HoldsWhatDebugfsIsAskedFor) {
    const ImageReport report = make("ext4", recipe(tree()));
    const std::string file = out() / "box.ext4";
    EXPECT_EQ(report.warnings,
              std::vector<std::string>{"partition /: the socket /run/socket is left out"});
    EXPECT_EQ(testing::read_file(file).substr(1080, 2), "\x53\xef");
    const std::string checked = said({"e2fsck", "-f", "-n", file});
    EXPECT_FALSE(checked.contains("failed")) << checked;
    const auto expect = [&](const std::string& asked, const std::string& part) {
        const std::string answer = said({"debugfs", "-R", asked, file});
        EXPECT_TRUE(answer.contains(part)) << asked << ": " << answer;
    };
    expect("stat /usr/bin/su", "Mode:  04755");
    expect("stat /var/mail/anna", "User:  1000   Group:     8");
    expect("stat /usr/bin/perl5.36.0", "Links: 3");
    expect("stat /disk", "259:300");
    expect("ea_list /usr/bin/ping", "security.capability (20)");
    expect("ea_list /etc/noted", "user.note");
    expect("stat /etc/hostname", "mtime: 0x5f5e1000:00000000");
}

TEST_F(TreeType, Ext4HasTheSizeAndTheLabelOfItsPartLine) {
    ImageRecipe sized = recipe(tree());
    sized.root = {.name = "/",
                  .size_bytes = 96 * kMiB,
                  .label = "root",
                  .fs_uuid = "6b29fc40-ca47-4067-b31d-00dd010662da",
                  .mkfs_options = {"-m", "0"}};
    make("ext4", sized);
    EXPECT_EQ(fs::file_size(out() / "box.ext4"), 96 * kMiB);
    const std::string probed = said({"blkid", "-p", "-o", "export", out() / "box.ext4"});
    EXPECT_TRUE(probed.contains("LABEL=root\nUUID=6b29fc40-ca47-4067-b31d-00dd010662da\n"))
        << probed;
}

TEST_F(TreeType, Ext4IsSmallerWhenShrunk) {
    make("ext4", recipe(tree()));
    const auto usual = fs::file_size(out() / "box.ext4");
    ImageRecipe shrunk = recipe(tree());
    shrunk.options.shrink = true;
    make("ext4", shrunk);
    EXPECT_LT(fs::file_size(out() / "box.ext4"), usual);
    const std::string checked = said({"e2fsck", "-f", "-n", out() / "box.ext4"});
    EXPECT_FALSE(checked.contains("failed")) << checked;
}

TEST_F(TreeType, Ext4IsTheSameBytesEachTime) {
    expect_repeatable("ext4", {.shrink = true});
}

TEST_F(TreeType, TarIsCompressedWhileItIsWritten) {
    ImageRecipe packed = recipe(tree());
    packed.options.compressor = Compressor::zst;
    const ImageReport report = make("tar", packed);
    EXPECT_EQ(report.files.front().name, "box.tar.zst");
    EXPECT_EQ(report.files.front().type, "tar");
    EXPECT_EQ(said({"tar", "-x", "-f", out() / "box.tar.zst", "-C", back(), "--xattrs",
                    "--xattrs-include=*", "--acls", "--numeric-owner"}),
              "");
    EXPECT_EQ(difference(tree(), back()), "");
}

TEST_F(TreeType, CpioStartsAsLinuxExpectsIt) {
    const ImageReport report = make("cpio", recipe(tree()));
    EXPECT_EQ(report.files.front().name, "box.cpio");
    EXPECT_EQ(testing::read_file(out() / "box.cpio").substr(0, 6), "070701");
    EXPECT_EQ(report.warnings.size(), 2U);
}

TEST_F(TreeType, FsIsTheTreeItself) {
    const fs::path grown = out() / "box";
    fs::create_directories(out());
    said({"cp", "-a", tree(), grown});
    const auto before = fs::hard_link_count(grown / "usr/bin/perl");
    const ImageReport report = make("fs", recipe(grown));
    EXPECT_EQ(report.files.front().name, "box");
    EXPECT_EQ(fs::hard_link_count(grown / "usr/bin/perl"), before);
    EXPECT_EQ(difference(tree(), grown), "");
    EXPECT_EQ(said({"find", grown, "-newermt", fmt::format("@{}", kEpoch)}), "");
    EXPECT_EQ(said({"stat", "-c", "%Y", grown / "etc/hostname"}), "1600000000\n");
}

TEST_F(TreeType, FsIsMovedWhereItGrewElsewhere) {
    said({"cp", "-a", tree(), folder.path() / "elsewhere"});
    make("fs", recipe(folder.path() / "elsewhere"));
    EXPECT_EQ(difference(tree(), out() / "box"), "");
    EXPECT_FALSE(fs::exists(folder.path() / "elsewhere"));
}

}  // namespace
}  // namespace img::image
