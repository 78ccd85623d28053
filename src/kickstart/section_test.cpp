#include "kickstart/section.hpp"

#include "tests/support/kickstart_text.hpp"

#include <gtest/gtest.h>

namespace img::kickstart {
namespace {

template <typename Name>
std::string names(const std::vector<Name>& list) {
    std::string out;
    for (const auto& name : list) {
        out += name.text + ' ';
    }
    return out;
}

TEST(Section, NamesTheNearestOne) {
    EXPECT_EQ(said("%pots\necho\n%end\n"),
              Said{"t.ks:1:1: error: no section is called '%pots'; did you mean %post?"});
}

TEST(Section, SaysWhatComesOfThoseThatDoNotAct) {
    EXPECT_EQ(said("%addon org_x\nx = 'y\n%end\n"),
              Said{"t.ks:1:1: note: %addon has no effect on an image: it is for the installer"});
}

TEST(PackagesSection, ReadsItsOptions) {
    const auto packages =
        parse_text("%packages --excludedocs --exclude-weakdeps --nocore --ignoremissing\n%end\n")
            .document.packages;
    EXPECT_TRUE(packages.exclude_docs);
    EXPECT_TRUE(packages.exclude_weakdeps);
    EXPECT_TRUE(packages.no_core);
    EXPECT_TRUE(packages.ignore_missing);
    EXPECT_EQ(packages.where->line, 1u);
    EXPECT_EQ(said("%packages --nobase --default\n%end\n").front(),
              "t.ks:1:1: error: %packages has both --default and --nobase; keep one");
    EXPECT_EQ(said("%packages --inst-langs=de vim\n%end\n").size(), 1u);
}

TEST(PackagesSection, ReadsEveryFormOfAName) {
    const auto text =
        "%packages\n"
        "vim   # an editor\n"
        "  lib*\n"
        "-nano\n"
        "@core\n"
        "@Base System --optional\n"
        "-@games\n"
        "# -vim\n"
        "\n"
        "%end\n";
    const auto packages = parse_text(text).document.packages;
    EXPECT_EQ(names(packages.names), "vim lib* ");
    EXPECT_EQ(names(packages.excluded), "nano ");
    EXPECT_EQ(names(packages.groups), "core Base System ");
    EXPECT_EQ(names(packages.excluded_groups), "games ");
    EXPECT_EQ(packages.names[1].where, (Location{.file = "t.ks", .line = 3, .column = 3}));
    EXPECT_EQ(said(text), Said{});
    EXPECT_EQ(packages.groups[0].scope, GroupScope::defaults);
    EXPECT_EQ(packages.groups[1].scope, GroupScope::all);
}

TEST(PackagesSection, AccumulatesAndLetsTheLaterWordWin) {
    const auto text = "%packages --nocore\nvim\nvim\n%end\n%packages\n-vim\nhtop\n%end\n";
    const auto packages = parse_text(text).document.packages;
    EXPECT_EQ(names(packages.names), "htop ");
    EXPECT_EQ(names(packages.excluded), "vim ");
    EXPECT_TRUE(packages.no_core);
    EXPECT_EQ(packages.where->line, 1u);
    EXPECT_EQ(said(text),
              (Said{"t.ks:3:1: note: 'vim' was said before",
                    "t.ks:6:1: warning: '-vim' takes back what an earlier line said; the later one "
                    "counts"}));
}

TEST(PackagesSection, RefusesWhatIsNoName) {
    EXPECT_EQ(said("%packages\nvim nano\n%end\n"),
              Said{"t.ks:2:1: refused: 'vim nano' is more than one package; write one a line"});
    EXPECT_EQ(said("%packages\n@ARCH@-kernel\n%end\n"),
              Said{"t.ks:2:1: refused: token @ARCH@ has no value"});
    EXPECT_EQ(said("%packages\nlinux-@ARCH@\n%end\n", {{"ARCH", "amd64"}}), Said{});
    for (const std::string_view name : {"--root=/", "-", "a;b", "$(id)", "`id`", "a|b", "../a"}) {
        const auto text = "%packages\n" + std::string(name) + "\n%end\n";
        EXPECT_EQ(said(text).size(), 1u) << name;
        EXPECT_EQ(names(parse_text(text).document.packages.names), "") << name;
    }
}

TEST(PackagesSection, KeepsWhichOfAGroupIsMeant) {
    const auto packages =
        parse_text("%packages\n@a --nodefaults\n@Big Group --opt\n%end\n").document.packages;
    ASSERT_EQ(packages.groups.size(), 2u);
    EXPECT_EQ(packages.groups[0].scope, GroupScope::mandatory);
    EXPECT_EQ(packages.groups[1].text, "Big Group");
    EXPECT_EQ(said("%packages\n@a --optional --nodefaults\n-\n%end\n"),
              (Said{"t.ks:2:1: error: '@a --optional --nodefaults' has both --optional and "
                    "--nodefaults; keep one",
                    "t.ks:3:1: error: a - without a name; take it out"}));
}

TEST(OtherSections, KeepTheirLines) {
    const auto document = parse_text(
                              "%prepackages\nbase-files\n%end\n"
                              "%attachment\n/boot/vmlinuz*  # kernels\nlinux-image-amd64\n%end\n"
                              "%certificate --filename=ca.pem --dir=/etc/pki\n-----\n%end\n"
                              "%addon a 'b c'\nx = 'y\n%end\n")
                              .document;
    EXPECT_EQ(names(document.packages.first), "base-files ");
    EXPECT_EQ(names(document.attachments), "/boot/vmlinuz* linux-image-amd64 ");
    ASSERT_EQ(document.certificates.size(), 1u);
    EXPECT_EQ(document.certificates[0].body, "-----\n");
    ASSERT_EQ(document.idle_sections.size(), 1u);
    EXPECT_EQ(document.idle_sections[0].words, (Said{"%addon", "a", "b c"}));
    EXPECT_EQ(document.idle_sections[0].body, "x = 'y\n");
}

TEST(OtherSections, RefuseWhatTheyCannotHold) {
    EXPECT_EQ(said("%prepackages\n@core\n-vim\n%end\n"),
              (Said{"t.ks:2:1: refused: %prepackages takes names only, not '@core'",
                    "t.ks:3:1: refused: %prepackages takes names only, not '-vim'"}));
    EXPECT_EQ(said("%attachment\n../x\n%end\n").size(), 1u);
    EXPECT_EQ(said("%certificate --filename=../x --dir=/etc\n-\n%end\n"),
              Said{"t.ks:1:25: refused: %certificate --filename: a file's name is wanted; the "
                   "folder belongs into --dir"});
    EXPECT_EQ(said("%certificate --filename=x\n%end\n"),
              (Said{"t.ks:1:1: error: %certificate needs --dir",
                    "t.ks:1:1: refused: %certificate is empty"}));
}

TEST(OtherSections, AreKeptAsTheyWereWrittenWhereSomethingIsRefused) {
    const std::string text = "\n%packages\nvim\na b\n%end\n\n%post --log=/a/../../b\necho\n%end\n";
    const auto document = parse_text(text).document;
    EXPECT_EQ(document.scripts.size(), 0u);
    EXPECT_EQ(print(document), text);
    EXPECT_EQ(said("%certificate --filename=a --type=anchor\n-\n%end\n"), Said{});
}

TEST(ScriptSection, ReadsItsOptionsAndItsBody) {
    const auto parsed = parse_text(
        "%post --nochroot --interpreter=/bin/bash --erroronfail --log=/root/post.log\n"
        "echo 'it''s\n"
        "  # kept @ARCH@\r\n"
        "%end\n",
        {{"ARCH", "amd64"}});
    ASSERT_EQ(parsed.document.scripts.size(), 1u);
    const Script wanted{.kind = ScriptKind::post,
                        .body = "echo 'it''s\n  # kept amd64\n",
                        .interpreter = "/bin/bash",
                        .log = "/root/post.log",
                        .in_tree = false,
                        .error_on_fail = true,
                        .where = {.file = "t.ks", .line = 1, .column = 1}};
    EXPECT_EQ(parsed.document.scripts[0], wanted);
}

TEST(ScriptSection, KnowsEveryKindInTheOrderOfTheText) {
    const auto scripts =
        parse_text(
            "%traceback\n%end\n%onerror\n%end\n%post\n%end\n%pre-install\n%end\n%pre\n%end\n")
            .document.scripts;
    ASSERT_EQ(scripts.size(), 5u);
    EXPECT_EQ(scripts[0].kind, ScriptKind::traceback);
    EXPECT_EQ(scripts[1].kind, ScriptKind::on_error);
    EXPECT_EQ(scripts[2].kind, ScriptKind::post);
    EXPECT_EQ(scripts[3].kind, ScriptKind::pre_install);
    EXPECT_EQ(scripts[4].kind, ScriptKind::pre);
}

TEST(ScriptSection, RefusesPathsThatLeaveTheTree) {
    EXPECT_EQ(said("%post --log=/a/../../b\n%end\n").size(), 1u);
    EXPECT_EQ(said("%post --interpreter=sh\n%end\n").size(), 1u);
    EXPECT_EQ(said("%post --interpeter=/bin/sh\n%end\n"),
              Said{"t.ks:1:7: error: %post has no option '--interpeter'; did you mean "
                   "--interpreter?"});
}

}  // namespace
}  // namespace img::kickstart
