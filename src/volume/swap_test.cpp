#include "volume/swap.hpp"

#include "base/byte_size.hpp"
#include "system/process_runner.hpp"
#include "system/sparse_file.hpp"
#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>

namespace img::volume {
namespace {

Volume swap_volume() {
    return {.kind = FileSystem::swap,
            .name = "swap",
            .size_bytes = 8 * kMiB,
            .label = "fifteen-letters",
            .uuid = "6b29fc40-ca47-4067-b31d-00dd010662da"};
}

TEST(Swap, IsWhatMkswapWritesToTheByte) {
    const testing::TempFolder folder;
    const auto ours = folder.path() / "ours";
    const auto theirs = folder.path() / "theirs";
    const Volume volume = swap_volume();
    ASSERT_TRUE(make_swap(volume, ours));
    ASSERT_TRUE(system::create_sparse(theirs, volume.size_bytes));
    system::ProcessRunner runner;
    const auto made =
        runner.run({.argv = {"mkswap", "-L", volume.label, "-U", volume.uuid, theirs.string()}});
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(std::filesystem::file_size(ours), volume.size_bytes);
    EXPECT_TRUE(testing::read_file(ours) == testing::read_file(theirs));
}

TEST(Swap, RefusesLabelsUuidsAndSizesThatTheHeaderCannotHold) {
    Volume volume = swap_volume();
    volume.label += "x";
    EXPECT_EQ(swap_header(volume).error().message,
              "swap: the label 'fifteen-lettersx' is over the 15 bytes that swap can hold");
    volume = swap_volume();
    volume.uuid = "1234";
    EXPECT_EQ(swap_header(volume).error().message, "swap: '1234' is not a UUID");
    volume = swap_volume();
    volume.size_bytes = 36 * kKiB;
    EXPECT_EQ(swap_header(volume).error().fault, Fault::invalid);
    volume.size_bytes = 40 * kKiB;
    EXPECT_TRUE(swap_header(volume));
}

}  // namespace
}  // namespace img::volume
