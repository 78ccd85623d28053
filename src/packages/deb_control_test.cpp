#include "packages/deb_control.hpp"

#include <gtest/gtest.h>

namespace img::packages {
namespace {

TEST(DebControl, IsReadWithFoldedFieldsAndWithoutVersions) {
    const auto control = parse_control(
        "Package: x\nVersion: 1:2-3\nArchitecture: amd64\nEssential: yes\n"
        "Depends: a (>= 1),\n b:any | c [amd64],d<!nocheck>\nPre-Depends: e\nProvides: f (= 1), g\n"
        "Description: words\n Depends: trap\n\nPackage: second\n");
    EXPECT_EQ(control.name, "x");
    EXPECT_EQ(control.version, "1:2-3");
    EXPECT_TRUE(control.essential);
    EXPECT_EQ(control.depends, (std::vector<Alternatives>{{"a"}, {"b", "c"}, {"d"}}));
    EXPECT_EQ(control.pre_depends, (std::vector<Alternatives>{{"e"}}));
    EXPECT_EQ(control.provides, (std::vector<std::string>{"f", "g"}));
}

}  // namespace
}  // namespace img::packages
