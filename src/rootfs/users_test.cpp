#include "rootfs/users.hpp"

#include "tests/support/recording_runner.hpp"
#include "tests/support/temp_tree.hpp"
#include "tree/tree.hpp"

#include <gtest/gtest.h>

namespace img::rootfs {
namespace {

using tree::Tree;

using Argv = std::vector<std::string>;

class UsersTest : public ::testing::Test {
protected:
    UsersTest() {
        temp.put("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\ngames:x:5:60::/usr/games:/x\n");
        temp.put("/etc/group", "root:x:0:\nsudo:x:27:\ngames:x:60:\n");
        temp.put("/bin/bash", "", true);
    }
    Result<void> set(const kickstart::Document& document) {
        return set_users(runner, Tree::open(temp.folder).value(), document,
                         {.method = HashMethod::sha512, .seed = "seed", .epoch = 86400});
    }
    Result<void> add(const kickstart::User& user) {
        kickstart::Document document;
        document.users.push_back(user);
        return set(document);
    }
    Argv argv(std::size_t i) const {
        return i < runner.commands.size() ? runner.commands[i].argv : Argv{};
    }

    testing::TempTree temp;
    testing::RecordingRunner runner;
};

TEST_F(UsersTest, AddsOneWithAllThatIsSaidOfIt) {
    ASSERT_TRUE(add({.name = "anna",
                     .groups = {"sudo"},
                     .home = "/srv/anna",
                     .shell = "/bin/bash",
                     .gecos = "Anna; $(reboot)",
                     .uid = 1500,
                     .gid = 1600}));
    EXPECT_EQ(argv(0), (Argv{"groupadd", "--gid", "1600", "--", "anna"}));
    EXPECT_EQ(argv(1), (Argv{"useradd", "--create-home", "--groups", "sudo", "--uid", "1500",
                             "--gid", "1600", "--home-dir", "/srv/anna", "--shell", "/bin/bash",
                             "--comment", "Anna; $(reboot)", "--", "anna"}));
    EXPECT_EQ(runner.commands[1].root, temp.folder);
    EXPECT_EQ(runner.commands[1].environment, Argv{"SOURCE_DATE_EPOCH=86400"});
    EXPECT_EQ(runner.commands.size(), 2u);  // no password was given: none is set
}

TEST_F(UsersTest, NeverPutsAPasswordOnACommandLine) {
    kickstart::Document document;
    document.root_password = {.password = {.text = "topsecret"}, .where = {}};
    document.users.push_back({.name = "anna", .password = {.text = "hushhush"}});
    ASSERT_TRUE(set(document));
    for (const auto& command : runner.commands) {
        for (const auto& word : command.argv) {
            EXPECT_EQ(word.find("secret"), std::string::npos);
            EXPECT_EQ(word.find("hush"), std::string::npos);
        }
        EXPECT_EQ(command.input.find("secret"), std::string::npos);
    }
    EXPECT_EQ(runner.commands.back().argv, (Argv{"chpasswd", "-e"}));
    EXPECT_TRUE(runner.commands.back().input.starts_with("root:$6$"));
    EXPECT_NE(runner.commands.back().input.find("\nanna:$6$"), std::string::npos);
}

TEST_F(UsersTest, ChangesAUserWhomAPackageHasMade) {
    ASSERT_TRUE(add({.name = "games", .groups = {"sudo"}}));
    EXPECT_EQ(argv(0), (Argv{"usermod", "--append", "--groups", "sudo", "--", "games"}));
}

TEST_F(UsersTest, HasNothingToChangeOfOneWhoIsOnlyGivenAPassword) {
    ASSERT_TRUE(add({.name = "games", .password = {.text = "x", .locked = true}}));
    EXPECT_EQ(argv(0), (Argv{"chpasswd", "-e"}));
    EXPECT_TRUE(runner.commands[0].input.starts_with("games:!$6$"));
}

TEST_F(UsersTest, SaysWhichGroupTheImageHasNot) {
    const auto done = add({.name = "anna", .groups = {"sudoo"}, .where = {"demo.ks", 9, 1}});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().fault, Fault::invalid);
    EXPECT_EQ(done.error().message,
              "user anna (demo.ks:9): the image has no group sudoo, did you mean sudo; make it "
              "with `group`, or have the package that does in %packages");
    EXPECT_TRUE(runner.commands.empty());
}

TEST_F(UsersTest, MakesAGroupThatComesWithItsId) {
    ASSERT_TRUE(add({.name = "anna", .groups = {"builders(900)"}}));
    EXPECT_EQ(argv(0), (Argv{"groupadd", "--gid", "900", "--", "builders"}));
    EXPECT_EQ(argv(1), (Argv{"useradd", "--create-home", "--groups", "builders", "--shell",
                             "/bin/bash", "--", "anna"}));
    EXPECT_EQ(add({.name = "anna", .groups = {"sudo(900)"}}).error().fault, Fault::invalid);
}

TEST_F(UsersTest, RefusesNamesThatLookLikeOptionsOrHoldOtherFields) {
    for (const char* name : {"-rf", "--root", "a b", "a:b", "a;b", "", "$(x)", "1st"}) {
        EXPECT_EQ(add({.name = name}).error().fault, Fault::invalid) << name;
    }
    EXPECT_FALSE(add({.name = "anna", .gecos = "x:/root:/bin/sh"}));
    EXPECT_FALSE(add({.name = "anna", .gecos = "Anna\nx::0:0::/:/bin/sh"}));
    EXPECT_FALSE(add({.name = "anna", .home = "srv"}));
    EXPECT_TRUE(runner.commands.empty());
}

TEST_F(UsersTest, SaysWhichShellIsMissing) {
    const auto done = add({.name = "anna", .shell = "/bin/zsh", .where = {"demo.ks", 9, 1}});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message,
              "user anna (demo.ks:9): the image has no /bin/zsh; add its package to %packages");
}

TEST_F(UsersTest, TellsAFailedUseraddAsTheUserLines) {
    runner.answer = system::Finished{.status = 4, .tail = "useradd: UID 5 is not unique"};
    const auto done = add({.name = "anna", .uid = 5, .where = {"demo.ks", 9, 1}});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message,
              "user anna (demo.ks:9): useradd: exit 4: useradd: UID 5 is not unique");
}

TEST_F(UsersTest, LeavesRootAsThePackagesMadeItWithoutARootpw) {
    ASSERT_TRUE(set({}));
    EXPECT_TRUE(runner.commands.empty());
}

TEST_F(UsersTest, RefusesARootPasswordThatIsEmpty) {
    kickstart::Document document;
    document.root_password = {.password = {}, .where = {"demo.ks", 3, 1}};
    EXPECT_EQ(set(document).error().message,
              "rootpw (demo.ks:3): no password; --lock gives root none");
    document.root_password->password.locked = true;
    ASSERT_TRUE(set(document));
    EXPECT_EQ(runner.commands.back().input, "root:!\n");
}

}  // namespace
}  // namespace img::rootfs
