#include "network/host_name.hpp"

#include "tests/support/temp_tree.hpp"
#include "tree/tree.hpp"

#include <gtest/gtest.h>

namespace img::network {
namespace {

using tree::Tree;

TEST(HostsFile, HasTheNamesOnceHoweverOftenItIsWritten) {
    const std::string once = hosts_file("", "img-demo.example.org");
    EXPECT_NE(once.find("127.0.0.1\tlocalhost\n"), std::string::npos);
    EXPECT_NE(once.find("127.0.1.1\timg-demo.example.org img-demo\n"), std::string::npos);
    EXPECT_EQ(hosts_file(once, "img-demo.example.org"), once);
    EXPECT_EQ(hosts_file(once, "other").find("img-demo"), std::string::npos);
    EXPECT_EQ(hosts_file(once, ""), once);
}

TEST(HostsFile, KeepsTheLinesOfOthers) {
    EXPECT_EQ(hosts_file("127.0.0.1 localhost\n10.0.0.1 depot\n", "a"),
              "127.0.0.1 localhost\n10.0.0.1 depot\n127.0.1.1\ta\n");
}

TEST(HostName, IsALabelOrSeveralAndNothingElse) {
    testing::TempTree temp;
    const Tree tree = Tree::open(temp.folder).value();
    const std::string long_name(65, 'a');
    for (const char* name : {"-x", "a b", "a\nb", "a..b", ".a", "a_b", long_name.c_str()}) {
        EXPECT_EQ(set_host_name(tree, {{.hostname = name}}).error().fault, Fault::invalid) << name;
    }
    EXPECT_EQ(
        set_host_name(tree, {{.hostname = "a_b", .where = {"demo.ks", 4, 1}}}).error().message,
        "network (demo.ks:4): --hostname='a_b' is not a host's name: up to 64 letters, "
        "digits, - and .");
    EXPECT_EQ(temp.get("/etc/hosts"), "");
}

TEST(HostName, OfAnOldRpmTreeIsInSysconfig) {
    testing::TempTree temp;
    const Tree tree = Tree::open(temp.folder).value();
    temp.put("/etc/sysconfig/network", "NETWORKING=no\nGATEWAY=10.0.0.1\n");
    ASSERT_TRUE(set_host_name(tree, {{.hostname = "box.example.org"}}));
    EXPECT_EQ(temp.get("/etc/sysconfig/network"),
              "NETWORKING=yes\nGATEWAY=10.0.0.1\nHOSTNAME=box.example.org\n");
    temp.put("/usr/lib/systemd/systemd", "", true);
    ASSERT_TRUE(set_host_name(tree, {{.hostname = "other"}}));
    EXPECT_EQ(temp.get("/etc/hostname"), "other\n");
    EXPECT_EQ(temp.get("/etc/sysconfig/network").find("other"), std::string::npos);
}

}  // namespace
}  // namespace img::network
