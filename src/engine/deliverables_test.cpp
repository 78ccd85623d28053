// What every image type hands out, made for real from one small tree.
#include "engine/deliverables.hpp"

#include "base/byte_size.hpp"
#include "image/image_type.hpp"
#include "system/process_runner.hpp"
#include "tests/support/temp_folder.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace img::engine {
namespace {

namespace fs = std::filesystem;

/// Beginning and magic of a kernel, as mrstnand looks for them.
std::string bzimage() {
    std::string kernel(3000, 'k');
    kernel.replace(0x1fe, 2, "\x55\xaa");
    kernel.replace(0x202, 4, "HdrS");
    return kernel;
}

class Deliverables : public ::testing::TestWithParam<std::string> {
protected:
    void SetUp() override {
        for (const char* file :
             {"etc/hostname", "boot/initrd", "boot/bootstub", "usr/lib/live/boot/9990-main.sh",
              "usr/share/initramfs-tools/hooks/live"}) {
            folder_.write(std::string("tree/") + file, std::string("the file ") + file + "\n");
        }
        folder_.write("tree/boot/bzImage", bzimage());
        folder_.write("tree/boot/cmdline", "root=/dev/mmcblk0p2\n");
        fs::create_directory_symlink("usr/lib", folder_.path() / "tree/lib");
        fs::create_directory(folder_.path() / "scratch");
        fs::create_directory(out());
        request_.image_type = type_.name;
        request_.name = "box";
    }

    image::ImageRecipe recipe() const {
        image::ImageRecipe recipe;
        recipe.name = request_.name;
        recipe.seed = "seed";
        recipe.epoch = 1700000000;
        recipe.tree = folder_.path() / "tree";
        recipe.options = request_.options.image;
        recipe.options.persistence_bytes = 16 * kMiB;
        recipe.options.virt_xml = true;
        recipe.root.fs_uuid = uuid_from("root").text();
        recipe.flash =
            image::FlashTarget{volume::find_flash_profile("slc-2k").value().geometry, "zlib"};
        recipe.menu.entries.push_back(
            {.title = "box", .kernel = "/boot/bzImage", .initrd = "/boot/initrd"});
        if (type_.layout == image::Layout::tree) {
            return recipe;
        }
        disk::PartitionRecipe root;
        const bool flash = type_.file_system != volume::FileSystem::none;
        root.file_system = flash ? type_.file_system : volume::FileSystem::ext4;
        root.name = "/";
        root.label = "rootfs";
        root.size_bytes = 16 * kMiB;
        root.fs_uuid = recipe.root.fs_uuid;
        root.content = recipe.tree;
        recipe.disks.emplace_back().partitions.push_back(root);
        return recipe;
    }

    Result<std::vector<image::ImageFile>> make() {
        const image::Workshop workshop{
            .runner = runner_, .scratch = folder_.path() / "scratch", .out = out()};
        auto report = TRY(type_.make(workshop, recipe()));
        TRY(finish_image(workshop, request_, report.files));
        return std::move(report.files);
    }

    /// The files that are handed out, those of the image's own first.
    std::vector<image::ImageFile> finished() {
        auto files = make();
        EXPECT_TRUE(files) << files.error().message;
        return files ? *std::move(files) : std::vector<image::ImageFile>();
    }
    fs::path out() const { return folder_.path() / "out"; }

    testing::TempFolder folder_;
    system::ProcessRunner runner_;
    BuildRequest request_;
    const image::ImageType type_ = image::find_image_type(GetParam()).value();
};

std::vector<std::string> type_names() {
    std::vector<std::string> names;
    for (const auto& type : image::image_types()) {
        names.emplace_back(type.name);
    }
    return names;
}

TEST_P(Deliverables, AreAllThereAndTheImageIsFirst) {
    const auto files = finished();
    ASSERT_FALSE(files.empty());
    EXPECT_TRUE(files.front().principal) << files.front().name;
    for (const auto& file : files) {
        EXPECT_TRUE(fs::exists(out() / file.name)) << file.name;
    }
}

TEST_P(Deliverables, AreCompressedButForWhatDescribesThem) {
    request_.options.image.compressor = image::Compressor::gz;
    if (type_.in_place) {
        EXPECT_NE(make().error().message.find("is a folder"), std::string::npos);
        return;
    }
    const auto files = finished();
    ASSERT_FALSE(files.empty());
    for (const auto& file : files) {
        EXPECT_EQ(file.principal, file.name.ends_with(".gz")) << file.name;
        EXPECT_TRUE(fs::exists(out() / file.name)) << file.name;
    }
    EXPECT_TRUE(files.front().principal);
}

TEST_P(Deliverables, AreCalledImgInARelease) {
    request_.options.release = "7";
    for (const auto& file : finished()) {
        EXPECT_FALSE(file.name.ends_with(".iso") || file.name.ends_with(".usbimg")) << file.name;
        EXPECT_TRUE(fs::exists(out() / file.name)) << file.name;
    }
}

TEST_P(Deliverables, HaveABlockMapWhereTheyAreRawDisks) {
    request_.options.bmap = true;
    const auto files = finished();
    const bool has_map = std::ranges::any_of(files, [](const auto& f) { return f.type == "bmap"; });
    EXPECT_EQ(has_map, type_.name == "raw" || type_.name == "mrstnand");
}

INSTANTIATE_TEST_SUITE_P(EveryType,
                         Deliverables,
                         ::testing::ValuesIn(type_names()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace img::engine
