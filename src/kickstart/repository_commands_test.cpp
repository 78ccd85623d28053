#include "tests/support/kickstart_text.hpp"

#include <gtest/gtest.h>

namespace img::kickstart {
namespace {

TEST(Repo, ReadsEveryOption) {
    const auto parsed = parse_text(
        "repo --name=debian --baseurl=http://h/debian --type=deb --suite=bookworm "
        "--components=main,contrib --gpgkey=/k.gpg --proxy=http://p:3128 --cost=500 --priority=9 "
        "--includepkgs=a*,b --excludepkgs=c --save\n");
    ASSERT_EQ(parsed.document.repositories.size(), 1u);
    const Repository wanted{.name = "debian",
                            .base = false,
                            .baseurl = "http://h/debian",
                            .mirrorlist = "",
                            .kind = RepositoryKind::deb,
                            .suite = "bookworm",
                            .components = {"main", "contrib"},
                            .gpgkey = "/k.gpg",
                            .gpgcheck = true,
                            .proxy = "http://p:3128",
                            .cost = 500,
                            .priority = 9,
                            .include_packages = {"a*", "b"},
                            .exclude_packages = {"c"},
                            .save = true,
                            .where = {.file = "t.ks", .line = 1, .column = 1}};
    EXPECT_EQ(parsed.document.repositories[0], wanted);
}

TEST(Repo, TakesASuiteForADebianArchive) {
    const auto parsed = parse_text("repo --name=a --baseurl=http://h/ --suite=x --no-gpgcheck\n");
    EXPECT_EQ(parsed.document.repositories[0].kind, RepositoryKind::deb);
    EXPECT_FALSE(parsed.document.repositories[0].gpgcheck);
    EXPECT_EQ(said("repo --name=a --baseurl=http://h/ --type=deb\n"),
              Said{"t.ks:1:1: refused: repo a is a Debian archive and needs --suite"});
    EXPECT_EQ(said("repo --name=a --baseurl=http://h/ --type=rpm-md --suite=x\n"),
              Said{"t.ks:1:1: refused: repo a has --type=rpm-md, which knows no --suite and no "
                   "--components"});
}

TEST(Repo, NeedsANameAndOneAddress) {
    EXPECT_EQ(said("repo --baseurl=http://h/\n"), Said{"t.ks:1:1: error: repo needs --name"});
    EXPECT_EQ(said("repo --name=a\n"),
              Said{"t.ks:1:1: refused: repo a needs --baseurl or --mirrorlist"});
    EXPECT_EQ(said("repo --name=a --baseurl=http://h/ --mirrorlist=http://h/m\n"),
              Said{"t.ks:1:1: error: repo a takes one of --baseurl, --mirrorlist and --metalink"});
}

TEST(Repo, DoesNotSayTwiceThatAnAddressIsWrong) {
    EXPECT_EQ(
        said("repo --name=a --baseurl=ftp://h/\n"),
        Said{"t.ks:1:25: refused: repo --baseurl: address 'ftp://h/' has a scheme that IMG does "
             "not fetch; use http, https, file or copy"});
}

TEST(Repo, LetsTheLaterOfOneNameCount) {
    const auto text =
        "repo --name=a --baseurl=http://one/\n"
        "repo --name=b --baseurl=http://two/\n"
        "repo --name=a --baseurl=http://three/\n";
    EXPECT_EQ(said(text),
              Said{"t.ks:3:1: warning: repo a was named in line 1 already; this one counts"});
    const auto repositories = parse_text(text).document.repositories;
    ASSERT_EQ(repositories.size(), 2u);
    EXPECT_EQ(repositories[0].baseurl, "http://three/");
}

TEST(Repo, RefusesAKeyThatNobodyWouldCheck) {
    EXPECT_EQ(said("repo --name=a --baseurl=http://h/ --gpgkey=/k --no-gpgcheck\n"),
              Said{"t.ks:1:1: refused: repo a has both --gpgkey and --no-gpgcheck; keep one"});
}

TEST(Url, GoesFirst) {
    const auto parsed = parse_text(
        "repo --name=a --baseurl=http://one/\n"
        "url --url=http://base/ --suite=bookworm\n");
    ASSERT_EQ(parsed.document.repositories.size(), 2u);
    EXPECT_TRUE(parsed.document.repositories[0].base);
    EXPECT_EQ(parsed.document.repositories[0].baseurl, "http://base/");
    EXPECT_EQ(parsed.document.repositories[0].suite, "bookworm");
}

TEST(Url, IsThereOnce) {
    const auto text = "url --url=http://one/\nurl --url=http://two/\n";
    EXPECT_EQ(said(text),
              Said{"t.ks:2:1: warning: url was said in line 1 already; this one counts"});
    EXPECT_EQ(parse_text(text).document.repositories.size(), 1u);
    EXPECT_EQ(said("url\n"), Said{"t.ks:1:1: error: url needs --url, --mirrorlist or --metalink"});
}

TEST(Url, KeepsItsNameToItself) {
    const auto error = " refused: repo url has the name of the url line; choose another";
    EXPECT_EQ(said("url --url=http://a/\nrepo --name=url --baseurl=http://b/\n"),
              Said{std::string("t.ks:2:1:") + error});
    EXPECT_EQ(said("repo --name=url --baseurl=http://b/\nurl --url=http://a/\n"),
              Said{std::string("t.ks:1:1:") + error});
}

}  // namespace
}  // namespace img::kickstart
