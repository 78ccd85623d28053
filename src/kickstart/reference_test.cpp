#include "kickstart/reference.hpp"

#include "kickstart/command_table.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace img::kickstart {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& file) {
    const std::ifstream in(file, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

// IMG_BLESS=1 writes the page.
TEST(Reference, IsWhatTheTableSays) {
    const fs::path page = fs::path(IMG_SOURCE_DIR) / "docs/kickstart.md";
    if (std::getenv("IMG_BLESS") != nullptr) {
        std::ofstream(page, std::ios::binary) << reference_page();
    }
    EXPECT_EQ(content(page), reference_page()) << "IMG_BLESS=1 writes docs/kickstart.md anew";
}

TEST(Reference, HasEveryCommandWithItsOptions) {
    const auto all = command_reference();
    ASSERT_EQ(all.size(), commands().size());
    const auto part = std::ranges::find(all, "part", &CommandReference::name);
    ASSERT_NE(part, all.end());
    EXPECT_EQ(part->effect, "acts");
    const auto size = std::ranges::find(part->options, "--size", &OptionReference::name);
    ASSERT_NE(size, part->options.end());
    EXPECT_EQ(size->value, "MIB");
    EXPECT_EQ(size->history, "FC3");
    const auto nfs = std::ranges::find(all, "nfs", &CommandReference::name);
    ASSERT_NE(nfs, all.end());
    EXPECT_EQ(nfs->effect, "refused");
    ASSERT_EQ(nfs->options.size(), 3u);
    EXPECT_EQ(nfs->options[2].history, "FC6");
    EXPECT_EQ(nfs->options[2].effect, "refused");
}

TEST(Reference, TellsTheEndsOfAHistory) {
    EXPECT_EQ(since("FC3-F28"), "FC3");
    EXPECT_EQ(until("FC3-F28"), "F28");
    EXPECT_EQ(since("mic"), "mic");
    EXPECT_EQ(until("mic"), "");
}

// Whoever adds a command writes down what comes of it, as text and as a Document.
TEST(Reference, HasAGoldenFileForEveryCommandAndSection) {
    std::string goldens;
    for (const auto& entry :
         fs::directory_iterator(fs::path(IMG_SOURCE_DIR) / "tests/golden/kickstart")) {
        if (entry.path().extension() == ".ks") {
            goldens += '\n' + content(entry.path());
        }
    }
    for (const auto& list : {command_reference(), section_reference()}) {
        for (const auto& one : list) {
            const auto line = '\n' + std::string(one.name);
            EXPECT_TRUE(goldens.contains(line + ' ') || goldens.contains(line + '\n')) << one.name;
        }
    }
}

}  // namespace
}  // namespace img::kickstart
