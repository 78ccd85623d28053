// Each folder of tests/golden/kickstarter has configurations.yaml, repos.yaml and custom/, and the
// NAME.ks that have to come of them, byte for byte. Those of board and phone were written by the
// kickstarter of 2010; the four comment lines at their heads are ours. IMG_BLESS=1 writes what is.
#include "kickstarter/kickstarter.hpp"
#include "tests/support/temp_folder.hpp"

#include <algorithm>
#include <cstdlib>
#include <gtest/gtest.h>

namespace img::kickstarter {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(IMG_SOURCE_DIR) / "tests/golden/kickstarter";

std::vector<std::string> sets() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(kFolder)) {
        names.push_back(entry.path().filename().string());
    }
    std::ranges::sort(names);
    return names;
}

class KickstarterGolden : public ::testing::TestWithParam<std::string> {};

TEST_P(KickstarterGolden, WritesWhatItWroteBefore) {
    const auto folder = kFolder / GetParam();
    const auto generated = generate(
        read_sources(folder / "configurations.yaml", folder / "repos.yaml", std::nullopt).value());
    for (const auto& diagnostic : generated.diagnostics) {
        EXPECT_NE(diagnostic.severity, syntax::Severity::error) << to_text(diagnostic);
    }
    std::vector<std::string> made;
    for (const auto& [name, file_name, platform, text] : generated.kickstarts) {
        const auto file = folder / (file_name + ".ks");
        made.push_back(file.filename().string());
        if (std::getenv("IMG_BLESS") != nullptr) {
            std::ofstream(file, std::ios::binary) << text;
        }
        EXPECT_EQ(testing::read_file(file), text) << file;
    }
    std::vector<std::string> wanted;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == ".ks") {
            wanted.push_back(entry.path().filename().string());
        }
    }
    std::ranges::sort(made);
    std::ranges::sort(wanted);
    EXPECT_EQ(made, wanted);
}

INSTANTIATE_TEST_SUITE_P(Sets,
                         KickstarterGolden,
                         ::testing::ValuesIn(sets()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace img::kickstarter
