#include "base/byte_size.hpp"
#include "base/digest.hpp"
#include "image/hybrid_iso.hpp"
#include "image/image_type.hpp"
#include "image/live_medium.hpp"
#include "image/types.hpp"
#include "system/process_runner.hpp"
#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>

namespace img::image {
namespace {

namespace fs = std::filesystem;

/// 2023-11-14 22:13:20 UTC.
constexpr std::int64_t kEpoch = 1700000000;

class LiveImage : public ::testing::Test {
protected:
    void SetUp() override {
        fs::create_directory(folder_.path() / "out");
        fs::create_directory(folder_.path() / "scratch");
        plant({"boot/vmlinuz-1", "boot/initrd.img-1", "boot/vmlinuz-2", "boot/initrd.img-2",
               "etc/hostname"});
        recipe_.name = "My box";
        recipe_.seed = "seed";
        recipe_.epoch = kEpoch;
        recipe_.tree = folder_.path() / "tree";
        recipe_.options.persistence_bytes = 16 * kMiB;
        recipe_.menu.timeout = 7;
        for (const char* version : {"1", "2"}) {
            boot::BootEntry entry{.title = std::string("box ") + version,
                                  .kernel = std::string("/boot/vmlinuz-") + version,
                                  .initrd = std::string("/boot/initrd.img-") + version,
                                  .arguments = "console=ttyS0"};
            recipe_.menu.entries.push_back(entry);
            entry.title = "check";
            entry.checks_medium = true;
            recipe_.menu.entries.push_back(entry);
        }
        use_live_boot();
    }

    void plant(const std::vector<std::string>& files) const {
        for (const std::string& file : files) {
            folder_.write("tree/" + file, "the file " + file + "\n");
        }
    }
    void use_live_boot() const {
        plant({"usr/lib/live/boot/9990-main.sh", "usr/share/initramfs-tools/hooks/live"});
        fs::create_directory_symlink("usr/lib", folder_.path() / "tree/lib");
    }
    void use_dracut() const {
        fs::remove_all(folder_.path() / "tree/usr/lib/live");
        plant({"usr/lib/dracut/modules.d/90dmsquash-live/module-setup.sh"});
    }

    Result<ImageReport> make(MakeImage writer) {
        return writer({.runner = runner_,
                       .scratch = folder_.path() / "scratch",
                       .out = folder_.path() / "out"},
                      recipe_);
    }
    fs::path iso() const { return folder_.path() / "out/My box.iso"; }
    fs::path stick() const { return folder_.path() / "out/My box.usbimg"; }
    std::string said(std::vector<std::string> argv) {
        const auto output =
            runner_.run({.argv = std::move(argv), .environment = {"TZ=UTC"}, .captured = true});
        return output ? *output : "failed: " + output.error().message;
    }
    std::uint64_t start_bytes(const fs::path& disk, int partition) {
        return std::stoull(said({"partx", "--noheadings", "--output", "START", "--nr",
                                 std::to_string(partition), disk})) *
               512;
    }
    /// A file of the ISO, read by libarchive.
    std::string on_iso(const std::string& file) { return said({"bsdtar", "-xOf", iso(), file}); }
    bool nothing_left() const {
        return fs::is_empty(folder_.path() / "scratch") && fs::is_empty(folder_.path() / "out");
    }

    testing::TempFolder folder_;
    system::ProcessRunner runner_;
    ImageRecipe recipe_;
};

void expect_in(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " is not in:\n" << text;
}

TEST_F(LiveImage, IsAnIsoWithWhatLiveBootLooksFor) {
    const auto made = make(make_livecd);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->files.front().name, "My box.iso");
    EXPECT_TRUE(fs::is_empty(folder_.path() / "scratch"));
    const std::string bytes = testing::read_file(iso());
    EXPECT_EQ(bytes.substr(0x8001, 5), "CD001");
    EXPECT_EQ(bytes.substr(0x8000 + 40, 32), "My-box                          ");
    EXPECT_EQ(bytes.substr(0x8800 + 7, 23), "EL TORITO SPECIFICATION");
    EXPECT_EQ(bytes.substr(510, 2), "\x55\xaa");
    EXPECT_EQ(on_iso("live/filesystem.squashfs").substr(0, 4), "hsqs");
    EXPECT_EQ(on_iso("live/vmlinuz"), "the file boot/vmlinuz-1\n");
    EXPECT_EQ(on_iso("live/initrd-2.img"), "the file boot/initrd.img-2\n");
    EXPECT_EQ(on_iso(".disk/info"), "My box 2023-11-14\n");
    const std::string menu = on_iso("boot/grub/grub.cfg");
    expect_in(menu, "set timeout=7\n");
    expect_in(menu, "menuentry 'box 1' {\n    linux '/live/vmlinuz' 'boot=live' 'console=ttyS0'\n");
    expect_in(menu, "linux '/live/vmlinuz-2' 'boot=live' 'verify-checksums' 'console=ttyS0'\n");
}

TEST_F(LiveImage, HasDigestsOfWhatItStartsFrom) {
    ASSERT_TRUE(make(make_livecd));
    const fs::path out = folder_.path() / "read";
    fs::create_directory(out);
    ASSERT_EQ(said({"bsdtar", "-xf", iso(), "-C", out}), "");
    const auto checked = runner_.run({.argv = {"sha256sum", "--check", "--strict", "sha256sum.txt"},
                                      .directory = out,
                                      .captured = true});
    ASSERT_TRUE(checked) << checked.error().message;
    expect_in(*checked, "./live/filesystem.squashfs: OK\n");
    expect_in(*checked, "./live/initrd.img: OK\n");
    expect_in(*checked, "./boot/grub/grub.cfg: OK\n");
}

TEST_F(LiveImage, StartsOnBothFirmwaresAndFromAStick) {
    ASSERT_TRUE(make(make_livecd));
    const std::string torito =
        said({"xorriso", "-no_rc", "-indev", iso(), "-report_el_torito", "plain"});
    expect_in(torito, "El Torito boot img :   1  BIOS  y   none");
    expect_in(torito, "El Torito boot img :   2  UEFI  y   none");
    expect_in(torito, "El Torito img path :   1  /boot/grub/eltorito.img");
    expect_in(torito, "grub2-boot-info");
    const std::string areas =
        said({"xorriso", "-no_rc", "-indev", iso(), "-report_system_area", "plain"});
    expect_in(areas, "grub2-mbr");
    expect_in(areas, "GPT");
    expect_in(said({"sgdisk", "--verify", iso()}), "No problems found.");
    expect_in(said({"sfdisk", "--dump", iso()}), "type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B");
    const auto at = std::to_string(start_bytes(iso(), 2));
    expect_in(said({"mdir", "-b", "-i", iso().string() + "@@" + at, "::/EFI/BOOT"}), "BOOTX64.EFI");
}

TEST_F(LiveImage, IsAnIsoWithWhatDracutLooksFor) {
    use_dracut();
    recipe_.options.volume_id = "BOX_1";
    const auto made = make(make_livecd);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(on_iso("LiveOS/squashfs.img").substr(0, 4), "hsqs");
    EXPECT_EQ(on_iso("images/pxeboot/vmlinuz"), "the file boot/vmlinuz-1\n");
    const std::string menu = on_iso("boot/grub/grub.cfg");
    expect_in(menu, "'root=live:CDLABEL=BOX_1' 'rd.live.image'");
    expect_in(menu, "'rd.live.check'");
    EXPECT_EQ(testing::read_file(iso()).substr(0x8000 + 40, 6), "BOX_1 ");
    EXPECT_FALSE(said({"checkisomd5", iso()}).starts_with("failed"));
    // A byte in the middle of the tree, and the check sees it.
    std::fstream file(iso(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(200000);
    file.put('\x7e');
    file.close();
    EXPECT_TRUE(said({"checkisomd5", iso()}).starts_with("failed"));
}

TEST_F(LiveImage, IsAStickThatKeepsWhatIsChanged) {
    const auto made = make(make_liveusb);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->files.front().name, "My box.usbimg");
    EXPECT_TRUE(fs::is_empty(folder_.path() / "scratch"));
    expect_in(said({"sgdisk", "--verify", stick()}), "No problems found.");
    const std::string fat = stick().string() + "@@" + std::to_string(start_bytes(stick(), 2));
    expect_in(said({"mdir", "-b", "-i", fat, "::/live"}), "filesystem.squashfs");
    expect_in(said({"mdir", "-b", "-i", fat, "::/EFI/BOOT"}), "BOOTX64.EFI");
    expect_in(said({"mtype", "-i", fat, "::/boot/grub/grub.cfg"}),
              "linux '/live/vmlinuz' 'boot=live' 'persistence' 'console=ttyS0'\n");
    const fs::path kept = folder_.path() / "kept";
    ASSERT_EQ(said({"dd", "if=" + stick().string(), "of=" + kept.string(), "bs=1M", "count=16",
                    "skip=" + std::to_string(start_bytes(stick(), 3) / kMiB), "status=none"}),
              "");
    expect_in(said({"blkid", "-p", "-o", "export", kept}), "LABEL=persistence\n");
    EXPECT_EQ(said({"debugfs", "-R", "cat /persistence.conf", kept}), "/ union\n");
}

TEST_F(LiveImage, IsAStickThatDracutFinds) {
    use_dracut();
    ASSERT_TRUE(make(make_liveusb));
    const std::uint64_t start = start_bytes(stick(), 2);
    const std::string id =
        said({"blkid", "-p", "-O", std::to_string(start), "-o", "value", "-s", "UUID", stick()});
    const std::string menu = said(
        {"mtype", "-i", stick().string() + "@@" + std::to_string(start), "::/boot/grub/grub.cfg"});
    expect_in(menu, "'root=live:UUID=" + id.substr(0, 9) + "'");
    expect_in(menu, ":/overlayfs'");
    EXPECT_EQ(menu.find("check"), std::string::npos) << "dracut checks ISOs only";
}

TEST_F(LiveImage, IsTheSameBytesWhateverTheOrderInWhichItsFilesCameToBe) {
    const auto write_media = [&](std::vector<std::string> names) {
        fs::remove_all(folder_.path() / "media");
        for (const std::string& name : names) {
            folder_.write("media/" + name, std::string(3000, name[0]));
        }
    };
    recipe_.media = folder_.path() / "media";
    for (const auto& [writer, file] :
         {std::pair<MakeImage, fs::path>{make_livecd, iso()}, {make_liveusb, stick()}}) {
        write_media({"a", "b", "extra/c", "extra/d", "e"});
        ASSERT_TRUE(make(writer));
        const std::string first = sha256_file(file).value();
        fs::remove(file);
        write_media({"e", "extra/d", "extra/c", "b", "a"});
        ASSERT_TRUE(make(writer));
        EXPECT_EQ(first, sha256_file(file).value()) << file;
        fs::remove(file);
        recipe_.seed = "another";
        ASSERT_TRUE(make(writer));
        EXPECT_NE(first, sha256_file(file).value()) << file;
        recipe_.seed = "seed";
    }
}

TEST_F(LiveImage, CarriesFurtherFiles) {
    folder_.write("media/docs/read.me", "hello\n");
    recipe_.media = folder_.path() / "media";
    ASSERT_TRUE(make(make_livecd));
    EXPECT_EQ(on_iso("docs/read.me"), "hello\n");
    expect_in(on_iso("sha256sum.txt"), "  ./docs/read.me\n");
}

TEST_F(LiveImage, KeepsItsOwnFiles) {
    recipe_.media = folder_.path() / "media";
    for (const char* name : {"live/vmlinuz", "sha256sum.txt", "boot/grub/eltorito.img"}) {
        fs::remove_all(recipe_.media);
        folder_.write(fs::path("media") / name, "mine");
        const auto made = make(make_livecd);
        ASSERT_FALSE(made) << name;
        EXPECT_EQ(made.error().message,
                  std::string(name) +
                      " is a file of the medium's own: give what a script puts "
                      "into LIVE_ROOT another name");
        EXPECT_TRUE(nothing_left());
    }
}

TEST_F(LiveImage, SaysWhatTheTreeLacks) {
    recipe_.menu.entries[1].initrd.clear();
    EXPECT_EQ(make(make_livecd).error().fault, Fault::missing);
    recipe_.menu.entries.clear();
    expect_in(make(make_liveusb).error().message, "such as linux-image-amd64");
    fs::remove_all(folder_.path() / "tree/usr/lib/live");
    const auto made = make(make_livecd);
    EXPECT_EQ(made.error().fault, Fault::missing);
    expect_in(made.error().message, "add live-boot and live-boot-initramfs-tools to %packages");
    EXPECT_TRUE(nothing_left());
}

TEST_F(LiveImage, RefusesAVolumeIdAndASizeThatCannotBe) {
    recipe_.options.volume_id = "no/slash";
    EXPECT_EQ(make(make_livecd).error().fault, Fault::invalid);
    recipe_.options.persistence_bytes = kMiB;
    EXPECT_EQ(make(make_liveusb).error().message,
              "1.0 MiB are too little to keep changes in: give the stick 16.0 MiB or more");
    EXPECT_TRUE(nothing_left());
}

TEST(VolumeId, IsCutAndFreedOfWhatItCannotHold) {
    EXPECT_EQ(volume_id_of("a b/ü" + std::string(40, 'x')).size(), 32u);
    EXPECT_TRUE(volume_id_of("a b/ü" + std::string(40, 'x')).starts_with("a-b---xx"));
    EXPECT_TRUE(check_volume_id(std::string(32, 'x')));
    EXPECT_FALSE(check_volume_id(std::string(33, 'x')));
    EXPECT_FALSE(check_volume_id(""));
}

}  // namespace
}  // namespace img::image
