// The types that are a disk in another format, made for real and read by qemu-img, tar and xmllint.
#include "base/byte_size.hpp"
#include "base/digest.hpp"
#include "image/image_type.hpp"
#include "image/virtual_machine.hpp"
#include "system/process_runner.hpp"
#include "tests/support/temp_folder.hpp"
#include "vdisk/vdisk.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace img::image {
namespace {

namespace fs = std::filesystem;

/// A disk whose only partition holds one file.
disk::DiskRecipe small_disk(const std::string& name, const fs::path& tree) {
    disk::DiskRecipe disk;
    disk.name = name;
    disk.disk_uuid = uuid_from("disk" + name);
    disk.epoch = 1700000000;
    disk::PartitionRecipe root;
    root.role = disk::PartitionRole::linux_root;
    root.file_system = volume::FileSystem::ext4;
    root.name = "/";
    root.size_bytes = 16 * kMiB;
    root.fs_uuid = uuid_from("root" + name).text();
    root.partition_uuid = uuid_from("partition" + name);
    root.content = tree;
    disk.partitions.push_back(root);
    return disk;
}

class ConvertedDisk : public ::testing::Test {
protected:
    void SetUp() override {
        folder_.write("tree/etc/greeting", "hello\n");
        for (const char* folder : {"scratch", "out"}) {
            fs::create_directory(folder_.path() / folder);
        }
        recipe_.name = "box";
        recipe_.seed = "seed";
        recipe_.epoch = 1700000000;
        recipe_.disks = {small_disk("", folder_.path() / "tree")};
    }

    fs::path out(const std::string& name) const { return folder_.path() / "out" / name; }

    Result<ImageReport> make(std::string_view type) {
        system::ProcessRunner runner;
        const Workshop workshop{
            .runner = runner, .scratch = folder_.path() / "scratch", .out = folder_.path() / "out"};
        auto report = find_image_type(type).value().make(workshop, recipe_);
        EXPECT_TRUE(fs::is_empty(folder_.path() / "scratch"));
        return report;
    }

    /// The artefacts' names, and an expectation that there are no others.
    std::vector<std::string> made(std::string_view type) {
        const auto report = make(type);
        EXPECT_TRUE(report) << report.error().message;
        std::vector<std::string> names;
        for (const ImageFile& file : report ? report->files : std::vector<ImageFile>{}) {
            names.push_back(file.name);
            EXPECT_TRUE(fs::exists(out(file.name))) << file.name;
        }
        const auto there = std::distance(fs::directory_iterator(folder_.path() / "out"), {});
        EXPECT_EQ(static_cast<std::size_t>(there), names.size());
        return names;
    }

    std::string said(std::vector<std::string> argv) {
        system::ProcessRunner runner;
        const auto output = runner.run({.argv = std::move(argv), .captured = true});
        return output ? *output : output.error().message;
    }

    void empty_out() const {
        for (const auto& entry : fs::directory_iterator(folder_.path() / "out")) {
            fs::remove(entry.path());
        }
    }

    testing::TempFolder folder_;
    ImageRecipe recipe_;
};

using Names = std::vector<std::string>;

TEST_F(ConvertedDisk, IsTheRawDiskInEveryFormat) {
    ASSERT_EQ(made("raw"), Names{"box.raw"});
    const auto raw = folder_.path() / "disk.raw";
    fs::rename(out("box.raw"), raw);
    const std::pair<std::string, std::string> formats[] = {
        {"vdi", "vdi"}, {"qcow2", "qcow2"}, {"vhd", "vpc"}, {"vhdx", "vhdx"}};
    for (const auto& [type, qemu] : formats) {
        const ImageType row = find_image_type(type).value();
        for (const auto subformat : row.subformats) {
            recipe_.options.subformat = subformat;
            ASSERT_EQ(made(type), Names{"box." + type});
            EXPECT_EQ(
                said({"qemu-img", "compare", "-f", "raw", "-F", qemu, raw, out("box." + type)}),
                "Images are identical.\n")
                << type << " " << subformat;
            empty_out();
        }
    }
}

TEST_F(ConvertedDisk, IsAVmdkWithWhatVmwareStarts) {
    recipe_.disks.push_back(small_disk("sdb", folder_.path() / "tree"));
    EXPECT_EQ(made("vmdk"), (Names{"box.vmdk", "box-sdb.vmdk", "box.vmx"}));
    const std::string vmx = testing::read_file(out("box.vmx"));
    EXPECT_NE(vmx.find("scsi0:0.fileName = \"box.vmdk\"\n"), std::string::npos) << vmx;
    EXPECT_NE(vmx.find("scsi0:1.fileName = \"box-sdb.vmdk\"\n"), std::string::npos) << vmx;
    EXPECT_NE(vmx.find("firmware = \"bios\"\n"), std::string::npos);
    EXPECT_NE(vmx.find("serial0.fileName = \"box-console.log\"\n"), std::string::npos);
    empty_out();
    recipe_.options.subformat = "monolithicFlat";
    recipe_.disks.pop_back();
    recipe_.disks[0].partitions[0].role = disk::PartitionRole::efi_system;
    EXPECT_EQ(made("vmdk"), (Names{"box.vmdk", "box-flat.vmdk", "box.vmx"}));
    const std::string flat = testing::read_file(out("box.vmx"));
    EXPECT_NE(flat.find("firmware = \"efi\"\n"), std::string::npos);
    EXPECT_EQ(flat.find("box-flat.vmdk"), std::string::npos);
}

TEST_F(ConvertedDisk, IsAnOvaThatTarAndItsOwnChecksumsAgreeOn) {
    ASSERT_EQ(made("ova"), Names{"box.ova"});
    EXPECT_EQ(said({"tar", "-tf", out("box.ova")}), "box.ovf\nbox.mf\nbox-disk1.vmdk\n");
    const auto unpacked = folder_.path() / "unpacked";
    fs::create_directory(unpacked);
    said({"tar", "-xf", out("box.ova"), "-C", unpacked});
    const std::string list = testing::read_file(unpacked / "box.mf");
    for (const char* name : {"box.ovf", "box-disk1.vmdk"}) {
        EXPECT_NE(
            list.find(fmt::format("SHA256({})= {}\n", name, sha256_file(unpacked / name).value())),
            std::string::npos)
            << list;
    }
    const std::string disk = said({"qemu-img", "info", unpacked / "box-disk1.vmdk"});
    EXPECT_NE(disk.find("create type: streamOptimized"), std::string::npos) << disk;
    const std::string ovf = testing::read_file(unpacked / "box.ovf");
    EXPECT_NE(ovf.find(fmt::format("ovf:size=\"{}\"", fs::file_size(unpacked / "box-disk1.vmdk"))),
              std::string::npos)
        << ovf;
    // Debian's python3 is there for the tests, and reads XML strictly.
    EXPECT_EQ(said({"python3", "-c",
                    "import sys, xml.etree.ElementTree as tree; "
                    "print(tree.parse(sys.argv[1]).getroot().tag)",
                    unpacked / "box.ovf"}),
              "{http://schemas.dmtf.org/ovf/envelope/1}Envelope\n");
}

TEST_F(ConvertedDisk, IsTheSameBytesEachTime) {
    for (const char* type : {"vdi", "vmdk", "ova", "qcow2", "vhd", "vhdx"}) {
        const std::string image = std::string("box.") + type;
        ASSERT_TRUE(make(type));
        const std::string first = sha256_file(out(image)).value();
        ASSERT_TRUE(make(type));
        EXPECT_EQ(first, sha256_file(out(image)).value()) << type;
    }
}

TEST_F(ConvertedDisk, SaysWhichSubformatsThereAre) {
    recipe_.options.subformat = "thick";
    const auto report = make("vdi");
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().fault, Fault::invalid);
    EXPECT_EQ(report.error().message, "vdi has no subformat 'thick'; there is: dynamic, fixed");
}

TEST_F(ConvertedDisk, LeavesNothingWhereTheSecondDiskFails) {
    recipe_.disks.push_back(small_disk("sdb", folder_.path() / "tree"));
    recipe_.disks[1].partitions[0].mkfs_options = {"-O", "no_such_feature"};
    for (const char* type : {"vdi", "vmdk", "ova"}) {
        EXPECT_FALSE(make(type)) << type;
        EXPECT_TRUE(fs::is_empty(folder_.path() / "out")) << type;
    }
}

TEST(VirtualMachine, EscapesItsName) {
    const VirtualMachine machine{.name = "a\"b<c&d|", .disks = {{.file = "x"}}};
    EXPECT_NE(print_vmx(machine).find("displayName = \"a|22b<c&d|7C\""), std::string::npos);
    EXPECT_NE(print_ovf(machine).value().find("<Name>a&quot;b&lt;c&amp;d|</Name>"),
              std::string::npos);
}

TEST(VirtualMachine, PutsNoMoreDisksOnIdeThanItTakes) {
    VirtualMachine machine{.name = "box", .disks = std::vector<MachineDisk>(4)};
    const std::string ovf = print_ovf(machine).value();
    EXPECT_NE(ovf.find("<rasd:AddressOnParent>1</rasd:AddressOnParent>"), std::string::npos) << ovf;
    EXPECT_NE(ovf.find("<rasd:Parent>5</rasd:Parent>"), std::string::npos) << ovf;
    machine.disks.resize(5);
    EXPECT_EQ(print_ovf(machine).error().message,
              "an OVA holds 4 disks at most, and there are 5; choose vmdk");
}

}  // namespace
}  // namespace img::image
