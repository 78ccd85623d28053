#include "tests/support/kickstart_text.hpp"

#include <gtest/gtest.h>

namespace img::kickstart {
namespace {

TEST(RootPassword, IsPlainCryptedOrLocked) {
    const auto plain = parse_text("rootpw --plaintext 's3 cret'\n").document.root_password;
    EXPECT_EQ(plain->password, (Password{.text = "s3 cret", .kind = PasswordKind::plain}));
    const auto crypted = parse_text("rootpw --iscrypted $6$salt$hash\n").document.root_password;
    EXPECT_EQ(crypted->password, (Password{.text = "$6$salt$hash", .kind = PasswordKind::crypted}));
    const auto locked = parse_text("rootpw --lock\n").document.root_password;
    EXPECT_TRUE(locked->password.locked);
    EXPECT_EQ(said("rootpw --lock\nlang C\n"), Said{});
}

TEST(RootPassword, HasToBeThere) {
    EXPECT_EQ(said("rootpw\n"), Said{"t.ks:1:1: error: rootpw needs a password, or --lock"});
    EXPECT_EQ(
        said("rootpw --iscrypted --plaintext $6$a$b\n"),
        Said{"t.ks:1:1: warning: rootpw has both --iscrypted and --plaintext; the later counts"});
}

TEST(RootPassword, IsLookedAtBeforeNobodyCanLogIn) {
    EXPECT_EQ(said("rootpw --iscrypted secret\n"),
              Said{"t.ks:1:1: warning: rootpw: this does not look like a crypted password; nobody "
                   "will be able to log in with it"});
    EXPECT_EQ(said("rootpw --iscrypted $6$a:b\n"),
              Said{"t.ks:1:1: refused: rootpw: a crypted password holds no colon and no blank"});
    EXPECT_EQ(said("rootpw a#b\n"),
              Said{"t.ks:1:9: warning: a comment begins here; put quotes around a word that holds "
                   "#"});
}

TEST(RootPassword, IsNeverQuotedInAMessage) {
    for (const std::string_view line :
         {"rootpw --iscrypted hidden\n", "rootpw --iscrypted hid:den\n",
          "user --name=a --iscrypted --password=hidden\n", "rootpw 'hidden\t'\n"}) {
        for (const auto& sentence : said(line)) {
            EXPECT_FALSE(sentence.contains("hid")) << sentence;
        }
    }
}

TEST(User, ReadsEveryOption) {
    const auto parsed = parse_text(
        "user --name=joe --groups=sudo,video --password=$6$a$b --iscrypted --homedir=/home/j "
        "--shell=/bin/sh --gecos='Joe, room 1' --uid=1001 --gid=1002 --lock\n");
    ASSERT_EQ(parsed.document.users.size(), 1u);
    const User wanted{.name = "joe",
                      .groups = {"sudo", "video"},
                      .password = {.text = "$6$a$b", .kind = PasswordKind::crypted, .locked = true},
                      .home = "/home/j",
                      .shell = "/bin/sh",
                      .gecos = "Joe, room 1",
                      .uid = 1001,
                      .gid = 1002,
                      .where = {.file = "t.ks", .line = 1, .column = 1}};
    EXPECT_EQ(parsed.document.users[0], wanted);
}

TEST(User, NeedsANameOfItsOwn) {
    EXPECT_EQ(said("user --uid=7\n"), Said{"t.ks:1:1: error: user needs --name"});
    EXPECT_EQ(said("user --name=root\n"),
              Said{"t.ks:1:1: refused: user root is always there; set its password with rootpw"});
    EXPECT_EQ(said("user --name=joe\nuser --name=joe\n"),
              Said{"t.ks:2:1: warning: user joe was named in line 1 already; this one counts"});
}

TEST(User, RefusesNamesThatMeanSomethingElse) {
    for (const std::string_view name : {"-x", "--root=/", "a;b", "$(id)", "a b", "a:b", "../a"}) {
        const auto line = "user --name='" + std::string(name) + "'\n";
        EXPECT_EQ(said(line).size(), 1u) << name;
        EXPECT_EQ(parse_text(line).document.users.size(), 0u) << name;
    }
    EXPECT_EQ(said("user --name=a --uid=4294967295 --gecos=a:b --shell=sh\n").size(), 3u);
}

}  // namespace
}  // namespace img::kickstart
