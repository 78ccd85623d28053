#include "kickstarter/output_folder.hpp"

#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>

namespace img::kickstarter {
namespace {

namespace fs = std::filesystem;

TEST(OutputFolder, TakesAllKickstartsOrNone) {
    const testing::TempFolder folder;
    const std::vector<Kickstart> two{{.file_name = "a", .text = "one"},
                                     {.file_name = "b", .text = "two"}};
    const auto out = folder.path() / "new/out";
    ASSERT_TRUE(write_kickstarts(out, two));
    EXPECT_EQ(testing::read_file(out / "a.ks") + testing::read_file(out / "b.ks"), "onetwo");

    // The draft of the second cannot be made.
    const std::vector<Kickstart> bad{{.file_name = "c", .text = "x"},
                                     {.file_name = std::string(300, 'd'), .text = "x"}};
    EXPECT_FALSE(write_kickstarts(out, bad));
    EXPECT_EQ(std::distance(fs::directory_iterator(out), fs::directory_iterator()), 2);
}

TEST(OutputFolder, IsNoFile) {
    const testing::TempFolder folder;
    const auto file = folder.write("file", "");
    EXPECT_EQ(write_kickstarts(file, {}).error().fault, Fault::invalid);
}

}  // namespace
}  // namespace img::kickstarter
