// Each tests/golden/kickstart/NAME.ks gives the diagnostics of NAME.diagnostics, line by line; a
// file without errors also prints as NAME.printed. IMG_BLESS=1 writes what is instead.
#include "tests/support/kickstart_text.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace img::kickstart {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(IMG_SOURCE_DIR) / "tests/golden/kickstart";

std::string content(const fs::path& file) {
    const std::ifstream in(file, std::ios::binary);
    EXPECT_TRUE(in) << file << " cannot be read";
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

std::vector<std::string> names() {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(kFolder)) {
        if (entry.path().extension() == ".ks") {
            found.push_back(entry.path().stem().string());
        }
    }
    std::ranges::sort(found);
    return found;
}

void compare(const fs::path& file, const std::string& text) {
    if (std::getenv("IMG_BLESS") != nullptr) {
        std::ofstream(file, std::ios::binary) << text;
        return;
    }
    EXPECT_EQ(content(file), text) << file;
}

class KickstartGolden : public testing::TestWithParam<std::string> {};

TEST_P(KickstartGolden, SaysWhatItSaidBefore) {
    const auto parsed = parse(content(kFolder / (GetParam() + ".ks")),
                              {.file = GetParam() + ".ks", .tokens = {{"ARCH", "amd64"}}});
    std::string sentences;
    for (const auto& diagnostic : parsed.diagnostics) {
        sentences += to_text(diagnostic) + '\n';
    }
    compare(kFolder / (GetParam() + ".diagnostics"), sentences);
    if (!parsed.has_errors()) {
        const auto printed = print(parsed.document);
        compare(kFolder / (GetParam() + ".printed"), printed);
        EXPECT_EQ(print(parse_text(printed).document), printed);
    }
}

std::string title(const testing::TestParamInfo<std::string>& info) {
    std::string name = info.param;
    std::ranges::replace(name, '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Files, KickstartGolden, testing::ValuesIn(names()), title);

}  // namespace
}  // namespace img::kickstart
