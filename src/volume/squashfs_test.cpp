#include "volume/squashfs.hpp"

#include "base/byte_size.hpp"
#include "system/fd.hpp"
#include "system/process_runner.hpp"
#include "tests/support/temp_folder.hpp"
#include "volume/make_volume.hpp"

#include <array>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace img::volume {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kEpoch = 1700000000;
constexpr std::int64_t kOld = 1600000000;

void set_time(const fs::path& path, std::int64_t seconds) {
    const timespec both[2] = {{.tv_sec = seconds, .tv_nsec = 7}, {.tv_sec = seconds, .tv_nsec = 7}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), both, AT_SYMLINK_NOFOLLOW), 0) << path;
}

/// What a file system may lose: modes, links of both kinds, an attribute, a socket, an old time.
void plant(const testing::TempFolder& folder, std::vector<std::string> names) {
    const fs::path tree = folder.path() / "tree";
    fs::remove_all(tree);
    for (const std::string& name : names) {
        folder.write("tree/usr/bin/" + name, std::string(100000, name[0]));
    }
    folder.write("tree/etc/hostname", "box\n");
    fs::create_symlink("../usr/bin/a", tree / "etc/link");
    fs::create_hard_link(tree / "usr/bin/a", tree / "usr/twin");
    ASSERT_EQ(::chmod((tree / "usr/bin/a").c_str(), 04755), 0);
    ASSERT_EQ(::setxattr((tree / "usr/bin/b").c_str(), "user.note", "kept", 4, 0), 0);
    const system::Fd socket(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    (tree / "etc/socket").string().copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    set_time(tree / "etc/hostname", kOld);
}

class Squashfs : public ::testing::Test {
protected:
    void SetUp() override {
        plant(folder_, {"a", "b", "c"});
        volume_ = {.kind = FileSystem::squashfs,
                   .name = "/",
                   .epoch = kEpoch,
                   .content = folder_.path() / "tree"};
    }

    Result<void> make() { return make_volume(runner_, volume_, file()); }
    fs::path file() const { return folder_.path() / "file"; }
    std::string said(std::vector<std::string> argv) {
        const auto output =
            runner_.run({.argv = std::move(argv), .environment = {"TZ=UTC"}, .captured = true});
        return output ? *output : "failed: " + output.error().message;
    }

    testing::TempFolder folder_;
    system::ProcessRunner runner_;
    Volume volume_;
};

TEST_F(Squashfs, HoldsTheTree) {
    const auto made = make();
    ASSERT_TRUE(made) << made.error().message;
    const fs::path out = folder_.path() / "out";
    EXPECT_FALSE(said({"unsquashfs", "-no-progress", "-d", out, file()}).starts_with("failed"));
    EXPECT_EQ(testing::read_file(out / "etc/hostname"), "box\n");
    EXPECT_EQ(fs::read_symlink(out / "etc/link"), "../usr/bin/a");
    EXPECT_TRUE(fs::equivalent(out / "usr/bin/a", out / "usr/twin"));
    EXPECT_EQ(static_cast<unsigned>(fs::status(out / "usr/bin/a").permissions()), 04755u);
    EXPECT_TRUE(fs::is_socket(out / "etc/socket"));
    std::array<char, 8> note{};
    EXPECT_EQ(::getxattr((out / "usr/bin/b").c_str(), "user.note", note.data(), note.size()), 4);
    EXPECT_STREQ(note.data(), "kept");
}

TEST_F(Squashfs, HasNoTimeYoungerThanTheEpoch) {
    ASSERT_TRUE(make());
    EXPECT_TRUE(said({"unsquashfs", "-s", file()}).contains("Tue Nov 14 22:13:20 2023"));
    const std::string list = said({"unsquashfs", "-lls", file()});
    EXPECT_TRUE(list.contains("2020-09-13 12:26 squashfs-root/etc/hostname")) << list;
    EXPECT_TRUE(list.contains("2023-11-14 22:13 squashfs-root/usr/bin/c")) << list;
}

TEST_F(Squashfs, IsTheSameBytesWhateverTheOrderInWhichTheTreeCameToBe) {
    ASSERT_TRUE(make());
    const std::string first = testing::read_file(file());
    plant(folder_, {"c", "b", "a"});
    set_time(folder_.path() / "tree/usr", kEpoch + 1000);
    volume_.options = {"-processors", "1"};
    fs::remove(file());
    ASSERT_TRUE(make());
    EXPECT_TRUE(first == testing::read_file(file()));
}

TEST_F(Squashfs, IsCompressedAsAsked) {
    for (const std::string compressor : {"", "gzip", "lz4", "lzo", "xz"}) {
        volume_.compressor = compressor;
        fs::remove(file());
        ASSERT_TRUE(make()) << compressor;
        const std::string wanted = compressor.empty() ? "zstd" : compressor;
        EXPECT_TRUE(said({"unsquashfs", "-s", file()}).contains("Compression " + wanted + "\n"));
    }
    volume_.compressor = "zip";
    EXPECT_EQ(make().error().message,
              "/: squashfs has no compressor 'zip'; there is: zstd, gzip, lz4, lzo, xz");
}

TEST_F(Squashfs, FillsItsPartitionOrSaysWhatItNeeds) {
    volume_.size_bytes = kMiB;
    ASSERT_TRUE(make());
    EXPECT_EQ(fs::file_size(file()), kMiB);
    volume_.size_bytes = 4 * kKiB;
    fs::remove(file());
    folder_.write("tree/noise", said({"head", "-c", "20000", "/dev/urandom"}));
    const auto made = make();
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().fault, Fault::invalid);
    EXPECT_TRUE(made.error().message.contains("give it 1 MiB")) << made.error().message;
}

TEST_F(Squashfs, RefusesALabelAndNothingToHold) {
    volume_.content.clear();
    EXPECT_EQ(make().error().fault, Fault::invalid);
    volume_.label = "root";
    EXPECT_EQ(check_volume(volume_).error().message,
              "/: squashfs holds no label, leave 'root' out");
}

}  // namespace
}  // namespace img::volume
