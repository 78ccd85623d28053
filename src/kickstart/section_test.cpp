#include "kickstart/section.hpp"

#include "tests/support/kickstart_text.hpp"

#include <gtest/gtest.h>

namespace img::kickstart {
namespace {

std::string names(const std::vector<PackageName>& list) {
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
    EXPECT_EQ(said("%pack\nx\n%end\n"),
              Said{"t.ks:1:1: error: %pack is not possible: not in this version"});
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
    EXPECT_EQ(said("%packages --nobase --default\n%end\n").size(), 2u);
    EXPECT_EQ(said("%packages --inst-langs=de vim\n%end\n").size(), 2u);
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
    EXPECT_EQ(said(text), Said{"t.ks:6:1: warning: '@Base System' --optional is left out: not in "
                               "this version"});
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
              Said{"t.ks:2:1: error: 'vim nano' is more than one package; write one a line"});
    EXPECT_EQ(said("%packages\n@ARCH@-kernel\n%end\n"),
              Said{"t.ks:2:1: error: token @ARCH@ has no value"});
    EXPECT_EQ(said("%packages\nlinux-@ARCH@\n%end\n", {{"ARCH", "amd64"}}), Said{});
    for (const std::string_view name : {"--root=/", "-", "a;b", "$(id)", "`id`", "a|b", "../a"}) {
        const auto text = "%packages\n" + std::string(name) + "\n%end\n";
        EXPECT_EQ(said(text).size(), 1u) << name;
        EXPECT_EQ(names(parse_text(text).document.packages.names), "") << name;
    }
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
