#include "rootfs/authselect.hpp"

#include "tests/support/recording_runner.hpp"
#include "tests/support/temp_tree.hpp"
#include "tree/tree.hpp"

#include <gtest/gtest.h>

namespace img::rootfs {
namespace {

using tree::Tree;

using Words = std::vector<std::string>;

class AuthselectTest : public ::testing::Test {
protected:
    Result<void> run(Words words) {
        return run_authselect(runner, Tree::open(temp.folder).value(),
                              {.words = std::move(words), .where = {"demo.ks", 3, 1}},
                              [this](std::string_view line) { log += line; });
    }
    testing::TempTree temp;
    testing::RecordingRunner runner;
    std::string log;
};

TEST_F(AuthselectTest, GetsItsWordsInTheTree) {
    temp.put("/usr/bin/authselect", "", true);
    ASSERT_TRUE(run({"select", "sssd", "with-mkhomedir"}));
    ASSERT_TRUE(run({"enable-feature", "with-faillock"}));
    EXPECT_EQ(runner.commands[0].argv,
              (Words{"authselect", "select", "sssd", "with-mkhomedir", "--force"}));
    EXPECT_EQ(runner.commands[0].root, temp.folder);
    EXPECT_EQ(runner.commands[1].argv, (Words{"authselect", "enable-feature", "with-faillock"}));
}

TEST_F(AuthselectTest, FailsAsItsLine) {
    temp.put("/usr/bin/authselect", "", true);
    runner.answer = system::Finished{.status = 2, .tail = "Profile [x] was not found"};
    EXPECT_EQ(run({"select", "x", "--force"}).error().message,
              "authselect (demo.ks:3): authselect: exit 2: Profile [x] was not found");
    EXPECT_EQ(runner.commands[0].argv.size(), 4u);
}

TEST_F(AuthselectTest, IsALineInTheLogWhereTheImageHasNone) {
    ASSERT_TRUE(run({"select", "sssd"}));
    EXPECT_EQ(log,
              "authselect (demo.ks:3): the image has no authselect: logins are as its packages "
              "set them up");
    EXPECT_TRUE(runner.commands.empty());
}

}  // namespace
}  // namespace img::rootfs
