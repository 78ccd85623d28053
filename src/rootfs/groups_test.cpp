#include "rootfs/groups.hpp"

#include "tests/support/recording_runner.hpp"
#include "tests/support/temp_tree.hpp"
#include "tree/tree.hpp"

#include <gtest/gtest.h>

namespace img::rootfs {
namespace {

using tree::Tree;

using Argv = std::vector<std::string>;

class GroupsTest : public ::testing::Test {
protected:
    GroupsTest() { temp.put("/etc/group", "root:x:0:\nsudo:x:27:anna\n"); }
    Result<void> set(const kickstart::Group& group) {
        return set_groups(runner, Tree::open(temp.folder).value(), {group});
    }
    testing::TempTree temp;
    testing::RecordingRunner runner;
};

TEST_F(GroupsTest, AreMadeWithTheIdThatIsSaidOrAnyOther) {
    ASSERT_TRUE(set({.name = "builders", .gid = 900}));
    ASSERT_TRUE(set({.name = "wheel"}));
    EXPECT_EQ(runner.commands[0].argv, (Argv{"groupadd", "--gid", "900", "--", "builders"}));
    EXPECT_EQ(runner.commands[0].root, temp.folder);
    EXPECT_EQ(runner.commands[1].argv, (Argv{"groupadd", "--", "wheel"}));
}

TEST_F(GroupsTest, StayAsTheyAreWhereTheyAreThereAlready) {
    ASSERT_TRUE(set({.name = "sudo", .gid = 27}));
    ASSERT_TRUE(set({.name = "sudo"}));
    EXPECT_TRUE(runner.commands.empty());
}

TEST_F(GroupsTest, SayWhoseIdItIs) {
    EXPECT_EQ(set({.name = "sudo", .gid = 28, .where = {"demo.ks", 3, 1}}).error().message,
              "group sudo (demo.ks:3): the image's group sudo has the id 27");
    const auto taken = set({.name = "builders", .gid = 27, .where = {"demo.ks", 3, 1}});
    EXPECT_EQ(taken.error().message,
              "group builders (demo.ks:3): the id 27 is that of the image's group sudo");
    EXPECT_EQ(taken.error().fault, Fault::invalid);
}

TEST_F(GroupsTest, HaveNamesThatAreNoOptions) {
    for (const char* name : {"-f", "", "a:b", "a\nb", "$(x)"}) {
        EXPECT_EQ(set({.name = name}).error().fault, Fault::invalid) << name;
    }
    EXPECT_TRUE(runner.commands.empty());
}

TEST_F(GroupsTest, TellAFailedGroupaddAsTheLines) {
    runner.answer = system::Finished{.status = 10, .tail = "cannot lock /etc/group"};
    EXPECT_EQ(set({.name = "wheel", .where = {"demo.ks", 3, 1}}).error().message,
              "group wheel (demo.ks:3): groupadd: exit 10: cannot lock /etc/group");
}

TEST(GroupName, IsANameOrANameWithItsId) {
    EXPECT_EQ(parse_group("builders(900)")->gid, 900u);
    EXPECT_EQ(parse_group("builders")->gid, std::nullopt);
    for (const char* text :
         {"builders(", "builders()", "builders(9)x", "builders(-1)", "b(9999999999)", "-x", ""}) {
        EXPECT_FALSE(parse_group(text)) << text;
    }
}

}  // namespace
}  // namespace img::rootfs
