#include "rootfs/selinux.hpp"

#include "tests/support/temp_tree.hpp"
#include "tree/tree.hpp"

#include <gtest/gtest.h>

namespace img::rootfs {
namespace {

using kickstart::SelinuxMode;
using tree::Tree;

class SelinuxTest : public ::testing::Test {
protected:
    Result<void> set(SelinuxMode mode) {
        return set_selinux(Tree::open(temp.folder).value(),
                           {.mode = mode, .where = {"demo.ks", 7, 1}},
                           [this](std::string_view line) { log += line; });
    }
    bool relabels() const { return std::filesystem::exists(temp.folder / ".autorelabel"); }
    testing::TempTree temp;
    std::string log;
};

TEST_F(SelinuxTest, SetsItsLineAndHasTheFirstBootLabelAllFiles) {
    temp.put("/etc/redhat-release");
    temp.put("/etc/selinux/targeted/policy/policy.33");
    temp.put("/etc/selinux/config", "# SELINUX= is\nSELINUX=permissive\nSELINUXTYPE=targeted\n");
    ASSERT_TRUE(set(SelinuxMode::enforcing));
    EXPECT_EQ(temp.get("/etc/selinux/config"),
              "# SELINUX= is\nSELINUX=enforcing\nSELINUXTYPE=targeted\n");
    EXPECT_TRUE(relabels());
    EXPECT_EQ(log, "");
    ASSERT_TRUE(set(SelinuxMode::disabled));
    EXPECT_EQ(temp.get("/etc/selinux/config"),
              "# SELINUX= is\nSELINUX=disabled\nSELINUXTYPE=targeted\n");
    EXPECT_FALSE(relabels());
}

TEST_F(SelinuxTest, WritesTheFileWithThePolicyThatIsThere) {
    temp.put("/etc/selinux/default/contexts/users/root");
    ASSERT_TRUE(set(SelinuxMode::permissive));
    EXPECT_EQ(temp.get("/etc/selinux/config"), "SELINUXTYPE=default\nSELINUX=permissive\n");
    EXPECT_TRUE(log.contains("security=selinux")) << log;
}

TEST_F(SelinuxTest, NamesThePackagesOfAPolicyThatIsMissing) {
    EXPECT_EQ(set(SelinuxMode::enforcing).error().message,
              "selinux --enforcing (demo.ks:7): the image has no policy; add selinux-basics and "
              "selinux-policy-default to %packages");
    temp.put("/etc/redhat-release");
    EXPECT_TRUE(set(SelinuxMode::permissive).error().message.contains("selinux-policy-targeted"));
}

TEST_F(SelinuxTest, IsDisabledAsItIsWithoutAny) {
    ASSERT_TRUE(set(SelinuxMode::disabled));
    EXPECT_FALSE(std::filesystem::exists(temp.folder / "etc"));
}

}  // namespace
}  // namespace img::rootfs
