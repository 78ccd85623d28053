// Held against qemu-img, which reads what is written here and writes what is read.
#include "base/byte_order.hpp"
#include "tests/support/virtual_disks.hpp"
#include "vdisk/vdisk.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>

namespace img::vdisk {
namespace {

namespace fs = std::filesystem;

std::uint64_t room_of(const fs::path& file) {
    struct stat found{};
    EXPECT_EQ(::stat(file.c_str(), &found), 0);
    return static_cast<std::uint64_t>(found.st_blocks) * 512;
}

/// Data at the edges of clusters of every format, and in the disk's last, partial ones.
std::vector<Patch> edges(std::uint64_t size) {
    return {{0, noise(1000, 1)},
            {64 * kKiB - 1, noise(2, 2)},
            {kMiB + 512, noise(300 * kKiB, 3)},
            {2 * kMiB - 1, "xy"},
            {5 * kMiB, std::string(3 * kMiB, 'c')},
            {size - 700, noise(700, 4)}};
}

constexpr std::uint64_t kOddSize = 37 * kMiB + 5 * 512;  // a whole number of no format's clusters

class VirtualDisk : public ::testing::TestWithParam<Kind> {
protected:
    fs::path raw(std::uint64_t size, const std::vector<Patch>& patches) const {
        return make_raw(folder_.path() / "disk.raw", size, patches);
    }
    fs::path file(const std::string& name) const { return folder_.path() / name; }
    fs::path made() const { return file("made." + std::string(to_text(GetParam().format))); }

    /// Everything in the folder that belongs to what was made.
    std::string bytes_of_made() const {
        std::string bytes = content(made());
        if (GetParam().subformat == "monolithicFlat") {
            bytes += content(file("made-flat.vmdk"));
        }
        return bytes;
    }

    testing::TempFolder folder_;
};

TEST_P(VirtualDisk, IsTheSameDiskToQemu) {
    const auto from = raw(kOddSize, edges(kOddSize));
    ASSERT_EQ(convert(from, made(), GetParam()), "");
    EXPECT_EQ(qemu_img({"compare", "-f", "raw", "-F", GetParam().qemu(), from, made()}),
              "Images are identical.\n");
}

TEST_P(VirtualDisk, IsWithoutFaultToQemu) {
    ASSERT_EQ(convert(raw(kOddSize, edges(kOddSize)), made(), GetParam()), "");
    const std::string said = qemu_img({"check", "-f", GetParam().qemu(), made()});
    const auto format = GetParam().format;
    // qemu-img has checks of its own for these; of the others it opens the file and says so.
    if (format == DiskFormat::vdi || format == DiskFormat::qcow2 || format == DiskFormat::vhdx ||
        format == DiskFormat::vmdk) {
        EXPECT_TRUE(said.starts_with("No errors were found on the image.\n")) << said;
    } else {
        EXPECT_NE(said.find("does not support checks"), std::string::npos) << said;
    }
}

TEST_P(VirtualDisk, IsCalledWhatItIsByQemu) {
    ASSERT_EQ(convert(raw(kOddSize, edges(kOddSize)), made(), GetParam()), "");
    const std::string said = qemu_img({"info", "-f", GetParam().qemu(), made()});
    EXPECT_NE(said.find(fmt::format("({} bytes)", kOddSize)), std::string::npos) << said;
    if (GetParam().format == DiskFormat::vmdk) {
        EXPECT_NE(said.find("create type: " + GetParam().subformat), std::string::npos) << said;
    }
}

TEST_P(VirtualDisk, IsReadBack) {
    const auto from = raw(kOddSize, edges(kOddSize));
    ASSERT_EQ(convert(from, made(), GetParam()), "");
    EXPECT_EQ(find_disk_format(made()).value(), GetParam().format);
    ASSERT_EQ(convert(made(), file("back.raw"), {DiskFormat::raw}), "");
    EXPECT_TRUE(content(from) == content(file("back.raw")));
}

TEST_P(VirtualDisk, MayHoldNothingButZeros) {
    for (const std::uint64_t size : {std::uint64_t{512}, 3 * kMiB + 512}) {
        const auto from = raw(size, {});
        ASSERT_EQ(convert(from, made(), GetParam()), "");
        EXPECT_EQ(qemu_img({"compare", "-f", "raw", "-F", GetParam().qemu(), from, made()}),
                  "Images are identical.\n");
        const auto disk = open_disk(made(), GetParam().format);
        ASSERT_TRUE(disk) << disk.error().message;
        EXPECT_EQ((*disk)->size_bytes(), size);
    }
}

TEST_P(VirtualDisk, IsTheSameBytesEachTime) {
    const auto from = raw(kOddSize, edges(kOddSize));
    ASSERT_EQ(convert(from, made(), GetParam()), "");
    const std::string first = bytes_of_made();
    ASSERT_EQ(convert(from, made(), GetParam()), "");
    EXPECT_TRUE(first == bytes_of_made());
    if (GetParam().format != DiskFormat::raw && GetParam().format != DiskFormat::qcow2) {
        ASSERT_EQ(convert(from, made(), GetParam(), "another seed"), "");
        EXPECT_FALSE(first == bytes_of_made());
    }
}

TEST_P(VirtualDisk, TakesItsIdentityFromTheContentWhereverThatIsReadFrom) {
    const auto from = raw(kOddSize, edges(kOddSize));
    ASSERT_EQ(convert(from, made(), GetParam(), ""), "");
    const std::string first = bytes_of_made();
    ASSERT_EQ(convert(from, file("way.vhdx"), {DiskFormat::vhdx}, "x"), "");
    ASSERT_EQ(convert(file("way.vhdx"), made(), GetParam(), ""), "");
    EXPECT_TRUE(first == bytes_of_made());
    ASSERT_TRUE(system::write_at(from, 20 * kMiB, "one byte more"));
    ASSERT_EQ(convert(from, made(), GetParam(), ""), "");
    EXPECT_FALSE(first == bytes_of_made());
}

TEST_P(VirtualDisk, TakesNoRoomForHoles) {
    const std::uint64_t size = 100 * kGiB;
    const auto from = raw(size, {{70 * kGiB, noise(100 * kKiB, 5)}});
    ASSERT_EQ(convert(from, made(), GetParam()), "");
    std::uint64_t room = room_of(made());
    if (GetParam().subformat == "monolithicFlat") {
        room += room_of(file("made-flat.vmdk"));
    }
    EXPECT_LT(room, 4 * kMiB);
    const auto disk = open_disk(made());
    ASSERT_TRUE(disk) << disk.error().message;
    const auto extent = (*disk)->next_data(0);
    ASSERT_TRUE(extent && *extent);
    EXPECT_GE((*extent)->end(), 70 * kGiB);
    std::string bytes(100 * kKiB, '\0');
    ASSERT_TRUE((*disk)->read(70 * kGiB, std::as_writable_bytes(std::span(bytes))));
    EXPECT_TRUE(bytes == noise(100 * kKiB, 5));
}

TEST_P(VirtualDisk, MayBeLargerThanTwoTebibytes) {
    const std::uint64_t size = 3 * 1024 * kGiB;
    const auto from = raw(size, {{size - 5000, noise(5000, 6)}});
    const std::string said = convert(from, made(), GetParam());
    if (GetParam().format == DiskFormat::vhd) {
        EXPECT_EQ(said,
                  "a disk of 3.0 TiB is too large for a VHD: 2040 GiB is the most; choose "
                  "vhdx");
        EXPECT_FALSE(fs::exists(made()));
        return;
    }
    ASSERT_EQ(said, "");
    // Its end only: qemu-img compares some formats block by block, for minutes.
    EXPECT_EQ(qemu_img({"dd", "-f", GetParam().qemu(), "-O", "raw", "bs=512",
                        fmt::format("skip={}", size / 512 - 9), "if=" + made().string(),
                        "of=" + file("end.raw").string()}),
              "");
    EXPECT_TRUE(content(file("end.raw")) == noise(5000, 6).substr(5000 - 9 * 512));
    const auto disk = open_disk(made());
    std::string bytes(5000, '\0');
    ASSERT_TRUE((*disk)->read(size - 5000, std::as_writable_bytes(std::span(bytes))));
    EXPECT_TRUE(bytes == noise(5000, 6));
}

TEST_P(VirtualDisk, LeavesNothingWhereItIsStopped) {
    const auto source = open_disk(raw(kOddSize, edges(kOddSize)));
    std::stop_source stop;
    const auto written = write_disk(**source, GetParam().format,
                                    {.file = made(),
                                     .subformat = GetParam().subformat,
                                     .progress =
                                         [&](std::uint64_t done, std::uint64_t total) {
                                             EXPECT_LE(done, total);
                                             stop.request_stop();
                                         },
                                     .stop = stop.get_token()});
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().fault, Fault::transient);
    fs::remove(folder_.path() / "disk.raw");
    EXPECT_TRUE(fs::is_empty(folder_.path()));
}

INSTANTIATE_TEST_SUITE_P(Every,
                         VirtualDisk,
                         ::testing::ValuesIn(all_kinds()),
                         [](const ::testing::TestParamInfo<Kind>& info) {
                             std::string name = info.param.text();
                             std::ranges::replace(name, '-', '_');
                             return name;
                         });

/// What qemu-img makes: its format, and the options for it.
struct Foreign {
    std::string name;
    std::string format;
    std::string options;
    bool compressed = false;
};

class ForeignDisk : public ::testing::TestWithParam<Foreign> {};

TEST_P(ForeignDisk, IsRead) {
    const testing::TempFolder folder;
    const auto from = make_raw(folder.path() / "disk.raw", kOddSize, edges(kOddSize));
    const auto made = folder.path() / ("made." + GetParam().format);
    std::vector<std::string> argv = {"convert", "-f", "raw", "-O", GetParam().format};
    if (!GetParam().options.empty()) {
        argv.insert(argv.end(), {"-o", GetParam().options});
    }
    if (GetParam().compressed) {
        argv.emplace_back("-c");
    }
    argv.insert(argv.end(), {from, made});
    ASSERT_EQ(qemu_img(argv), "");
    ASSERT_EQ(convert(made, folder.path() / "back.raw", {DiskFormat::raw}), "");
    const std::string wanted = content(from);
    const std::string back = content(folder.path() / "back.raw");
    // A VPC's size is rounded up to a geometry, unless qemu-img is told otherwise.
    ASSERT_GE(back.size(), wanted.size());
    EXPECT_TRUE(GetParam().format == "vpc" || back.size() == wanted.size());
    EXPECT_TRUE(back.starts_with(wanted));
    EXPECT_EQ(back.find_first_not_of('\0', wanted.size()), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Of,
    ForeignDisk,
    ::testing::Values(Foreign{"vdi", "vdi", ""},
                      Foreign{"vdi_static", "vdi", "static=on"},
                      Foreign{"vmdk_sparse", "vmdk", "subformat=monolithicSparse"},
                      Foreign{"vmdk_stream", "vmdk", "subformat=streamOptimized"},
                      Foreign{"vmdk_flat", "vmdk", "subformat=monolithicFlat"},
                      Foreign{"vmdk_split_sparse", "vmdk", "subformat=twoGbMaxExtentSparse"},
                      Foreign{"vmdk_split_flat", "vmdk", "subformat=twoGbMaxExtentFlat"},
                      Foreign{"vmdk_zeroed", "vmdk", "zeroed_grain=on"},
                      Foreign{"qcow2", "qcow2", ""},
                      Foreign{"qcow2_old", "qcow2", "compat=0.10"},
                      Foreign{"qcow2_lazy", "qcow2", "lazy_refcounts=on"},
                      Foreign{"qcow2_small", "qcow2", "cluster_size=512"},
                      Foreign{"qcow2_large", "qcow2", "cluster_size=2M"},
                      Foreign{"qcow2_compressed", "qcow2", "", true},
                      Foreign{"qcow2_compressed_small", "qcow2", "cluster_size=4k", true},
                      Foreign{"vpc", "vpc", ""},
                      Foreign{"vpc_exact", "vpc", "force_size=on"},
                      Foreign{"vpc_fixed", "vpc", "subformat=fixed,force_size=on"},
                      Foreign{"vhdx", "vhdx", ""},
                      Foreign{"vhdx_small", "vhdx", "block_size=1M"},
                      Foreign{"vhdx_fixed", "vhdx", "subformat=fixed"}),
    [](const ::testing::TestParamInfo<Foreign>& info) { return info.param.name; });

/// A disk of more than 2 GiB in the two VMDKs whose parts hold no more than that.
TEST(ForeignVmdk, IsReadFromSeveralFiles) {
    for (const char* subformat : {"twoGbMaxExtentSparse", "twoGbMaxExtentFlat"}) {
        const testing::TempFolder folder;
        const auto from = make_raw(folder.path() / "disk.raw", 5 * kGiB,
                                   {{2 * kGiB - 100, noise(200, 1)}, {5 * kGiB - 9, "the end.."}});
        const auto made = folder.path() / "made.vmdk";
        ASSERT_EQ(qemu_img({"convert", "-O", "vmdk", "-o", std::string("subformat=") + subformat,
                            from, made}),
                  "");
        ASSERT_EQ(convert(made, folder.path() / "back.raw", {DiskFormat::raw}), "");
        EXPECT_EQ(qemu_img({"compare", "-f", "raw", "-F", "raw", from, folder.path() / "back.raw"}),
                  "Images are identical.\n");
        const auto part = folder.path() / "made-s001.vmdk";
        if (fs::exists(part)) {
            EXPECT_EQ(
                open_disk(part).error().message,
                "made-s001.vmdk: it is one part of a disk; name the small VMDK that lists the "
                "parts");
        }
    }
}

/// VirtualBox gives out blocks as they are written, and marks those that a guest discards.
TEST(ForeignVdi, IsReadWhereItsBlocksAreInAnyOrderAndSomeAreDiscarded) {
    const testing::TempFolder folder;
    const std::string one = noise(kMiB, 1), two = noise(kMiB, 2), three = noise(kMiB, 3);
    const auto from = make_raw(folder.path() / "disk.raw", 5 * kMiB,
                               {{0, one}, {2 * kMiB, two}, {4 * kMiB, three}});
    const auto made = folder.path() / "made.vdi";
    ASSERT_EQ(convert(from, made, {DiskFormat::vdi}), "");
    std::string table(20, '\0');
    put_le(table, 0, std::uint32_t{2});           // the third in the file
    put_le(table, 4, std::uint32_t{0xffffffff});  // never written
    put_le(table, 8, std::uint32_t{0});
    put_le(table, 12, std::uint32_t{0xfffffffe});  // discarded
    put_le(table, 16, std::uint32_t{1});
    ASSERT_TRUE(system::write_at(made, 512, table));
    ASSERT_EQ(convert(made, folder.path() / "back.raw", {DiskFormat::raw}), "");
    const std::string zeros(kMiB, '\0');
    EXPECT_TRUE(content(folder.path() / "back.raw") == three + zeros + one + zeros + two);
}

/// Extents in units of 512 bytes, so that they meet and overlap.
std::vector<Patch> random_patches(std::uint64_t sectors) {
    std::vector<Patch> patches;
    const auto count = *rc::gen::inRange<std::size_t>(0, 6);
    for (std::size_t i = 0; i < count; ++i) {
        const auto at = *rc::gen::inRange<std::uint64_t>(0, sectors);
        const auto size =
            std::min((sectors - at) * 512, *rc::gen::inRange<std::uint64_t>(1, 300 * kKiB));
        patches.push_back({at * 512, noise(size, static_cast<std::uint32_t>(at))});
    }
    return patches;
}

RC_GTEST_PROP(VirtualDiskProperty, IsTheSameDiskAfterAnyTwoFormats, ()) {
    const testing::TempFolder folder;
    const auto sectors = *rc::gen::inRange<std::uint64_t>(1, 5 * kMiB / 512);
    const auto from = make_raw(folder.path() / "from.raw", sectors * 512, random_patches(sectors));
    const Kind first = *rc::gen::elementOf(all_kinds());
    const Kind second = *rc::gen::elementOf(all_kinds());
    RC_TAG(first.text() + " " + second.text());
    RC_ASSERT(convert(from, folder.path() / "first.vmdk", first) == "");
    RC_ASSERT(convert(folder.path() / "first.vmdk", folder.path() / "second.vmdk", second) == "");
    RC_ASSERT(convert(folder.path() / "second.vmdk", folder.path() / "back.raw", {}) == "");
    RC_ASSERT(content(folder.path() / "back.raw") == content(from));
}

/// No file system that tests run on has files of that size.
class EmptyDisk : public DiskSource {
public:
    explicit EmptyDisk(std::uint64_t size) : size_(size) {}

    std::uint64_t size_bytes() const override { return size_; }
    Result<void> read(std::uint64_t /*at*/, std::span<std::byte> into) const override {
        std::ranges::fill(into, std::byte{0});
        return {};
    }
    Result<std::optional<Extent>> next_data(std::uint64_t /*from*/) const override {
        return std::nullopt;
    }

private:
    std::uint64_t size_;
};

class LargestDisk : public ::testing::Test {
protected:
    /// The sentence with which it is written and opened again; "" where it is as large as that.
    std::string there_and_back(DiskFormat format, std::uint64_t size) const {
        const auto written = write_disk(EmptyDisk(size), format, {.file = made_});
        if (!written) {
            return written.error().message;
        }
        const auto back = open_disk(made_);
        return back ? ((*back)->size_bytes() == size ? "" : "another size") : back.error().message;
    }

    testing::TempFolder folder_;
    fs::path made_ = folder_.path() / "made";
};

constexpr std::uint64_t kTebibyte = 1024 * kGiB;

TEST_F(LargestDisk, OfAVhdxIsReadBackAndItsEmptyTableTakesNoRoom) {
    EXPECT_EQ(there_and_back(DiskFormat::vhdx, 64 * kTebibyte), "");
    EXPECT_LT(room_of(made_), 4 * kMiB);
    EXPECT_EQ(there_and_back(DiskFormat::vhdx, 64 * kTebibyte + 512),
              "a disk of 64.0 TiB is too large for a VHDX: 64 TiB is the most");
}

TEST_F(LargestDisk, OfAVdiIsWhatItsRefusalSays) {
    EXPECT_EQ(there_and_back(DiskFormat::vdi, 128 * kTebibyte), "");
    EXPECT_EQ(there_and_back(DiskFormat::vdi, 128 * kTebibyte + 512),
              "a disk of 128.0 TiB is too large for a VDI that IMG writes: 128 TiB at most; choose "
              "qcow2");
}

TEST(VirtualDiskNames, AreThoseOfTheTable) {
    EXPECT_EQ(parse_disk_format("qcow2").value(), DiskFormat::qcow2);
    EXPECT_EQ(parse_disk_format("qcow").error().message,
              "there is no disk format 'qcow'; there is: raw, vdi, vmdk, qcow2, vhd, vhdx");
    EXPECT_EQ(find_subformat(DiskFormat::vmdk, "").value(), "monolithicSparse");
    EXPECT_EQ(find_subformat(DiskFormat::vmdk, "thin").error().message,
              "vmdk has no subformat 'thin'; there is: monolithicSparse, streamOptimized, "
              "monolithicFlat");
    EXPECT_EQ(find_subformat(DiskFormat::raw, "thin").error().message,
              "raw has no subformat 'thin'; it has none at all");
}

}  // namespace
}  // namespace img::vdisk
