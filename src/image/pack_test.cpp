#include "image/pack.hpp"

#include "base/byte_size.hpp"
#include "system/process_runner.hpp"
#include "tests/support/temp_folder.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace img::image {
namespace {

namespace fs = std::filesystem;

class Pack : public ::testing::Test {
protected:
    void SetUp() override { plant(); }

    void plant() {
        const fs::path disk = folder_.write("out/box-sda.raw", "begin");
        fs::resize_file(disk, 64 * kMiB);
        folder_.write("out/box.xml", "<image/>\n");
        fs::create_directories(folder_.path() / "back");
    }

    Result<ImageFile> packed(const std::string& name) { return pack(workshop_, kFiles, name); }
    fs::path out() const { return folder_.path() / "out"; }
    fs::path back() const { return folder_.path() / "back"; }
    std::string said(std::vector<std::string> argv) {
        const auto output = runner_.run({.argv = std::move(argv), .captured = true});
        return output ? *output : "failed: " + output.error().message;
    }
    void expect_files_in_back() {
        EXPECT_EQ(fs::file_size(back() / "box-sda.raw"), 64 * kMiB);
        EXPECT_EQ(testing::read_file(back() / "box-sda.raw").substr(0, 8),
                  std::string("begin\0\0\0", 8));
        EXPECT_EQ(testing::read_file(back() / "box.xml"), "<image/>\n");
    }

    const std::vector<ImageFile> kFiles{{"box-sda.raw", "raw"}, {"box.xml", "xml"}};
    system::ProcessRunner runner_;
    testing::TempFolder folder_;
    Workshop workshop_{.runner = runner_, .scratch = folder_.path(), .out = folder_.path() / "out"};
};

TEST_F(Pack, PutsAllIntoATarAndNothingBesideIt) {
    for (const char* ending : {"tar", "tar.gz", "tar.xz", "tar.zst", "tar.bz2", "tar.lzo"}) {
        plant();
        const std::string name = fmt::format("all.{}", ending);
        const auto file = packed(name);
        ASSERT_TRUE(file) << file.error().message;
        EXPECT_EQ(file->name, name);
        EXPECT_LT(fs::file_size(out() / name), 16 * kKiB) << "holes are not packed";
        EXPECT_FALSE(fs::exists(out() / "box.xml"));
        EXPECT_EQ(said({"tar", "-x", "-f", out() / name, "-C", back()}), "");
        expect_files_in_back();
    }
}

TEST_F(Pack, PutsAllIntoAZip) {
    const auto file = packed("all.zip");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->type, "zip");
    EXPECT_EQ(testing::read_file(out() / "all.zip").substr(0, 4), "PK\3\4");
    // Not the library that wrote it.
    EXPECT_EQ(said({"python3", "-m", "zipfile", "-e", out() / "all.zip", back()}), "");
    expect_files_in_back();
    EXPECT_EQ(said({"python3", "-m", "zipfile", "-t", out() / "all.zip"}), "Done testing\n");
}

TEST_F(Pack, IsTheSameBytesEachTime) {
    for (const char* name : {"all.tar.zst", "all.zip"}) {
        plant();
        ASSERT_TRUE(packed(name));
        const std::string first = testing::read_file(out() / name);
        fs::remove(out() / name);
        ASSERT_EQ(::setenv("TZ", "Pacific/Auckland", 1), 0);
        ::tzset();
        plant();
        const auto again = packed(name);
        ASSERT_EQ(::unsetenv("TZ"), 0);
        ::tzset();
        ASSERT_TRUE(again);
        EXPECT_TRUE(first == testing::read_file(out() / name)) << name;
    }
}

TEST_F(Pack, TakesAFolderIntoATarOnly) {
    folder_.write("out/box/etc/hostname", "box\n");
    const std::vector<ImageFile> folder{{"box", "fs"}};
    EXPECT_EQ(pack(workshop_, folder, "all.zip").error().message,
              "box is a folder, whose owners a zip cannot hold; pack it to a .tar");
    EXPECT_TRUE(fs::exists(out() / "box"));
    EXPECT_FALSE(fs::exists(out() / "all.zip"));
    ASSERT_TRUE(pack(workshop_, folder, "all.tar"));
    EXPECT_EQ(said({"tar", "-t", "-f", out() / "all.tar"}), "box/\nbox/etc/\nbox/etc/hostname\n");
    EXPECT_FALSE(fs::exists(out() / "box"));
}

TEST_F(Pack, RefusesNamesThatSayNoForm) {
    for (const char* name : {"all", "all.rar", "all.tar.", "", "../all.tar", ".tar", "a/b.zip"}) {
        const auto refused = packed(name);
        ASSERT_FALSE(refused) << name;
        EXPECT_EQ(refused.error().fault, Fault::invalid);
    }
    EXPECT_EQ(check_archive_name("all.rar").error().message,
              "'all.rar': an image is packed to .tar, .tar.gz, .tar.xz, .tar.zst, .tar.bz2, "
              ".tar.lzo or .zip");
    EXPECT_TRUE(fs::exists(out() / "box.xml"));
}

TEST_F(Pack, TakesThePlaceOfNoFile) {
    folder_.write("out/box.tar", "the image itself");
    folder_.write("out/notes.zip", "what a script laid there");
    const std::vector<ImageFile> image{{"box.tar", "tar", true}};
    const auto own = pack(workshop_, image, "box.tar");
    ASSERT_FALSE(own);
    EXPECT_EQ(own.error().message,
              "'box.tar' is a file of the image's own, and the archive would take its place: pack "
              "it to another name");
    EXPECT_EQ(pack(workshop_, image, "notes.zip").error().fault, Fault::invalid);
    EXPECT_EQ(fs::file_size(out() / "box.tar"), 16u);
    EXPECT_EQ(fs::file_size(out() / "notes.zip"), 24u);
}

TEST_F(Pack, LeavesTheFilesWhereOneIsMissing) {
    fs::remove(out() / "box.xml");
    EXPECT_EQ(packed("all.tar").error().fault, Fault::missing);
    EXPECT_TRUE(fs::exists(out() / "box-sda.raw"));
    EXPECT_FALSE(fs::exists(out() / "all.tar"));
}

}  // namespace
}  // namespace img::image
