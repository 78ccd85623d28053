#include "tree/units.hpp"

#include "tests/support/temp_tree.hpp"
#include "tree/tree.hpp"

#include <gtest/gtest.h>

namespace img::tree {
namespace {

TEST(Units, AreServicesWhereNoSuffixSaysMore) {
    EXPECT_EQ(unit_name("ssh"), "ssh.service");
    EXPECT_EQ(unit_name("fstrim.timer"), "fstrim.timer");
    EXPECT_EQ(unit_name("org.example"), "org.example.service");
    EXPECT_EQ(service_name("org.example.service"), "org.example");
}

TEST(Units, AreThereByTheirFileTheirTemplateOrAnInitScript) {
    testing::TempTree temp;
    temp.put("/usr/lib/systemd/system/ssh.service");
    temp.put("/lib/systemd/system/getty@.service");
    temp.put("/etc/init.d/cron", "", true);
    temp.put("/etc/init.d/README");
    const auto tree = Tree::open(temp.folder).value();
    EXPECT_TRUE(has_unit(tree, "ssh.service"));
    EXPECT_TRUE(has_unit(tree, "getty@ttyS0.service"));
    EXPECT_TRUE(has_unit(tree, "cron.service"));
    EXPECT_FALSE(has_unit(tree, "ssh.socket"));
    EXPECT_FALSE(has_unit(tree, "cron.timer"));
    EXPECT_FALSE(has_unit(tree, "README.service"));
    EXPECT_EQ(all_units(tree), (std::vector<std::string>{"getty@.service", "ssh.service"}));
}

}  // namespace
}  // namespace img::tree
