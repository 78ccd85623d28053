// The same small tree in each file system whose files can be read, listed and read back.
#include "filetree/filetree.hpp"

#include "base/byte_size.hpp"
#include "filetree/archive_tree.hpp"
#include "filetree/squashfs_tree.hpp"
#include "tests/support/run_tool.hpp"
#include "tests/support/temp_folder.hpp"
#include "vdisk/source_part.hpp"
#include "vdisk/vdisk.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace img::filetree {
namespace {

using testing::run_tool;

constexpr const char* kLongName = "etc/A name longer than eight and three.text";

class Trees : public ::testing::Test {
protected:
    void SetUp() override {
        folder_.write("tree/etc/hostname", "box\n");
        folder_.write(std::string("tree/") + kLongName, "long\n");
        folder_.write("tree/boot/vmlinuz", big_);
        for (int i = 0; i < 200; ++i) {  // more than one block of a folder
            folder_.write(fmt::format("tree/many/file-{:03}", i), "x");
        }
    }

    std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

    std::string sized(const std::string& name, std::uint64_t size_bytes) const {
        const auto file = folder_.write(name, "");
        std::filesystem::resize_file(file, size_bytes);
        return file.string();
    }

    void expect_tree(const FileTree& tree) const {
        EXPECT_EQ(tree.read("etc/hostname", 100).value(), "box\n");
        EXPECT_EQ(tree.read("etc/hostname", 2).value(), "bo");
        EXPECT_EQ(tree.read(kLongName, 100).value(), "long\n");
        EXPECT_EQ(tree.read("boot/vmlinuz", 1 << 20).value(), big_);
        EXPECT_EQ(tree.list("many").value().size(), 200u);
        EXPECT_EQ(tree.list("many").value().at(7).name, "file-007");
        const auto boot = tree.list("boot").value();
        ASSERT_EQ(boot.size(), 1u);
        EXPECT_EQ(boot[0].name, "vmlinuz");
        EXPECT_EQ(boot[0].kind, NodeKind::file);
        EXPECT_EQ(boot[0].size_bytes, big_.size());
        EXPECT_EQ(tree.read("etc/none", 1).error().fault, Fault::missing);
        EXPECT_EQ(tree.read("etc", 1).error().fault, Fault::missing);
        EXPECT_EQ(tree.list("none").error().fault, Fault::missing);
    }

    testing::TempFolder folder_;
    std::string big_ = std::string(300'000, 'k') + "end";
};

TEST_F(Trees, AreReadInExt) {
    for (const std::string features : {"^extent,^64bit", "extent,64bit,inline_data"}) {
        const auto file = sized("ext.img", 8 * kMiB);
        run_tool({"mke2fs", "-q", "-F", "-t", "ext4", "-O", features, "-d", path("tree"), file});
        const auto source = vdisk::open_disk(file, vdisk::DiskFormat::raw).value();
        expect_tree(*open_ext_tree(*source).value());
    }
}

TEST_F(Trees, AreReadInExtAtAnOffset) {
    const auto disk = sized("disk.img", 12 * kMiB);
    run_tool({"mke2fs", "-q", "-F", "-t", "ext4", "-E", "offset=3145728", "-d", path("tree"), disk,
              "8M"});
    const auto source = vdisk::open_disk(disk, vdisk::DiskFormat::raw).value();
    const vdisk::SourcePart part(*source, {.start = 3 * kMiB, .size = 8 * kMiB});
    expect_tree(*open_ext_tree(part).value());
}

TEST_F(Trees, AreReadInFatOfAllWidths) {
    for (const std::string bits : {"12", "16", "32"}) {
        const auto file = sized("fat.img", 40 * kMiB);
        run_tool({"mkfs.vfat", "-F", bits, "-s",
                  bits == "12"   ? "32"
                  : bits == "16" ? "4"
                                 : "1",
                  file});
        for (const std::string folder : {"etc", "boot", "many"}) {
            run_tool({"mcopy", "-s", "-i", file, path("tree/" + folder), "::"});
        }
        const auto source = vdisk::open_disk(file, vdisk::DiskFormat::raw).value();
        const auto tree = open_vfat_tree(*source).value();
        expect_tree(*tree);
        EXPECT_EQ(tree->read("ETC/HOSTNAME", 100).value(), "box\n");
        const auto place = tree->place("boot/vmlinuz").value().value();
        EXPECT_EQ(vdisk::read_bytes(*source, place.start, place.size).value(), big_);
    }
}

TEST_F(Trees, AreReadInAnIso) {
    const auto file = path("cd.iso");
    run_tool({"xorriso", "-as", "mkisofs", "-quiet", "-R", "-o", file, path("tree")});
    const auto source = vdisk::open_disk(file, vdisk::DiskFormat::raw).value();
    const auto tree = open_iso_tree(*source).value();
    expect_tree(*tree);
    const auto place = tree->place("boot/vmlinuz").value().value();
    EXPECT_EQ(vdisk::read_bytes(*source, place.start, place.size).value(), big_);
}

TEST_F(Trees, AreReadInASquashfsAtAnOffset) {
    const auto file = path("s.img");
    run_tool({"mksquashfs", path("tree"), file, "-quiet", "-no-progress", "-o", "8192"});
    system::ProcessRunner runner;
    expect_tree(*open_squashfs_tree(runner, file, 8192).value());
    EXPECT_FALSE(open_squashfs_tree(runner, file, 4096).has_value());
}

TEST_F(Trees, OfExtThatIsLargerThanItsPlaceAreRefused) {
    const auto file = sized("ext.img", 8 * kMiB);
    run_tool({"mke2fs", "-q", "-F", "-t", "ext4", file});
    const auto source = vdisk::open_disk(file, vdisk::DiskFormat::raw).value();
    const vdisk::SourcePart half(*source, {.start = 0, .size = 4 * kMiB});
    EXPECT_EQ(open_ext_tree(half).error().message, "the ext file system is larger than its place");
}

TEST_F(Trees, OfPackedArchivesAreReadUpToALimitOnly) {
    for (const auto* const name : {"a", "b", "c"}) {
        folder_.write(std::string("zeros/") + name, std::string(2 * kMiB, '\0'));
    }
    run_tool({"tar", "-C", path("zeros"), "-cf", path("z.tar"), "a", "b", "c"});
    const auto read = [&](const std::string& packing, std::uint64_t inflated_max) {
        const auto source = vdisk::open_disk(path("z"), vdisk::DiskFormat::raw).value();
        return read_archive(*source, packing, [](auto) { return 5; }, inflated_max).value();
    };
    for (const std::string packing : {"gzip", "bzip2", "xz", "lzma", "zstd", "lz4"}) {
        const auto tool = packing == "lzma" ? std::vector<std::string>{"xz", "--format=lzma"}
                                            : std::vector{packing};
        auto argv = tool;
        argv.insert(argv.end(), {"-c", path("z.tar")});
        folder_.write("z", run_tool(argv));
        const auto whole = read(packing, 7 * kMiB);
        EXPECT_EQ(whole.files, 3u) << packing;
        EXPECT_TRUE(whole.remarks.empty());
        const auto part = read(packing, 3 * kMiB);
        EXPECT_EQ(part.files, 2u);
        EXPECT_EQ(part.remarks,
                  std::vector<std::string>{"more than 3.0 MiB come out of the archive; what lies "
                                           "behind entry 2 was not read"});
        EXPECT_EQ(part.tree->read("b", 9).value(), std::string(5, '\0'));
    }
    std::filesystem::rename(path("z.tar"), path("z"));
    EXPECT_TRUE(read("", kMiB).remarks.empty());  // nothing comes out of what is not packed
}

TEST_F(Trees, OfASquashfsThatWasCutShortAreRefused) {
    const auto file = path("s.img");
    folder_.write("tree/noise", run_tool({"head", "-c", "300000", "/dev/urandom"}));
    run_tool({"mksquashfs", path("tree"), file, "-quiet", "-no-progress"});
    std::filesystem::resize_file(file, 100'000);
    system::ProcessRunner runner;
    const auto tree = open_squashfs_tree(runner, file, 0);
    ASSERT_FALSE(tree.has_value());
    EXPECT_EQ(tree.error().fault, Fault::invalid);
    EXPECT_TRUE(tree.error().message.starts_with("the squashfs cannot be read: unsquashfs says "))
        << tree.error().message;
}

TEST(SquashfsNode, IsReadFromALineOfTheList) {
    const auto node = squashfs_node(
        "-rw-r--r-- 0/0      1234 2023-11-14 22:13 squashfs-root/boot/vm linuz", "boot");
    ASSERT_TRUE(node.has_value());
    EXPECT_EQ(node->name, "vm linuz");
    EXPECT_EQ(node->size_bytes, 1234u);
    EXPECT_FALSE(squashfs_node("drwxr-xr-x 0/0 35 2023-11-14 22:13 squashfs-root/boot", "boot"));
    EXPECT_FALSE(squashfs_node("-rw-r--r-- 0/0 3 2023-11-14 22:13 squashfs-root/boot/a/b", "boot"));
}

}  // namespace
}  // namespace img::filetree
