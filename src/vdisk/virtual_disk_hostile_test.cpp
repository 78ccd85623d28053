// Files that are damaged or made to do harm: each is a sentence, none is a crash.
#include "base/byte_order.hpp"
#include "tests/support/virtual_disks.hpp"
#include "vdisk/vdisk.hpp"

#include <gtest/gtest.h>

namespace img::vdisk {
namespace {

namespace fs = std::filesystem;

class HostileDisk : public ::testing::Test {
protected:
    fs::path file(const std::string& name) const { return folder_.path() / name; }

    /// A small disk of that kind, with bytes of it replaced.
    fs::path damaged(const Kind& kind, const std::vector<Patch>& patches) {
        make_raw(file("disk.raw"), 4 * kMiB, {{0, noise(100 * kKiB, 1)}, {3 * kMiB, noise(9, 2)}});
        const auto made = file("made.img");
        EXPECT_EQ(convert(file("disk.raw"), made, kind), "");
        for (const Patch& patch : patches) {
            EXPECT_TRUE(system::write_at(made, patch.at, patch.bytes));
        }
        return made;
    }

    /// The sentence with which it is opened and read to its end; "" where nothing is wrong.
    std::string read_all(const fs::path& path) {
        fs::remove(file("back.raw"));
        const std::string said = convert(path, file("back.raw"), {DiskFormat::raw});
        EXPECT_TRUE(said.empty() || !fs::exists(file("back.raw")));
        return said;
    }

    testing::TempFolder folder_;
};

std::string le32(std::uint32_t value) {
    std::string bytes(4, '\0');
    put_le(bytes, 0, value);
    return bytes;
}

std::string be32(std::uint32_t value) {
    std::string bytes(4, '\0');
    put_be(bytes, 0, value);
    return bytes;
}

std::string be64(std::uint64_t value) {
    std::string bytes(8, '\0');
    put_be(bytes, 0, value);
    return bytes;
}

TEST_F(HostileDisk, IsNoDiskWhereItIsNoFile) {
    EXPECT_EQ(open_disk(file("none")).error().fault, Fault::missing);
    EXPECT_EQ(open_disk(folder_.path()).error().fault, Fault::invalid);
    EXPECT_NE(open_disk("/dev/null").error().message.find("is a device"), std::string::npos);
    EXPECT_EQ(open_disk(folder_.write("empty", "")).error().message,
              "empty: it is empty, and holds no disk");
}

TEST_F(HostileDisk, IsRefusedWhereItsDataLiesBehindTheEnd) {
    EXPECT_NE(read_all(damaged({DiskFormat::vdi}, {{512, le32(7)}})).find("made.img: it ends at"),
              std::string::npos);
    EXPECT_NE(read_all(damaged({DiskFormat::vhd}, {{1536, be32(0x00ffffff)}})).find("it ends at"),
              std::string::npos);
    EXPECT_NE(
        read_all(damaged({DiskFormat::vhdx}, {{3 * kMiB, std::string("\x06\0\0\x10\0\0\0\0", 8)}}))
            .find("it ends at"),
        std::string::npos);
    // The first table lies in the second cluster, its second one wherever it says.
    EXPECT_NE(read_all(damaged({DiskFormat::qcow2}, {{64 * kKiB, be64(kGiB)}})).find("it ends at"),
              std::string::npos);
    EXPECT_NE(
        read_all(damaged({DiskFormat::vmdk}, {{26 * 512, le32(0x00ffffff)}})).find("it ends at"),
        std::string::npos);
}

TEST_F(HostileDisk, IsRefusedWhereItIsCutShort) {
    for (const Kind& kind : all_kinds()) {
        if (kind.format == DiskFormat::raw || kind.subformat == "monolithicFlat") {
            continue;
        }
        const auto made = damaged(kind, {});
        const std::uint64_t whole = fs::file_size(made);
        for (const std::uint64_t size : {whole - 66 * kKiB, whole / 2, std::uint64_t{600}}) {
            fs::resize_file(made, size);
            const auto opened = open_disk(made, kind.format);
            const bool readable = opened && read_all(made).empty();
            EXPECT_FALSE(readable && (*opened)->size_bytes() != 4 * kMiB)
                << kind.text() << " of " << size;
            if (size == 600) {
                EXPECT_FALSE(readable) << kind.text();
            }
        }
    }
}

TEST_F(HostileDisk, IsRefusedWhereItSaysMoreThanItCanBe) {
    EXPECT_NE(read_all(damaged({DiskFormat::vdi}, {{0x180, le32(0xffffffff)}})).find("block table"),
              std::string::npos);
    EXPECT_NE(
        read_all(damaged({DiskFormat::vdi}, {{0x178, le32(3)}})).find("blocks of 0 + 3 bytes"),
        std::string::npos);
    EXPECT_NE(
        read_all(damaged({DiskFormat::vdi}, {{0x170, std::string(8, '\xff')}})).find("too few"),
        std::string::npos);
    EXPECT_NE(read_all(damaged({DiskFormat::vmdk}, {{12, std::string(8, '\x7f')}})).find("sectors"),
              std::string::npos);
    EXPECT_NE(read_all(damaged({DiskFormat::vmdk}, {{44, le32(0)}})).find("0 to a table"),
              std::string::npos);
    EXPECT_NE(read_all(damaged({DiskFormat::qcow2}, {{20, be32(63)}})).find("clusters of 2^63"),
              std::string::npos);
    EXPECT_NE(read_all(damaged({DiskFormat::qcow2}, {{36, be32(0)}})).find("first table of 0"),
              std::string::npos);
    EXPECT_NE(read_all(damaged({DiskFormat::qcow2}, {{36, be32(0xffffffff)}}))
                  .find("first table of 4294"),
              std::string::npos);
}

TEST_F(HostileDisk, IsRefusedWhereItsTableIsLargerThanAVhdCanHave) {
    const auto made = damaged({DiskFormat::vhd}, {});
    std::string header = content(made).substr(512, 1024);
    put_be(header, 28, std::uint32_t{1024});
    put_be(header, 32, std::uint32_t{4096});
    put_be(header, 36, std::uint32_t{0});
    std::uint32_t sum = 0;
    for (const char byte : header) {
        sum += static_cast<unsigned char>(byte);
    }
    put_be(header, 36, ~sum);
    ASSERT_TRUE(system::write_at(made, 512, header));
    EXPECT_EQ(read_all(made),
              "made.img: its blocks are of 4.0 KiB, and those of a VHD are of 512 KiB at least; "
              "rewrite it with `qemu-img convert -O vpc`");
}

TEST_F(HostileDisk, IsRefusedWhereItIsOnlyADifference) {
    EXPECT_NE(read_all(damaged({DiskFormat::vdi}, {{0x4c, le32(4)}})).find("another VDI"),
              std::string::npos);
    const auto made = file("child.qcow2");
    damaged({DiskFormat::qcow2}, {});
    for (const char* format : {"qcow2", "vmdk"}) {
        const auto parent = file(std::string("parent.") + format);
        ASSERT_NE(qemu_img({"create", "-f", format, parent, "4M"}).find("Formatting"),
                  std::string::npos);
        ASSERT_NE(
            qemu_img({"create", "-f", format, "-b", parent, "-F", format, made}).find("Formatting"),
            std::string::npos);
        EXPECT_NE(read_all(made).find("it holds only what differs from another"), std::string::npos)
            << format;
    }
}

TEST_F(HostileDisk, IsRefusedWhereAnotherProgramHasToReadItFirst) {
    const auto refused = [&](const char* options, const std::string& why) {
        const auto made = file("made.qcow2");
        fs::remove(made);
        qemu_img({"create", "-f", "qcow2", "-o", options, made, "4M"});
        EXPECT_NE(read_all(made).find(why), std::string::npos) << options;
    };
    refused("compression_type=zstd", "zstd compression");
    refused("extended_l2=on", "subclusters");
    refused(fmt::format("data_file={}", file("data").string()).c_str(), "in another file");
    EXPECT_NE(read_all(damaged({DiskFormat::qcow2}, {{32, be32(1)}})).find("encrypted"),
              std::string::npos);
    EXPECT_NE(read_all(damaged({DiskFormat::qcow2}, {{79, "\x02"}})).find("marked as damaged"),
              std::string::npos);
    EXPECT_NE(read_all(damaged({DiskFormat::qcow2}, {{4, be32(4)}})).find("version 4"),
              std::string::npos);
    EXPECT_NE(read_all(damaged({DiskFormat::vdi}, {{0x44, le32(1)}})).find("version of VDI"),
              std::string::npos);
}

TEST_F(HostileDisk, IsRefusedWhereItsChecksumsAreWrong) {
    EXPECT_NE(
        read_all(damaged({DiskFormat::vhd}, {{512 + 30, "x"}})).find("header of a dynamic VHD"),
        std::string::npos);
    // One header of two may be damaged, both may not.
    EXPECT_EQ(read_all(damaged({DiskFormat::vhdx}, {{64 * kKiB + 99, "x"}})), "");
    EXPECT_EQ(
        read_all(damaged({DiskFormat::vhdx}, {{64 * kKiB + 99, "x"}, {128 * kKiB + 99, "x"}})),
        "made.img: both headers of the VHDX are damaged");
    EXPECT_EQ(
        read_all(damaged({DiskFormat::vhdx}, {{192 * kKiB + 99, "x"}, {256 * kKiB + 99, "x"}})),
        "made.img: both lists of regions of the VHDX are damaged");
    EXPECT_NE(
        read_all(damaged({DiskFormat::vmdk, "streamOptimized"}, {{64 * kKiB + 300, "damage"}}))
            .find("a compressed block is damaged, grain 0"),
        std::string::npos);
    EXPECT_NE(read_all(damaged({DiskFormat::vmdk, "streamOptimized"}, {{64 * kKiB, "x"}}))
                  .find("is not its grain 0"),
              std::string::npos);
}

/// A qcow2 of `tables` second tables, the i-th of which stands at place(i).
template <typename Place>
std::string qcow2(std::uint32_t cluster_bits, std::uint64_t tables, Place place) {
    const std::uint64_t cluster = std::uint64_t{1} << cluster_bits;
    std::string bytes(cluster + 8 * tables, '\0');
    bytes.replace(0, 4, "QFI\xfb");
    put_be(bytes, 4, std::uint32_t{2});
    put_be(bytes, 20, cluster_bits);
    put_be(bytes, 24, tables * cluster / 8 * cluster);
    put_be(bytes, 36, static_cast<std::uint32_t>(tables));
    put_be(bytes, 40, cluster);
    for (std::uint64_t i = 0; i < tables; ++i) {
        put_be(bytes, cluster + 8 * i, place(i));
    }
    return bytes;
}

TEST_F(HostileDisk, IsSoonSkippedWhereMillionsOfTablesAreOneEmptyOne) {
    constexpr std::uint64_t kTables = 4 * kMiB;  // 2 PiB
    const std::uint64_t empty = 64 * kKiB + 8 * kTables;
    const auto made = folder_.write("made.qcow2", qcow2(16, kTables, [&](auto) { return empty; }));
    fs::resize_file(made, empty + 64 * kKiB);
    const auto disk = open_disk(made);
    ASSERT_TRUE(disk) << disk.error().message;
    std::uint64_t from = 0;
    int extents = 0;
    for (; extents < 100; ++extents) {
        const auto extent = (*disk)->next_data(from);
        ASSERT_TRUE(extent) << extent.error().message;
        if (!*extent) {
            break;
        }
        from = (*extent)->end();
    }
    EXPECT_LT(extents, 10);
    std::stop_source stop;
    stop.request_stop();
    const auto written = write_disk(**disk, DiskFormat::qcow2,
                                    {.file = file("back.qcow2"), .stop = stop.get_token()});
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().fault, Fault::transient);
}

/// Where its first extent begins, which is said to hold something only to end the search.
std::uint64_t first_extent(const fs::path& path) {
    const auto disk = open_disk(path);
    EXPECT_TRUE(disk) << disk.error().message;
    const auto extent = (*disk)->next_data(0);
    EXPECT_TRUE(extent && *extent);
    return extent && *extent ? (*extent)->start : 0;
}

TEST_F(HostileDisk, IsSearchedForDataInPiecesThatEnd) {
    constexpr std::uint64_t kEntries = 2 * kMiB;  // that are looked at in one call
    constexpr std::uint64_t kTable = 2 * kMiB;
    const auto made = folder_.write(
        "made.qcow2", qcow2(21, 16, [](std::uint64_t i) { return (i + 2) * kTable; }));
    fs::resize_file(made, 18 * kTable);
    EXPECT_GT(first_extent(made), kEntries / 2 * 2 * kMiB);
    EXPECT_LE(first_extent(made), kEntries * 2 * kMiB);
    make_raw(file("disk.raw"), 3 * 1024 * kGiB, {});
    for (const auto format : {DiskFormat::vdi, DiskFormat::vhdx, DiskFormat::vmdk}) {
        ASSERT_EQ(convert(file("disk.raw"), file("made.img"), {format}), "");
        const std::uint64_t block = format == DiskFormat::vmdk ? 64 * kKiB : kMiB;
        EXPECT_GT(first_extent(file("made.img")), kEntries / 2 * block) << to_text(format);
        EXPECT_LE(first_extent(file("made.img")), kEntries * block) << to_text(format);
    }
}

TEST_F(HostileDisk, FindsNoFileOfAnotherFolderInAVmdk) {
    const auto made =
        folder_.write("made.vmdk", "# Disk DescriptorFile\nRW 1 FLAT \"/etc/hostname\" 0\n");
    EXPECT_NE(read_all(made).find("lies in a file of the same folder"), std::string::npos);
    folder_.write("made.vmdk", "# Disk DescriptorFile\nRW 100 FLAT \"made.vmdk\" 0\n");
    EXPECT_NE(read_all(made).find("it is shorter than the VMDK that lists it says"),
              std::string::npos);
    folder_.write("made.vmdk", "# Disk DescriptorFile\nversion=1\n");
    EXPECT_NE(read_all(made).find("it lists no extents"), std::string::npos);
}

TEST_F(HostileDisk, IsRawWhereItOnlyLooksLikeAFixedVhd) {
    std::string bytes(2048, 'x');
    bytes.replace(1536, 8, "conectix");
    EXPECT_EQ(find_disk_format(folder_.write("disk", bytes)).value(), DiskFormat::raw);
}

}  // namespace
}  // namespace img::vdisk
