// File systems that their own tools make, against what blkid says of them.
#include "superblock/superblock.hpp"

#include "base/byte_size.hpp"
#include "base/text.hpp"
#include "tests/support/memory_disk.hpp"
#include "tests/support/run_tool.hpp"
#include "tests/support/temp_folder.hpp"
#include "vdisk/vdisk.hpp"

#include <gtest/gtest.h>
#include <map>

namespace img::superblock {
namespace {

using testing::run_tool;

constexpr const char* kUuid = "6b29fc40-ca47-4067-b31d-00dd010662da";

class FindFileSystem : public ::testing::Test {
protected:
    std::string file_of(std::uint64_t size_bytes) {
        const auto file = folder_.write("fs.img", "");
        std::filesystem::resize_file(file, size_bytes);
        return file.string();
    }

    /// A folder with one file, for tools that fill what they make.
    std::string tree() {
        folder_.write("tree/etc/hostname", "box\n");
        return (folder_.path() / "tree").string();
    }

    FileSystemDescription find(const std::string& file) {
        const auto source = vdisk::open_disk(file, vdisk::DiskFormat::raw).value();
        auto found = find_file_system(*source).value();
        EXPECT_TRUE(found.has_value());
        return found.value_or(FileSystemDescription{});
    }

    /// What `blkid -p` says, by its names: TYPE, LABEL, UUID.
    std::map<std::string, std::string> blkid(const std::string& file) {
        std::map<std::string, std::string> said;
        for (const auto& line : split(run_tool({"blkid", "-p", "-o", "export", file}), "\n")) {
            const auto equals = line.find('=');
            said[line.substr(0, equals)] = line.substr(equals + 1);
        }
        return said;
    }

    FileSystemDescription expect_as_blkid(const std::string& file) {
        const auto found = find(file);
        auto said = blkid(file);
        EXPECT_EQ(found.kind, said["TYPE"]);
        EXPECT_EQ(found.label, said["LABEL"]);
        EXPECT_EQ(found.uuid, said["UUID"]);
        return found;
    }

    testing::TempFolder folder_;
};

TEST_F(FindFileSystem, AgreesWithBlkidOnExt) {
    for (const std::string kind : {"ext2", "ext3", "ext4"}) {
        const auto file = file_of(16 * kMiB);
        run_tool({"mke2fs", "-q", "-F", "-t", kind, "-L", "root", "-U", kUuid, file});
        const auto found = expect_as_blkid(file);
        EXPECT_EQ(found.kind, kind);
        EXPECT_EQ(found.size_bytes, 16 * kMiB);
        EXPECT_GT(found.created.value_or(0), 1'700'000'000);
        // "Free blocks:   15245" is the other way to count.
        std::uint64_t free = 0;
        for (const auto& line : split(run_tool({"dumpe2fs", "-h", file}), "\n")) {
            const auto words = split(line, " ");
            if (line.starts_with("Free blocks:")) {
                free = std::stoull(words.back());
            }
        }
        EXPECT_EQ(found.used_bytes, 16 * kMiB - free * kKiB) << kind;
    }
}

TEST_F(FindFileSystem, AgreesWithBlkidOnFatOfAllWidths) {
    for (const std::string bits : {"12", "16", "32"}) {
        const auto file = file_of(64 * kMiB);
        run_tool({"mkfs.vfat", "-F", bits, "-s",
                  bits == "12"   ? "64"
                  : bits == "16" ? "4"
                                 : "1",
                  "-n", "EFI", "-i", "ABCD1234", file});
        const auto found = expect_as_blkid(file);
        EXPECT_EQ(found.size_bytes, 64 * kMiB) << bits;
        EXPECT_TRUE(found.details.starts_with("FAT" + bits)) << found.details;
    }
}

TEST_F(FindFileSystem, TakesTheLabelOfFatsRootFolder) {
    const auto file = file_of(kMiB);
    run_tool({"mkfs.vfat", "-n", "OLD", file});
    run_tool({"mlabel", "-i", file, "::NEW"});
    EXPECT_EQ(expect_as_blkid(file).label, "NEW");
}

TEST_F(FindFileSystem, AgreesWithBlkidOnBtrfs) {
    const auto file = file_of(128 * kMiB);
    run_tool({"mkfs.btrfs", "-q", "-L", "data", "-U", kUuid, file});
    EXPECT_EQ(expect_as_blkid(file).size_bytes, 128 * kMiB);
}

TEST_F(FindFileSystem, TellsOfABtrfsOnTwoDevicesTheSizeOfEach) {
    const auto file = file_of(128 * kMiB);
    const auto other = folder_.write("other.img", "").string();
    std::filesystem::resize_file(other, 256 * kMiB);
    run_tool({"mkfs.btrfs", "-q", file, other});
    for (const auto& [device, size] : {std::pair{file, 128 * kMiB}, std::pair{other, 256 * kMiB}}) {
        const auto source = vdisk::open_disk(device, vdisk::DiskFormat::raw).value();
        const auto found = find_file_system(*source).value().value();
        EXPECT_EQ(found.size_bytes, size);
        EXPECT_FALSE(found.used_bytes.has_value());
        EXPECT_EQ(found.details, "one of 2 devices");
    }
}

TEST_F(FindFileSystem, AgreesWithBlkidOnXfs) {
    const auto file = file_of(320 * kMiB);
    run_tool({"mkfs.xfs", "-q", "-L", "data", "-m", std::string("uuid=") + kUuid, file});
    EXPECT_EQ(expect_as_blkid(file).size_bytes, 320 * kMiB);
}

TEST_F(FindFileSystem, AgreesWithBlkidOnSwap) {
    const auto file = file_of(kMiB);
    run_tool({"mkswap", "-L", "swap", "-U", kUuid, file});
    EXPECT_EQ(expect_as_blkid(file).size_bytes, kMiB);
}

TEST_F(FindFileSystem, AgreesWithBlkidOnSquashfs) {
    const auto file = (folder_.path() / "s.img").string();
    run_tool({"mksquashfs", tree(), file, "-quiet", "-no-progress", "-comp", "xz", "-mkfs-time",
              "1700000000"});
    const auto found = expect_as_blkid(file);
    EXPECT_EQ(found.created, 1'700'000'000);
    EXPECT_EQ(found.details, "xz, blocks of 128.0 KiB, 3 inodes");
}

TEST_F(FindFileSystem, AgreesWithBlkidOnErofs) {
    const auto file = (folder_.path() / "e.img").string();
    run_tool({"mkfs.erofs", "-T", "1700000000", "-U", kUuid, file, tree()});
    const auto found = find(file);
    EXPECT_EQ(found.kind, "erofs");
    EXPECT_EQ(found.uuid, kUuid);
    EXPECT_EQ(found.created, 1'700'000'000);
    EXPECT_EQ(found.size_bytes, std::filesystem::file_size(file));
}

TEST_F(FindFileSystem, AgreesWithBlkidOnAnIso) {
    const auto file = (folder_.path() / "cd.iso").string();
    run_tool({"xorriso", "-as", "mkisofs", "-quiet", "-R", "-V", "DISC", "-o", file, tree()});
    EXPECT_EQ(expect_as_blkid(file).label, "DISC");
}

TEST_F(FindFileSystem, TellsJffs2InBothByteOrders) {
    for (const std::string order : {"--little-endian", "--big-endian"}) {
        const auto file = (folder_.path() / "j.img").string();
        run_tool({"mkfs.jffs2", "-r", tree(), "-o", file, order});
        EXPECT_EQ("--" + find(file).details, order);
    }
}

TEST(FindNothing, InZerosAndInText) {
    EXPECT_FALSE(find_file_system(testing::MemoryDisk(std::string(kMiB, '\0'))).value());
    EXPECT_FALSE(find_file_system(testing::MemoryDisk("a few words")).value());
}

}  // namespace
}  // namespace img::superblock
