// UBIFS and JFFS2 as mkfs makes them, held against the tree they are filled from.
#include "base/byte_order.hpp"
#include "base/byte_size.hpp"
#include "system/process_runner.hpp"
#include "tests/support/temp_folder.hpp"
#include "volume/flash_nodes.hpp"
#include "volume/make_volume.hpp"

#include <cstring>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <thread>

namespace img::volume {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kEpoch = 1700000000;
constexpr const char* kUuid = "6b29fc40-ca47-4067-b31d-00dd010662da";

class FlashVolume : public ::testing::Test {
protected:
    void SetUp() override {
        folder_.write("tree/etc/hostname", "box\n");
        folder_.write("tree/usr/bin/tool", std::string(300000, 't'));
        fs::create_symlink("../usr/bin/tool", tree() / "etc/tool");
        fs::create_hard_link(tree() / "usr/bin/tool", tree() / "usr/bin/same");
    }

    Volume volume(FileSystem kind) const {
        return {.kind = kind,
                .name = "/",
                .size_bytes = 16 * kMiB,
                .uuid = kUuid,
                .epoch = kEpoch,
                .content = tree(),
                .flash = find_flash_profile("slc-2k").value().geometry};
    }
    Result<void> make(const Volume& volume) {
        system::ProcessRunner runner;
        return make_volume(runner, volume, file());
    }
    fs::path tree() const { return folder_.path() / "tree"; }
    fs::path file() const { return folder_.path() / "file"; }

    testing::TempFolder folder_;
};

TEST_F(FlashVolume, IsAUbifsOfTheChip) {
    const auto made = make(volume(FileSystem::ubifs));
    ASSERT_TRUE(made) << made.error().message;
    const std::string bytes = testing::read_file(file());
    EXPECT_EQ(bytes.size() % 129024, 0u);
    // The superblock's node, by ubifs-media.h.
    EXPECT_EQ(get_le<std::uint32_t>(bytes, 0), 0x06101831u);
    EXPECT_EQ(get_le<std::uint32_t>(bytes, 32), 2048u);    // min_io_size
    EXPECT_EQ(get_le<std::uint32_t>(bytes, 36), 129024u);  // leb_size
    EXPECT_EQ(get_le<std::uint32_t>(bytes, 44), 16 * kMiB / 129024);
    EXPECT_EQ(std::memcmp(bytes.data() + 108, parse_uuid(kUuid)->bytes.data(), 16), 0);
}

TEST_F(FlashVolume, IsAJffs2OfWholeEraseBlocks) {
    const auto made = make(volume(FileSystem::jffs2));
    ASSERT_TRUE(made) << made.error().message;
    const std::string bytes = testing::read_file(file());
    EXPECT_EQ(bytes.size() % (128 * kKiB), 0u);
    EXPECT_EQ(get_le<std::uint16_t>(bytes, 0), 0x1985u);
}

TEST_F(FlashVolume, IsTheSameBytesEachTime) {
    for (const FileSystem kind : {FileSystem::ubifs, FileSystem::jffs2}) {
        ASSERT_TRUE(make(volume(kind)));
        const std::string first = testing::read_file(file());
        std::this_thread::sleep_for(std::chrono::milliseconds(1100));     // times are whole seconds
        EXPECT_EQ(testing::read_file(tree() / "etc/hostname"), "box\n");  // moves atime
        ASSERT_EQ(::chmod((tree() / "etc").c_str(), 0700), 0);            // and this ctime
        ASSERT_EQ(::chmod((tree() / "etc").c_str(), 0755), 0);
        folder_.write("tree/etc/hostname", "box\n");  // and this mtime, behind the epoch
        ASSERT_TRUE(make(volume(kind)));
        EXPECT_TRUE(first == testing::read_file(file())) << to_text(kind);
        Volume later = volume(kind);
        later.epoch += 1;
        ASSERT_TRUE(make(later));
        EXPECT_FALSE(first == testing::read_file(file())) << to_text(kind);
    }
}

TEST_F(FlashVolume, SaysHowMuchIsMissing) {
    std::string noise(12 * kMiB, '\0');
    std::uint32_t state = 1;
    for (char& c : noise) {
        state = state * 1664525 + 1013904223;  // any sequence that does not compress
        c = static_cast<char>(state >> 24);
    }
    folder_.write("tree/noise", noise);
    for (const FileSystem kind : {FileSystem::ubifs, FileSystem::jffs2}) {
        Volume small = volume(kind);
        small.size_bytes = 4 * kMiB;
        const auto made = make(small);
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().fault, Fault::invalid);
        EXPECT_TRUE(made.error().message.contains("of 4.0 MiB is too small for its content by"))
            << made.error().message;
    }
}

TEST_F(FlashVolume, NeedsAChip) {
    Volume none = volume(FileSystem::ubifs);
    none.flash.reset();
    EXPECT_EQ(check_volume(none).error().message,
              "/: ubifs needs a chip of flash memory, whose erase blocks and pages are known: make "
              "an image of type nand");
    none.kind = FileSystem::jffs2;
    EXPECT_EQ(check_volume(none).error().fault, Fault::invalid);
    Volume tiny = volume(FileSystem::ubifs);
    tiny.size_bytes = kMiB;
    EXPECT_TRUE(check_volume(tiny).error().message.contains("smaller than any ubifs"));
    Volume labelled = volume(FileSystem::jffs2);
    labelled.label = "root";
    EXPECT_EQ(check_volume(labelled).error().fault, Fault::invalid);
}

TEST_F(FlashVolume, TellsOfCapabilitiesThatAreLost) {
    ContentSize size;
    size.with_capabilities = {"/usr/bin/ping"};
    size.sockets = {"/run/socket"};
    EXPECT_EQ(losses(volume(FileSystem::jffs2), size), std::vector<std::string>{});
    ASSERT_EQ(losses(volume(FileSystem::ubifs), size).size(), 1u);
    EXPECT_TRUE(losses(volume(FileSystem::ubifs), size)[0].contains("/usr/bin/ping loses"));
}

TEST(FlashNodes, RefuseALengthThatLeavesTheBlock) {
    std::string block(4096, '\xff');
    put_le(block, 0, std::uint32_t{0x06101831});
    put_le(block, 16, std::uint32_t{5000});
    EXPECT_EQ(level_ubifs_block(block, {}, kEpoch).error().fault, Fault::broken);
    block.assign(4096, '\xff');
    put_le(block, 0, std::uint16_t{0x1985});
    put_le(block, 4, std::uint32_t{3});
    EXPECT_EQ(level_jffs2_block(block, kEpoch).error().fault, Fault::broken);
}

}  // namespace
}  // namespace img::volume
