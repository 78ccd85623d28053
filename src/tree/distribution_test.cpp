#include "tree/distribution.hpp"

#include "tests/support/temp_tree.hpp"
#include "tree/tree.hpp"

#include <gtest/gtest.h>

namespace img::tree {
namespace {

TEST(Distribution, IsToldByItsMarks) {
    for (const char* mark : {"/usr/lib/rpm/macros", "/etc/redhat-release", "/etc/sysconfig/clock",
                             "/usr/lib/sysimage/rpm/rpmdb.sqlite"}) {
        testing::TempTree temp;
        EXPECT_FALSE(is_rpm_tree(Tree::open(temp.folder).value()));
        temp.put(mark);
        EXPECT_TRUE(is_rpm_tree(Tree::open(temp.folder).value())) << mark;
    }
}

TEST(Distribution, IsDebianWithThePackageRpmToo) {
    testing::TempTree temp;
    temp.put("/usr/lib/rpm/macros");
    temp.put("/var/lib/dpkg/status");
    EXPECT_FALSE(is_rpm_tree(Tree::open(temp.folder).value()));
}

TEST(Distribution, HasSystemdWhereTheProgramIs) {
    testing::TempTree temp;
    const Tree tree = Tree::open(temp.folder).value();
    EXPECT_FALSE(has_systemd(tree));
    temp.put("/usr/lib/systemd/systemd", "", true);
    EXPECT_TRUE(has_systemd(tree));
}

}  // namespace
}  // namespace img::tree
