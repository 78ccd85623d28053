#include "rootfs/module_stream.hpp"

#include "tests/support/temp_tree.hpp"
#include "tree/tree.hpp"

#include <gtest/gtest.h>

namespace img::rootfs {
namespace {

using tree::Tree;

class ModuleStreamTest : public ::testing::Test {
protected:
    Result<void> set(kickstart::Module module) {
        module.where = {"demo.ks", 3, 1};
        return set_modules(Tree::open(temp.folder).value(), {module},
                           [this](std::string_view line) { log += line; });
    }
    testing::TempTree temp;
    std::string log;
};

TEST_F(ModuleStreamTest, IsWrittenAsDnfDoes) {
    temp.put("/etc/redhat-release");
    ASSERT_TRUE(set({.name = "nodejs", .stream = "18"}));
    EXPECT_EQ(temp.get("/etc/dnf/modules.d/nodejs.module"),
              "[nodejs]\nname=nodejs\nstream=18\nprofiles=\nstate=enabled\n");
    ASSERT_TRUE(set({.name = "nodejs", .disable = true}));
    EXPECT_EQ(temp.get("/etc/dnf/modules.d/nodejs.module"),
              "[nodejs]\nname=nodejs\nstream=\nprofiles=\nstate=disabled\n");
}

TEST_F(ModuleStreamTest, IsALineInTheLogOnDebian) {
    ASSERT_TRUE(set({.name = "nodejs", .stream = "18"}));
    EXPECT_EQ(log, "module --name=nodejs (demo.ks:3): the image's packages know no modules");
    EXPECT_FALSE(std::filesystem::exists(temp.folder / "etc"));
}

TEST_F(ModuleStreamTest, IsAWordAndNoPath) {
    temp.put("/etc/redhat-release");
    for (const char* evil : {"", "../x", "a/b", "a]\n[b", "a b", ".x"}) {
        EXPECT_EQ(set({.name = evil}).error().fault, Fault::invalid) << evil;
    }
    EXPECT_EQ(set({.name = "a", .stream = "1\nstate=x"}).error().fault, Fault::invalid);
}

}  // namespace
}  // namespace img::rootfs
