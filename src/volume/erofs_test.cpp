#include "volume/erofs.hpp"

#include "base/byte_size.hpp"
#include "system/process_runner.hpp"
#include "tests/support/temp_folder.hpp"
#include "volume/make_volume.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace img::volume {
namespace {

namespace fs = std::filesystem;

class Erofs : public ::testing::Test {
protected:
    void SetUp() override {
        folder_.write("tree/usr/bin/tool", std::string(300000, 't'));
        folder_.write("tree/etc/hostname", "box\n");
        fs::create_symlink("../usr/bin/tool", tree() / "etc/tool");
        ASSERT_EQ(::chmod((tree() / "usr/bin/tool").c_str(), 04755), 0);
    }

    fs::path tree() const { return folder_.path() / "tree"; }
    fs::path file() const { return folder_.path() / "file"; }

    Volume volume() const {
        return {.kind = FileSystem::erofs,
                .name = "/",
                .uuid = "6b29fc40-ca47-4067-b31d-00dd010662da",
                .epoch = 1700000000,
                .content = tree()};
    }

    Result<void> make(const Volume& one) { return make_volume(runner_, one, file()); }
    std::string said(std::vector<std::string> argv) {
        const auto output = runner_.run({.argv = std::move(argv), .captured = true});
        return output ? *output : "failed: " + output.error().message;
    }

    testing::TempFolder folder_;
    system::ProcessRunner runner_;
};

TEST_F(Erofs, HoldsTheTreeCompressed) {
    const auto made = make(volume());
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_LT(fs::file_size(file()), 40 * kKiB);
    const std::string probed = said({"blkid", "-p", "-o", "export", file()});
    EXPECT_TRUE(probed.contains("UUID=6b29fc40-ca47-4067-b31d-00dd010662da\n")) << probed;
    EXPECT_TRUE(probed.contains("TYPE=erofs\n")) << probed;
    said({"fsck.erofs", "--extract=" + (folder_.path() / "back").string(), file()});
    EXPECT_EQ(testing::read_file(folder_.path() / "back/usr/bin/tool"), std::string(300000, 't'));
    EXPECT_EQ(fs::read_symlink(folder_.path() / "back/etc/tool"), "../usr/bin/tool");
}

TEST_F(Erofs, IsLargerUncompressed) {
    ASSERT_TRUE(make(volume()));
    const auto compressed = fs::file_size(file());
    Volume plain = volume();
    plain.compressor = "none";
    ASSERT_TRUE(make(plain));
    EXPECT_GT(fs::file_size(file()), compressed + 200 * kKiB);
}

TEST_F(Erofs, IsTheSameBytesAtAnotherTime) {
    ASSERT_TRUE(make(volume()));
    const std::string first = testing::read_file(file());
    const timespec later[2] = {{.tv_sec = 1800000000, .tv_nsec = 5},
                               {.tv_sec = 1800000000, .tv_nsec = 5}};
    ASSERT_EQ(::utimensat(AT_FDCWD, (tree() / "etc/hostname").c_str(), later, 0), 0);
    fs::remove(file());
    ASSERT_TRUE(make(volume()));
    EXPECT_TRUE(first == testing::read_file(file()));
}

TEST_F(Erofs, RefusesWhatItCannotHold) {
    Volume one = volume();
    one.label = "root";
    EXPECT_EQ(check_volume(one).error().message, "/: erofs gets no label, leave 'root' out");
    one = volume();
    one.compressor = "xz";
    EXPECT_EQ(check_volume(one).error().message,
              "/: erofs has no compressor 'xz'; there is: lz4hc, lz4, none");
    one = volume();
    one.uuid = "ABCD-1234";
    EXPECT_EQ(check_volume(one).error().fault, Fault::invalid);
    one = volume();
    one.content.clear();
    EXPECT_EQ(make(one).error().fault, Fault::invalid);
}

}  // namespace
}  // namespace img::volume
