// mrstnand, from a tree with parts that are small but of the right form. The blobs of all layouts
// are compared with tests/golden/flash/NAME.dump; IMG_BLESS=1 writes what is instead.
#include "base/byte_order.hpp"
#include "base/byte_size.hpp"
#include "image/image_type.hpp"
#include "system/process_runner.hpp"
#include "tests/support/temp_folder.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace img::image {
namespace {

namespace fs = std::filesystem;

std::string bzimage() {
    std::string kernel(3000, 'k');
    kernel.replace(0x1fe, 2, "\x55\xaa");
    kernel.replace(0x202, 4, "HdrS");
    return kernel;
}

/// Rows of 16 bytes as hexdump prints them; rows like the one above are left out, as "*".
std::string dump(const std::string& bytes) {
    std::string text;
    std::string last;
    bool starred = false;
    for (std::size_t at = 0; at < bytes.size(); at += 16) {
        std::string row;
        for (const char c : bytes.substr(at, 16)) {
            row += fmt::format(" {:02x}", static_cast<unsigned char>(c));
        }
        if (row != last) {
            text += fmt::format("{:08x} {}\n", at, row);
            starred = false;
        } else if (!starred) {
            text += "*\n";
            starred = true;
        }
        last = row;
    }
    return text + fmt::format("{:08x}\n", bytes.size());
}

class MrstNand : public ::testing::Test {
protected:
    void SetUp() override {
        folder_.write("tree/boot/bootstub", std::string(100, 's'));
        folder_.write("tree/boot/vmlinuz-3.0", bzimage());
        folder_.write("tree/boot/initrd.img-3.0", std::string(777, 'i'));
        folder_.write("tree/boot/kboot.cmdline", "ro root=/dev/mmcblk0p2 quiet\n");
        folder_.write("secret", "not of the tree");
        fs::create_symlink("vmlinuz-3.0", boot() / "bzImage");
        fs::create_symlink("/boot/initrd.img-3.0", boot() / "initrd");
        fs::create_symlink("kboot.cmdline", boot() / "cmdline");
        fs::create_directories(folder_.path() / "scratch");
        fs::create_directories(out());
        recipe_.name = "device";
        recipe_.seed = "seed";
        recipe_.epoch = 1700000000;
        recipe_.tree = folder_.path() / "tree";
        recipe_.root.size_bytes = 16 * kMiB;
        recipe_.root.fs_uuid = uuid_from("root").text();
    }

    Result<ImageReport> make(std::string subformat = {}) {
        recipe_.options.subformat = std::move(subformat);
        const Workshop workshop{
            .runner = runner_, .scratch = folder_.path() / "scratch", .out = out()};
        return find_image_type("mrstnand").value().make(workshop, recipe_);
    }
    std::string said(std::vector<std::string> argv) {
        const auto output = runner_.run({.argv = std::move(argv), .captured = true});
        return output ? *output : output.error().message;
    }
    fs::path boot() const { return folder_.path() / "tree/boot"; }
    fs::path out() const { return folder_.path() / "out"; }

    testing::TempFolder folder_;
    system::ProcessRunner runner_;
    ImageRecipe recipe_;
};

TEST_F(MrstNand, StitchesTheBlobOfEachLayout) {
    const ImageType type = find_image_type("mrstnand").value();
    for (const std::string_view name : type.subformats) {
        ASSERT_TRUE(make(std::string(name))) << name;
        const std::string dumped = dump(testing::read_file(out() / "device-boot.bin"));
        const fs::path golden =
            fs::path(IMG_SOURCE_DIR) / "tests/golden/flash" / fmt::format("{}.dump", name);
        if (std::getenv("IMG_BLESS") != nullptr) {
            std::ofstream(golden) << dumped;
        }
        EXPECT_EQ(testing::read_file(golden), dumped) << golden;
    }
}

TEST_F(MrstNand, IsADiskThatBeginsWithTheBlob) {
    const auto report = make();
    ASSERT_TRUE(report) << report.error().message;
    const std::string disk = testing::read_file(out() / "device.img");
    const std::string blob = testing::read_file(out() / "device-boot.bin");
    EXPECT_EQ(disk.size(), 16 * kMiB + 32 * kKiB);
    EXPECT_EQ(blob.size(), 0x2000u + 3000u + 777u);
    EXPECT_EQ(disk.substr(16 * 512, blob.size()), blob);
    const auto root = get_le<std::uint32_t>(disk, 470);
    EXPECT_EQ(root, 64u);
    const std::string at = fmt::format("{}?offset={}", (out() / "device.img").string(), root * 512);
    EXPECT_EQ(said({"debugfs", "-R", "cat /boot/kboot.cmdline", at}),
              "ro root=/dev/mmcblk0p2 quiet\n");
    EXPECT_EQ(said({"blkid", "-p", "-O", std::to_string(root * 512), "-o", "value", "-s", "TYPE",
                    (out() / "device.img").string()}),
              "ext3\n");
    EXPECT_TRUE(fs::is_empty(folder_.path() / "scratch"));
}

TEST_F(MrstNand, IsTheSameBytesEachTime) {
    ASSERT_TRUE(make());
    const std::string first = testing::read_file(out() / "device.img");
    ASSERT_TRUE(make());
    EXPECT_TRUE(first == testing::read_file(out() / "device.img"));
}

TEST_F(MrstNand, NamesThePartThatIsMissing) {
    for (const char* name : {"bootstub", "bzImage", "initrd", "cmdline"}) {
        const fs::path aside = folder_.path() / "aside";
        fs::rename(boot() / name, aside);
        const auto report = make();
        ASSERT_FALSE(report) << name;
        EXPECT_EQ(report.error().fault, Fault::missing);
        EXPECT_TRUE(
            report.error().message.starts_with(fmt::format("the tree has no /boot/{},", name)))
            << report.error().message;
        EXPECT_TRUE(fs::is_empty(out()));
        fs::rename(aside, boot() / name);
    }
}

TEST_F(MrstNand, ReadsNothingOutsideTheTree) {
    fs::remove(boot() / "cmdline");
    fs::create_symlink("../../secret", boot() / "cmdline");
    EXPECT_EQ(make().error().fault, Fault::missing);
    fs::remove(boot() / "cmdline");
    fs::create_symlink(folder_.path() / "secret", boot() / "cmdline");
    EXPECT_EQ(make().error().fault, Fault::missing);
}

TEST_F(MrstNand, RefusesASizeThatIsTooSmall) {
    folder_.write("tree/usr/big", std::string(20 * kMiB, 'x'));
    const auto report = make();
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().fault, Fault::invalid);
    EXPECT_TRUE(fs::is_empty(out()));
    recipe_.root.size_bytes = 0;  // nobody said one
    ASSERT_TRUE(make());
    EXPECT_EQ(fs::file_size(out() / "device.img"), 512 * kMiB);
    EXPECT_EQ(make("2010").error().message, "mrstnand has no layout '2010'");
}

}  // namespace
}  // namespace img::image
