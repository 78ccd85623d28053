#include "kickstarter/custom_folder.hpp"

#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>

namespace img::kickstarter {
namespace {

class CustomFolderTest : public ::testing::Test {
protected:
    std::string read(CustomKind kind,
                     const std::string& name,
                     const std::string& below = "custom") {
        syntax::Reporter report;
        CustomFolder custom(folder_.path(), below);
        const Said said{.text = name, .where = {.file = "a.yaml", .line = 2, .column = 3}};
        const auto* const text = custom.read(kind, said, report);
        const auto diagnostics = report.take();
        EXPECT_EQ(diagnostics.empty(), text != nullptr);
        return text != nullptr ? *text : to_text(diagnostics.at(0));
    }

    testing::TempFolder folder_;
};

TEST_F(CustomFolderTest, HasAFileForEachKindOfName) {
    folder_.write("custom/part/x", "part /");
    folder_.write("custom/scripts/x.post", "inside");
    folder_.write("custom/scripts/x.nochroot", "outside");
    EXPECT_EQ(read(CustomKind::part, "x"), "part /");
    EXPECT_EQ(read(CustomKind::post, "x"), "inside");
    EXPECT_EQ(read(CustomKind::nochroot, "x"), "outside");
}

TEST_F(CustomFolderTest, NamesTheFileThatWasMeant) {
    folder_.write("custom/scripts/keys.post", "");
    folder_.write("custom/scripts/kay.nochroot", "");
    EXPECT_EQ(
        read(CustomKind::post, "kes"),
        "a.yaml:2:3: error: there is no script scripts/kes.post in the custom folder; did you "
        "mean keys?");
    EXPECT_EQ(read(CustomKind::part, "kes", "none"),
              "a.yaml:2:3: error: there is no partition file part/kes in the custom folder");
}

TEST_F(CustomFolderTest, LetsNoNameAndNoLinkOut) {
    folder_.write("secret.post", "root:x");
    folder_.write("custom/scripts/a.post", "");
    std::filesystem::create_symlink("../../../etc/passwd",
                                    folder_.path() / "custom/scripts/l.post");
    for (const auto* name : {"../../secret", "/etc/passwd", "..", ".", ""}) {
        EXPECT_NE(read(CustomKind::post, name).find("it is one name, without a path"),
                  std::string::npos)
            << name;
    }
    EXPECT_NE(read(CustomKind::post, "l").find("there is no script"), std::string::npos);
}

TEST_F(CustomFolderTest, IsBounded) {
    folder_.write("custom/part/large", std::string((1U << 20) + 1, 'x'));
    EXPECT_NE(read(CustomKind::part, "large").find("is larger than 1.0 MiB"), std::string::npos);
}

}  // namespace
}  // namespace img::kickstarter
