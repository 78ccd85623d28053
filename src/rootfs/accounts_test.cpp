#include "rootfs/accounts.hpp"

#include <gtest/gtest.h>

namespace img::rootfs {
namespace {

TEST(Accounts, AreTheLinesThatAreWhole) {
    EXPECT_EQ(parse_accounts("root:x:0:0:root:/root:/bin/bash\n+::::::\nanna:x:x:1\n\nx\n"
                             "anna:x:1000:1001:Anna,,:/home/anna:/bin/sh\n"),
              (std::vector<Account>{{"root", 0, 0, "/root"}, {"anna", 1000, 1001, "/home/anna"}}));
    EXPECT_EQ(parse_accounts("sudo:x:27:anna,bob\nshadow:*:42:\n"),
              (std::vector<Account>{{"sudo", 27, 0, ""}, {"shadow", 42, 0, ""}}));
}

TEST(Accounts, AreFoundByTheirWholeName) {
    const std::vector<Account> accounts{{"anna", 1000, 1000, "/home/anna"}};
    EXPECT_EQ(find_account(accounts, "anna"), accounts.data());
    EXPECT_EQ(find_account(accounts, "ann"), nullptr);
    EXPECT_EQ(names_of(accounts), std::vector<std::string>{"anna"});
}

TEST(Accounts, HaveNamesThatAreNoOptionsAndNoPaths) {
    EXPECT_TRUE(is_account_name("anna"));
    EXPECT_TRUE(is_account_name("_apt"));
    for (const char* name : {"", "-rf", "1st", "a b", "a:b", "a\nb", "../x", "a$b", ".x"}) {
        EXPECT_FALSE(is_account_name(name)) << name;
    }
    EXPECT_FALSE(is_account_name(std::string(33, 'a')));
}

}  // namespace
}  // namespace img::rootfs
