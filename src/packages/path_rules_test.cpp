#include "packages/path_rules.hpp"

#include <gtest/gtest.h>

namespace img::packages {
namespace {

bool kept(const InstallOptions& options, const char* path, bool folder = false) {
    return is_kept(path_rules(options), path, folder);
}

TEST(PathRules, AreNoneWhereNothingIsLeftOut) {
    EXPECT_TRUE(path_rules({}).empty());
}

TEST(PathRules, KeepALanguageAndItsParents) {
    EXPECT_EQ(
        locale_folders("sr_RS.UTF-8@latin"),
        (std::vector<std::string>{"sr_RS.UTF-8@latin", "sr_RS@latin", "sr_RS", "sr@latin", "sr"}));
    EXPECT_EQ(locale_folders("de_DE"), (std::vector<std::string>{"de_DE", "de"}));
    EXPECT_EQ(locale_folders("de"), std::vector<std::string>{"de"});
    const InstallOptions german{.languages = std::vector<std::string>{"de_DE.UTF-8"}};
    for (const char* path : {"/usr/share/locale/de/LC_MESSAGES/x.mo", "/usr/share/man/de/man1/x",
                             "/usr/share/locale/de_DE/x", "/usr/share/locale/locale.alias",
                             "/usr/share/man/man1/x.1.gz", "/usr/share/doc/x/README"}) {
        EXPECT_TRUE(kept(german, path)) << path;
    }
    for (const char* path : {"/usr/share/locale/fr/LC_MESSAGES/x.mo", "/usr/share/man/fr/man1/x",
                             "/usr/share/locale/de_AT/x"}) {
        EXPECT_FALSE(kept(german, path)) << path;
    }
}

TEST(PathRules, KeepNoTranslationForAnEmptyList) {
    const InstallOptions none{.languages = std::vector<std::string>()};
    EXPECT_FALSE(kept(none, "/usr/share/locale/de/LC_MESSAGES/x.mo"));
    EXPECT_TRUE(kept(none, "/usr/share/locale/locale.alias"));
    EXPECT_TRUE(kept(none, "/usr/share/man/man8/x.8.gz"));
}

TEST(PathRules, LeaveOutDocumentsButCopyrightsAndTheFoldersTheyAreIn) {
    const InstallOptions options{.exclude_docs = true, .languages = std::vector<std::string>{"de"}};
    EXPECT_FALSE(kept(options, "/usr/share/man/man1/x.1.gz"));
    EXPECT_FALSE(kept(options, "/usr/share/doc/x/README"));
    EXPECT_TRUE(kept(options, "/usr/share/doc/x/copyright"));
    EXPECT_TRUE(kept(options, "/usr/share/doc/x", true));
    EXPECT_FALSE(kept(options, "/usr/share/locale/fr", true));
}

}  // namespace
}  // namespace img::packages
