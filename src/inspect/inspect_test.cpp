// Whole images in files, from the file's name to its description.
#include "inspect/inspect.hpp"

#include "base/byte_order.hpp"
#include "base/byte_size.hpp"
#include "inspect/description_json.hpp"
#include "inspect/description_text.hpp"
#include "inspect/image_file.hpp"
#include "inspect/unpacked_file.hpp"
#include "tests/support/run_tool.hpp"
#include "tests/support/temp_folder.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace img::inspect {
namespace {

using testing::run_tool;

constexpr const char* kUuid = "6b29fc40-ca47-4067-b31d-00dd010662da";

/// The head of a bzImage, with its version (Documentation/arch/x86/boot.rst).
std::string kernel() {
    std::string head(64 * 1024, '\0');
    head.replace(0x202, 4, "HdrS");
    put_le(head, 0x20e, std::uint16_t{0x300});
    head.replace(0x500, 24, "6.1.0-44-amd64 (someone)");
    return head;
}

class Inspected : public ::testing::Test {
protected:
    void SetUp() override {
        folder_.write("tree/etc/os-release", "ID=debian\nPRETTY_NAME=\"Debian 12\"\n");
        folder_.write("tree/etc/hostname", "box\n");
        folder_.write("tree/etc/fstab", std::string("UUID=") + kUuid +
                                            " / ext4 defaults 0 1\nUUID=AAAA-BBBB /efi vfat\n");
        folder_.write("tree/boot/vmlinuz-6.1.0-44-amd64", kernel());
        folder_.write("tree/boot/initrd.img-6.1.0-44-amd64", "\x1f\x8b and more");
        folder_.write("tree/boot/grub/grub.cfg",
                      "menuentry 'first \x1b[2J' {\n linux /boot/vmlinuz-6.1.0-44-amd64 ro\n}\n");
        folder_.write("tree/var/lib/dpkg/status",
                      "Package: bash\nStatus: install ok installed\nVersion: 5.2\n");
    }

    std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

    /// A GPT with the tree in an ext4 from 1 MiB on.
    std::string disk() const {
        const auto file = folder_.write("disk.img", "");
        std::filesystem::resize_file(file, 16 * kMiB);
        run_tool({"sgdisk", "-n1:2048:+12M", "-c1:root", file.string()});
        run_tool({"mke2fs", "-q", "-F", "-t", "ext4", "-U", kUuid, "-L", "root", "-E",
                  "offset=1048576", "-d", path("tree"), file.string(), "12M"});
        return file.string();
    }

    Result<ImageDescription> look(const std::string& file) const {
        system::ProcessRunner runner;
        return inspect(file, runner);
    }

    /// What is the tree's, wherever it is kept.
    void expect_tree(const ImageDescription& image, const std::string& place) const {
        ASSERT_EQ(image.systems.size(), 1u);
        EXPECT_EQ(image.systems[0].place, place);
        EXPECT_EQ(image.systems[0].name, "Debian 12");
        EXPECT_EQ(image.systems[0].host_name, "box");
        ASSERT_EQ(image.systems[0].packages.size(), 1u);
        EXPECT_EQ(image.systems[0].packages[0].version, "5.2");
        ASSERT_EQ(image.kernels.size(), 1u);
        EXPECT_EQ(image.kernels[0].path, "boot/vmlinuz-6.1.0-44-amd64");
        EXPECT_EQ(image.kernels[0].version, "6.1.0-44-amd64");
        EXPECT_EQ(image.kernels[0].size_bytes, 64 * kKiB);
        ASSERT_EQ(image.initrds.size(), 1u);
        EXPECT_EQ(image.initrds[0].packing, "gzip");
        ASSERT_EQ(image.menus.size(), 1u);
        EXPECT_EQ(image.menus[0].entries.at(0).arguments, "ro");
    }

    testing::TempFolder folder_;
};

TEST_F(Inspected, RawDisksTellAllOfTheirContent) {
    const auto image = look(disk()).value();
    EXPECT_EQ(image.format, "raw");
    EXPECT_EQ(image.size_bytes, 16 * kMiB);
    EXPECT_LT(image.on_disk_bytes, 8 * kMiB);
    ASSERT_EQ(image.volumes.size(), 1u);
    EXPECT_EQ(image.volumes[0].file_system->uuid, kUuid);
    expect_tree(image, "partition 1");
    EXPECT_EQ(image.remarks, std::vector<std::string>{
                                 "fstab mounts /efi from UUID=AAAA-BBBB, which nothing here has"});
}

TEST_F(Inspected, PackedDisksAreUnpackedOnTheWay) {
    const auto file = disk();
    for (const auto& [tool, name] :
         {std::pair{"gzip", "gzip"}, std::pair{"xz", "xz"}, std::pair{"zstd", "zstd"},
          std::pair{"bzip2", "bzip2"}, std::pair{"lz4", "lz4"}}) {
        const auto packed = file + "." + name;
        const auto text = run_tool({tool, "-c", file});
        folder_.write(packed, text);
        const auto image = look(packed).value();
        EXPECT_EQ(image.compression, name);
        EXPECT_EQ(image.size_bytes, 16 * kMiB);
        EXPECT_EQ(image.file_bytes, text.size());
        expect_tree(image, "partition 1");
    }
}

TEST_F(Inspected, VirtualDisksTellTheSameAsTheRawOne) {
    const auto raw = disk();
    for (const std::string format : {"qcow2", "vdi", "vmdk", "vpc", "vhdx"}) {
        const auto file = path("disk." + format);
        run_tool({"qemu-img", "convert", "-O", format, raw, file});
        const auto image = look(file).value();
        EXPECT_EQ(image.format, format == "vpc" ? "vhd" : format);
        EXPECT_GE(image.size_bytes, 16 * kMiB);  // a VHD's size is one of cylinders
        EXPECT_EQ(image.file_bytes, std::filesystem::file_size(file));
        expect_tree(image, "partition 1");
    }
}

TEST_F(Inspected, PackedDisksAreUnpackedUpToALimitOnly) {
    const auto file = folder_.write("zeros", "");
    std::filesystem::resize_file(file, 4 * kMiB);
    for (const auto* const packing : {"gzip", "bzip2"}) {
        folder_.write("zeros.packed", run_tool({packing, "-c", file.string()}));
        const auto source = ImageFile::open(path("zeros.packed")).value();
        EXPECT_TRUE(UnpackedFile::unpack(source, packing, folder_.path(), 4 * kMiB));
        const auto refused = UnpackedFile::unpack(source, packing, folder_.path(), 4 * kMiB - 1);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().fault, Fault::exhausted);
        EXPECT_EQ(refused.error().message,
                  "more than 4.0 MiB come out of it; unpack it by hand and inspect that");
    }
}

TEST_F(Inspected, DisksThatArePackedTwiceAreUnpackedOnce) {
    const auto file = disk();
    const auto once = folder_.write("once.gz", run_tool({"gzip", "-c", file}));
    folder_.write("twice.gz", run_tool({"gzip", "-c", once.string()}));
    const auto image = look(path("twice.gz"));
    ASSERT_FALSE(image.has_value());
    EXPECT_TRUE(image.error().message.ends_with("it looks like a file packed by gzip"))
        << image.error().message;
}

TEST_F(Inspected, PackedDisksThatAreCutOffAreSaidToBeDamaged) {
    const auto text = run_tool({"zstd", "-c", disk()});
    const auto file = folder_.write("cut.zst", text.substr(0, text.size() / 2)).string();
    const auto image = look(file);
    ASSERT_FALSE(image.has_value());
    EXPECT_EQ(image.error().fault, Fault::invalid);
    EXPECT_TRUE(image.error().message.starts_with(file + ": it cannot be unpacked: "))
        << image.error().message;
}

TEST_F(Inspected, ArchivesTellTheSameAsTheirTree) {
    run_tool({"tar", "-C", path("tree"), "-cf", path("a.tar"), "."});
    run_tool({"tar", "-C", path("tree"), "-czf", path("a.tar.gz"), "."});
    const auto plain = look(path("a.tar")).value();
    EXPECT_EQ(plain.format, "tar");
    expect_tree(plain, "the archive");
    const auto packed = look(path("a.tar.gz")).value();
    EXPECT_EQ(packed.compression, "gzip");
    expect_tree(packed, "the archive");
}

TEST_F(Inspected, FoldersTellTheSame) {
    const auto image = look(path("tree")).value();
    EXPECT_EQ(image.format, "folder");
    expect_tree(image, "the folder");
}

TEST_F(Inspected, LiveIsosAreLookedIntoDownToTheirSquashfs) {
    std::filesystem::create_directories(path("cd/live"));
    run_tool({"mksquashfs", path("tree"), path("cd/live/filesystem.squashfs"), "-quiet",
              "-no-progress"});
    folder_.write("cd/isolinux/isolinux.cfg", "label live\n kernel /live/vmlinuz\n");
    folder_.write("boot.bin", std::string(2048, 'b'));
    std::filesystem::copy(path("boot.bin"), path("cd/isolinux/isolinux.bin"));
    run_tool({"xorriso", "-as", "mkisofs", "-quiet", "-R", "-V", "LIVE", "-b",
              "isolinux/isolinux.bin", "-no-emul-boot", "-o", path("cd.iso"), path("cd")});
    const auto image = look(path("cd.iso")).value();
    ASSERT_EQ(image.systems.size(), 1u);
    EXPECT_EQ(image.systems[0].place, "live/filesystem.squashfs in the whole image");
    EXPECT_EQ(image.kernels.at(0).version, "6.1.0-44-amd64");
    EXPECT_EQ(image.menus.at(0).path, "isolinux/isolinux.cfg");
    EXPECT_TRUE(std::ranges::any_of(image.boot_loaders, [](const BootLoaderDescription& loader) {
        return loader.firmware == "bios" && loader.place.starts_with("El Torito");
    }));
}

TEST_F(Inspected, UbiImagesTellTheirVolumes) {
    run_tool({"mksquashfs", path("tree"), path("s.img"), "-quiet", "-no-progress"});
    const auto list = folder_.write("ubi.ini", "[one]\nmode=ubi\nimage=" + path("s.img") +
                                                   "\nvol_id=3\nvol_type=dynamic\nvol_name=root\n"
                                                   "vol_flags=autoresize\n");
    run_tool({"ubinize", "-o", path("ubi.img"), "-m", "2048", "-p", "128KiB", list.string()});
    const auto image = look(path("ubi.img")).value();
    EXPECT_EQ(image.subformat, "UBI");
    ASSERT_EQ(image.volumes.size(), 2u);
    EXPECT_EQ(image.volumes[0].file_system->kind, "UBI");
    EXPECT_EQ(image.volumes[1].place, "volume 3 (root), dynamic, grows when attached");
    EXPECT_EQ(image.volumes[1].file_system->kind, "squashfs");
    EXPECT_TRUE(image.volumes[1].unread.starts_with("the files of a volume of UBI"));
}

TEST_F(Inspected, FilesThatAreNoImageAreRefusedWithASentence) {
    EXPECT_EQ(look(path("none")).error().fault, Fault::missing);
    const auto empty = look(folder_.write("empty", "").string());
    EXPECT_EQ(empty.error().fault, Fault::invalid);
    EXPECT_EQ(empty.error().message, path("empty") + " is empty");
    const auto text = look(folder_.write("text", "just a few words\n").string());
    EXPECT_EQ(text.error().fault, Fault::invalid);
    EXPECT_EQ(text.error().message,
              path("text") +
                  ": no image: it has no partition table, no file system and no other "
                  "mark that IMG knows; it looks like text");
}

TEST_F(Inspected, DamageInsideIsRemarkedUpon) {
    const auto file = disk();
    auto bytes = testing::read_file(file);
    // The inode table's first inodes: the root folder is number 2. Its block is in the group
    // descriptor at the second block.
    const std::size_t file_system = kMiB;
    const std::size_t block = std::size_t{1024}
                              << get_le<std::uint32_t>(bytes, file_system + 1024 + 0x18);
    const std::size_t descriptors = file_system + std::max<std::size_t>(block, 2048);
    const std::size_t table = file_system + get_le<std::uint32_t>(bytes, descriptors + 8) * block;
    bytes.replace(table, 512, 512, '\xff');
    folder_.write(file, bytes);
    const auto image = look(file).value();
    EXPECT_TRUE(image.systems.empty());
    EXPECT_FALSE(image.remarks.empty());
}

TEST_F(Inspected, FileSystemsThatWereCutShortAreRemarkedUpon) {
    struct Case {
        const char* kind;
        std::vector<std::string> tool;
    };
    const auto file = path("cut.img");
    for (const auto& [kind, tool] :
         {Case{"xfs", {"mkfs.xfs", "-q", "-f", file}}, Case{"swap", {"mkswap", "-q", file}},
          Case{"btrfs", {"mkfs.btrfs", "-q", "-f", file}}, Case{"vfat", {"mkfs.vfat", file}}}) {
        folder_.write("cut.img", "");
        std::filesystem::resize_file(file, 320 * kMiB);
        run_tool(tool);
        EXPECT_TRUE(look(file).value().remarks.empty()) << kind;
        std::filesystem::resize_file(file, 20 * kMiB);
        EXPECT_EQ(look(file).value().remarks.at(0),
                  fmt::format("the whole image: the {} has 320.0 MiB, and the last 300.0 MiB of "
                              "them are not there: the image was cut short",
                              kind));
    }
}

TEST_F(Inspected, RawDisksMayEndAsAVhdDoes) {
    const auto file = folder_.write("ext.img", "");
    std::filesystem::resize_file(file, 8 * kMiB);
    run_tool({"mke2fs", "-q", "-F", "-t", "ext4", "-d", path("tree"), file.string()});
    auto bytes = testing::read_file(file);
    bytes.replace(bytes.size() - 512, 8, "conectix");
    folder_.write("ext.img", bytes);
    const auto image = look(file.string()).value();
    EXPECT_EQ(image.format, "raw");
    EXPECT_EQ(image.subformat, "");
    EXPECT_EQ(image.size_bytes, 8 * kMiB);
}

TEST_F(Inspected, ViewsShowNoControlCharactersAndParse) {
    const auto image = look(disk()).value();
    const auto text = to_text(image, {.packages = true});
    EXPECT_NE(text.find("first \\x1b[2J"), std::string::npos) << text;
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_NE(text.find("bash"), std::string::npos);
    const auto json = nlohmann::json::parse(to_json(image).dump());
    EXPECT_EQ(json["partition_table"]["partitions"][0]["name"], "root");
    EXPECT_EQ(json["volumes"][0]["file_system"]["uuid"], kUuid);
    EXPECT_EQ(json["systems"][0]["packages"][0]["name"], "bash");
}

}  // namespace
}  // namespace img::inspect
