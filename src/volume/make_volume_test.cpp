#include "volume/make_volume.hpp"

#include "base/byte_size.hpp"
#include "base/digest.hpp"
#include "system/process_runner.hpp"
#include "tests/support/recording_runner.hpp"
#include "tests/support/temp_folder.hpp"

#include <algorithm>
#include <chrono>
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <numeric>
#include <sys/stat.h>
#include <thread>
#include <utility>
#include <vector>

namespace img::volume {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kEpoch = 1700000000;

/// A small tree with the things that file systems differ in.
void plant(const testing::TempFolder& folder) {
    folder.write("tree/etc/hostname", "box\n");
    folder.write("tree/usr/bin/tool", std::string(100000, 't'));
    folder.write("tree/usr/share/Foo::Bar.3pm", "man\n");
    const fs::path tree = folder.path() / "tree";
    fs::create_symlink("../usr/bin/tool", tree / "etc/tool");
    fs::create_directories(tree / "tmp");
    fs::create_directories(tree / "home");
    ASSERT_EQ(::chmod((tree / "tmp").c_str(), 01777), 0);
    ASSERT_EQ(::chmod((tree / "usr/bin/tool").c_str(), 04755), 0);
    const timespec old[2] = {{.tv_sec = 1600000000, .tv_nsec = 5},
                             {.tv_sec = 1600000000, .tv_nsec = 5}};
    ASSERT_EQ(::utimensat(AT_FDCWD, (tree / "etc/hostname").c_str(), old, 0), 0);
}

Volume volume(FileSystem kind, std::uint64_t size_bytes, const fs::path& content) {
    return {.kind = kind,
            .name = "/",
            .size_bytes = size_bytes,
            .label = "root",
            .uuid = kind == FileSystem::vfat ? "ABCD-1234" : "6b29fc40-ca47-4067-b31d-00dd010662da",
            .epoch = kEpoch,
            .inodes = 10,
            .content = content};
}

/// What a tool says, its failure included.
std::string said(std::vector<std::string> argv) {
    system::ProcessRunner runner;
    const auto output =
        runner.run({.argv = std::move(argv), .environment = {"TZ=UTC"}, .captured = true});
    return output ? *output : "failed: " + output.error().message;
}

void expect_in(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " is not in:\n" << text;
}

class MadeVolume : public ::testing::Test {
protected:
    void SetUp() override { plant(folder_); }

    Result<void> make(const Volume& volume) {
        system::ProcessRunner runner;
        return make_volume(runner, volume, file());
    }
    fs::path file() const { return folder_.path() / "file"; }
    fs::path tree() const { return folder_.path() / "tree"; }

    testing::TempFolder folder_;
};

TEST_F(MadeVolume, HoldsTheTreeAsExt) {
    for (const FileSystem kind : {FileSystem::ext2, FileSystem::ext3, FileSystem::ext4}) {
        const auto made = make(volume(kind, 32 * kMiB, tree()));
        ASSERT_TRUE(made) << made.error().message;
        expect_in(said({"blkid", "-p", "-o", "export", file()}),
                  fmt::format("LABEL=root\nUUID=6b29fc40-ca47-4067-b31d-00dd010662da\n"));
        expect_in(said({"blkid", "-p", "-o", "export", file()}),
                  fmt::format("TYPE={}\n", to_text(kind)));
        const std::string checked = said({"e2fsck", "-fn", file()});
        EXPECT_EQ(checked.find("failed"), std::string::npos) << checked;
        expect_in(said({"debugfs", "-R", "cat /etc/hostname", file()}), "box\n");
        const std::string tool = said({"debugfs", "-R", "stat /usr/bin/tool", file()});
        expect_in(tool, "Mode:  04755");
        expect_in(tool, "Size: 100000");
        expect_in(said({"debugfs", "-R", "stat /tmp", file()}), "Mode:  01777");
        expect_in(said({"debugfs", "-R", "stat /etc/tool", file()}),
                  "Fast link dest: \"../usr/bin/tool\"");
    }
}

TEST_F(MadeVolume, LevelsTheTimesOfExt) {
    ASSERT_TRUE(make(volume(FileSystem::ext4, 32 * kMiB, tree())));
    // 1600000000 is 0x5f5e1000 and 1700000000, the epoch, 0x6553f100.
    const std::string old = said({"debugfs", "-R", "stat /etc/hostname", file()});
    expect_in(old, "ctime: 0x5f5e1000:00000000");
    expect_in(old, "atime: 0x5f5e1000:00000000");
    expect_in(old, "mtime: 0x5f5e1000:00000000");
    expect_in(old, "crtime: 0x6553f100:00000000");
    const std::string young = said({"debugfs", "-R", "stat /usr/bin/tool", file()});
    expect_in(young, "ctime: 0x6553f100:00000000");
    expect_in(young, "mtime: 0x6553f100:00000000");
}

/// One tree, whose files are made in the order of `order`: by that their inode numbers and places
/// in their folders differ, and by the time of making all their times.
void plant_many(const testing::TempFolder& folder, std::vector<int> order, bool with_links) {
    const fs::path tree = folder.path() / "tree";
    for (const int i : order) {
        folder.write(fmt::format("tree/many/{}/file-{}", i % 3, i), std::string(2000, 'a'));
    }
    fs::create_directories(tree / "links");
    if (with_links) {
        const bool forth = order.front() == 0;
        folder.write(forth ? "tree/links/a" : "tree/links/b", "one file, two names\n");
        fs::create_hard_link(tree / (forth ? "links/a" : "links/b"),
                             tree / (forth ? "links/b" : "links/a"));
        fs::create_symlink("a", tree / "links/c");
    }
    EXPECT_EQ(testing::read_file(tree / "many/0/file-0").size(), 2000u);  // reading moves atime
}

/// The file system on which a folder lies shows in its order, numbers and sizes, so both a disk's
/// and memory's are tried.
TEST(Volume, IsTheSameBytesWhereverAndWheneverItIsMade) {
    std::vector<int> order(100);
    std::iota(order.begin(), order.end(), 0);
    std::map<FileSystem, std::string> first;
    for (const char* place : {"/tmp", "/dev/shm", "/tmp"}) {
        for (const auto& [kind, mib] : {std::pair{FileSystem::ext2, 16},
                                        {FileSystem::ext3, 16},
                                        {FileSystem::ext4, 16},
                                        {FileSystem::vfat, 40},
                                        {FileSystem::btrfs, 128},
                                        {FileSystem::xfs, 300}}) {
            const testing::TempFolder folder(place);
            plant_many(folder, order, kind != FileSystem::vfat);
            Volume one = volume(kind, static_cast<std::uint64_t>(mib) * kMiB, {});
            one.content = folder.path() / "tree";
            system::ProcessRunner runner;
            const auto made = make_volume(runner, one, folder.path() / "file");
            ASSERT_TRUE(made) << made.error().message;
            const std::string digest = sha256_file(folder.path() / "file").value();
            EXPECT_EQ(first.emplace(kind, digest).first->second, digest)
                << to_text(kind) << " in " << place;
        }
        std::ranges::reverse(order);
        std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // times have full seconds
    }
}

TEST(Volume, DiffersWhereItsUuidDoes) {
    const testing::TempFolder folder;
    std::vector<std::string> devices;
    for (const char* uuid :
         {"6b29fc40-ca47-4067-b31d-00dd010662da", "6b29fc40-ca47-4067-b31d-00dd010662db"}) {
        Volume one = volume(FileSystem::btrfs, 128 * kMiB, {});
        one.uuid = uuid;
        system::ProcessRunner runner;
        ASSERT_TRUE(make_volume(runner, one, folder.path() / "file"));
        devices.push_back(
            said({"blkid", "-p", "-s", "UUID_SUB", "-o", "value", folder.path() / "file"}));
        ASSERT_EQ(devices.back().size(), 37u);
    }
    EXPECT_NE(devices[0], devices[1]);
}

TEST_F(MadeVolume, HoldsMoreFilesThanItsSizeSuggests) {
    for (int i = 0; i < 3000; ++i) {
        folder_.write(fmt::format("tree/many/{}", i), "");
    }
    const ContentSize size = measure(tree()).value();
    Volume small = volume(FileSystem::ext4, 16 * kMiB, tree());  // by ratio: 1024 inodes
    small.inodes = size.inodes;
    ASSERT_TRUE(check_fits(small, size)) << check_fits(small, size).error().message;
    const auto made = make(small);
    EXPECT_TRUE(made) << made.error().message;
}

TEST_F(MadeVolume, HoldsTheTreeAsVfat) {
    fs::remove(tree() / "etc/tool");
    fs::remove_all(tree() / "usr/share");
    const auto made = make(volume(FileSystem::vfat, 40 * kMiB, tree()));
    ASSERT_TRUE(made) << made.error().message;
    const std::string probed = said({"blkid", "-p", "-o", "export", file()});
    expect_in(probed, "UUID=ABCD-1234\n");
    expect_in(probed, "VERSION=FAT32\n");
    const std::string checked = said({"fsck.vfat", "-n", file()});
    EXPECT_EQ(checked.find("failed"), std::string::npos) << checked;
    expect_in(said({"mtype", "-i", file(), "::/etc/hostname"}), "box\n");
    expect_in(said({"mdir", "-i", file(), "-/", "-b", "::"}), "::/home/\n");
}

TEST_F(MadeVolume, HasTheSectorsOfItsDisk) {
    fs::remove(tree() / "etc/tool");
    fs::remove_all(tree() / "usr/share");
    Volume fat = volume(FileSystem::vfat, 300 * kMiB, tree());
    fat.sector_bytes = 4096;
    const auto made = make(fat);
    ASSERT_TRUE(made) << made.error().message;
    const std::string checked = said({"fsck.vfat", "-n", "-v", file()});
    expect_in(checked, "4096 bytes per logical sector");
    expect_in(checked, "8 files");
    expect_in(said({"blkid", "-p", "-o", "export", file()}), "VERSION=FAT32\n");
    Volume xfs = volume(FileSystem::xfs, 320 * kMiB, {});
    xfs.sector_bytes = 4096;
    ASSERT_TRUE(make(xfs));
    expect_in(said({"xfs_db", "-r", "-c", "sb 0", "-c", "print sectsize", "-f", file()}),
              "sectsize = 4096");
}

TEST_F(MadeVolume, NamesWhatFatCannotHold) {
    fs::remove_all(tree() / "usr/share");
    EXPECT_EQ(make(volume(FileSystem::vfat, 40 * kMiB, tree())).error().message,
              "/: FAT cannot hold /etc/tool: it is neither a file nor a folder");
    fs::remove(tree() / "etc/tool");
    folder_.write("tree/etc/HostName", "");
    const auto doubled = make(volume(FileSystem::vfat, 40 * kMiB, tree()));
    expect_in(doubled.error().message, "differs from it in case only");
    fs::remove(tree() / "etc/HostName");
    folder_.write("tree/etc/a:b", "");
    EXPECT_EQ(make(volume(FileSystem::vfat, 40 * kMiB, tree())).error().message,
              "/: FAT cannot hold /etc/a:b: a character of its name is forbidden there");
}

TEST_F(MadeVolume, HoldsTheTreeAsBtrfs) {
    const auto made = make(volume(FileSystem::btrfs, 128 * kMiB, tree()));
    ASSERT_TRUE(made) << made.error().message;
    expect_in(said({"blkid", "-p", "-o", "export", file()}),
              "LABEL=root\nUUID=6b29fc40-ca47-4067-b31d-00dd010662da\n");
    const std::string checked = said({"btrfs", "check", file()});
    EXPECT_EQ(checked.find("failed"), std::string::npos) << checked;
    const auto out = folder_.path() / "out";
    fs::create_directory(out);
    const std::string restored = said({"btrfs", "restore", "-mS", file(), out});
    EXPECT_EQ(testing::read_file(out / "etc/hostname"), "box\n") << restored;
    EXPECT_EQ(fs::read_symlink(out / "etc/tool"), "../usr/bin/tool");
    EXPECT_EQ(fs::status(out / "tmp").permissions(), fs::perms{01777});
}

TEST_F(MadeVolume, HoldsTheTreeAsXfs) {
    const auto made = make(volume(FileSystem::xfs, 300 * kMiB, tree()));
    ASSERT_TRUE(made) << made.error().message;
    expect_in(said({"blkid", "-p", "-o", "export", file()}),
              "LABEL=root\nUUID=6b29fc40-ca47-4067-b31d-00dd010662da\n");
    const std::string checked = said({"xfs_repair", "-n", "-f", file()});
    EXPECT_EQ(checked.find("failed"), std::string::npos) << checked;
    const auto ask = [&](const std::string& path) {
        return said({"xfs_db", "-f", "-c", "path " + path, "-c",
                     "print core.mode core.size core.mtime.sec core.mtime.nsec v3.crtime.sec",
                     file()});
    };
    expect_in(ask("/tmp"), "core.mode = 041777");
    expect_in(ask("/usr/bin/tool"), "core.mode = 0104755\ncore.size = 100000");
    expect_in(ask("/usr/share/Foo::Bar.3pm"), "core.size = 4\n");
    expect_in(ask("/etc/tool"), "core.mode = 0120777\ncore.size = 15\n");
    expect_in(ask("/etc/hostname"),
              "core.mtime.sec = Sun Sep 13 12:26:40 2020\n"
              "core.mtime.nsec = 0\n"
              "v3.crtime.sec = Tue Nov 14 22:13:20 2023\n");
    EXPECT_FALSE(fs::exists(file().string() + ".prototype"));
}

TEST_F(MadeVolume, NamesWhatXfsCannotBeFilledWith) {
    folder_.write("tree/etc/two words", "");
    const auto refused = make(volume(FileSystem::xfs, 300 * kMiB, tree()));
    EXPECT_EQ(refused.error().fault, Fault::invalid);
    expect_in(refused.error().message, "/etc/two words: XFS cannot be filled with it: its name");
}

TEST_F(MadeVolume, SaysByHowMuchItIsTooSmall) {
    folder_.write("tree/big", std::string(20 * kMiB, 'x'));
    const ContentSize size = measure(tree()).value();
    const auto refused = check_fits(volume(FileSystem::ext2, 16 * kMiB, tree()), size);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::invalid);
    expect_in(refused.error().message, "partition / of 16.0 MiB is too small for its content by ");
    expect_in(refused.error().message, " as ext2, give it ");
}

/// What check_fits() refuses is not taken for granted: each tool is let run out of room.
TEST_F(MadeVolume, SaysThatMkfsRanOutOfRoom) {
    fs::remove(tree() / "etc/tool");
    fs::remove_all(tree() / "usr/share");
    std::string noise(340 * kMiB, 'x');
    folder_.write("tree/big", noise);
    for (const auto& [kind, mib] : {std::pair{FileSystem::ext4, 16},
                                    {FileSystem::vfat, 40},
                                    {FileSystem::btrfs, 128},
                                    {FileSystem::xfs, 300}}) {
        const auto made = make(volume(kind, static_cast<std::uint64_t>(mib) * kMiB, tree()));
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().fault, Fault::invalid) << made.error().message;
        expect_in(made.error().message, fmt::format("is too small for its content as {}: give it "
                                                    "more",
                                                    to_text(kind)));
    }
}

/// A file system at exactly the size we ask users for must take the content.
TEST_F(MadeVolume, TakesItsContentAtTheSizeThatIsAskedFor) {
    fs::remove(tree() / "etc/tool");
    fs::remove_all(tree() / "usr/share");
    folder_.write("tree/big", std::string(30 * kMiB, 'x'));
    for (int i = 0; i < 2000; ++i) {
        folder_.write(fmt::format("tree/small/{}", i), "x");
    }
    const ContentSize size = measure(tree()).value();
    for (const FileSystem kind : {FileSystem::ext2, FileSystem::ext3, FileSystem::ext4,
                                  FileSystem::vfat, FileSystem::btrfs, FileSystem::xfs}) {
        Volume one = volume(kind, round_up(needed_bytes(kind, size), kMiB), tree());
        one.inodes = size.inodes;
        const auto made = make(one);
        EXPECT_TRUE(made) << to_text(kind) << ": " << made.error().message;
    }
}

TEST(Volume, RefusesLabelsThatDoNotFit) {
    for (const auto& [kind, label] : {std::pair{FileSystem::ext4, "seventeen-letters"},
                                      {FileSystem::vfat, "twelveletter"},
                                      {FileSystem::xfs, "thirteen-char"},
                                      {FileSystem::vfat, "a+b"},
                                      {FileSystem::btrfs, "line\nend"}}) {
        Volume one = volume(kind, 512 * kMiB, {});
        EXPECT_TRUE(check_volume(one));
        one.label = label;
        EXPECT_EQ(check_volume(one).error().fault, Fault::invalid) << label;
    }
}

TEST(Volume, RefusesIdsThatDoNotFit) {
    for (const FileSystem kind : {FileSystem::ext4, FileSystem::btrfs, FileSystem::xfs}) {
        Volume one = volume(kind, 512 * kMiB, {});
        one.uuid = "ABCD-1234";
        EXPECT_FALSE(check_volume(one));
    }
    Volume fat = volume(FileSystem::vfat, 64 * kMiB, {});
    for (const char* id : {"", "ABCD1234", "ABCD-123", "ABCD-12345", "ABCG-1234", "-ABCD1234"}) {
        fat.uuid = id;
        EXPECT_FALSE(check_volume(fat)) << id;
    }
}

TEST(Volume, RefusesContentWhereNoneCanBe) {
    EXPECT_EQ(check_volume(volume(FileSystem::swap, kMiB, "/x")).error().message,
              "/: swap space cannot hold files");
    EXPECT_FALSE(check_volume(volume(FileSystem::none, kMiB, "/x")));
}

TEST(Volume, PassesFurtherOptionsToMkfs) {
    const testing::TempFolder folder;
    testing::RecordingRunner runner;
    for (const FileSystem kind : {FileSystem::vfat, FileSystem::btrfs, FileSystem::xfs}) {
        Volume one = volume(kind, 512 * kMiB, {});
        one.options = {"--odd", "value"};
        ASSERT_TRUE(make_volume(runner, one, folder.path() / "file"));
        const auto& argv = runner.commands.back().argv;
        ASSERT_GT(argv.size(), 3u);
        EXPECT_EQ(std::vector(argv.end() - 3, argv.end()),
                  (std::vector<std::string>{"--odd", "value", folder.path() / "file"}));
    }
}

TEST(Volume, PassesOtherFailuresOn) {
    const testing::TempFolder folder;
    testing::RecordingRunner runner;
    runner.answer = fail(Fault::broken, "mkfs.btrfs: exit 1: superblock magic doesn't match");
    const auto made =
        make_volume(runner, volume(FileSystem::btrfs, 512 * kMiB, {}), folder.path() / "file");
    EXPECT_EQ(made.error().message, "mkfs.btrfs: exit 1: superblock magic doesn't match");
}

TEST(Volume, SaysWhatWillBeLost) {
    const ContentSize size{.with_capabilities = {"/bin/ping"}, .sockets = {"/run/s"}};
    EXPECT_EQ(losses(volume(FileSystem::ext4, kMiB, {}), size),
              std::vector<std::string>{"partition /: the socket /run/s is left out"});
    EXPECT_EQ(losses(volume(FileSystem::xfs, kMiB, {}), size).size(), 2u);
}

}  // namespace
}  // namespace img::volume
