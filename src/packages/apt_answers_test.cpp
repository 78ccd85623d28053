// The texts are those of apt 2.6.1, as it printed them.
#include "packages/apt_answers.hpp"

#include <gtest/gtest.h>

namespace img::packages {
namespace {

const std::vector<Repository> kRepositories{{.name = "a",
                                             .url = "http://a.example/debian/",
                                             .suite = "bookworm",
                                             .components = {"main"},
                                             .keyring = {},
                                             .origin = "demo.ks:3"},
                                            {.name = "b",
                                             .url = "http://b.example/debian",
                                             .suite = "nosuch",
                                             .components = {"main"},
                                             .keyring = {},
                                             .origin = "demo.ks:4"}};

TEST(AptAnswers, NameTheRepositoryThatIsNotThere) {
    const Error error = explain_update(
        "Hit:1 http://a.example/debian bookworm InRelease\n"
        "Err:2 http://b.example/debian nosuch Release\n"
        "  404  Not Found [IP: 127.0.0.1 80]\n"
        "E: The repository 'http://b.example/debian nosuch Release' does not have a Release "
        "file.\n",
        kRepositories);
    EXPECT_EQ(error.fault, Fault::missing);
    EXPECT_TRUE(error.message.starts_with("demo.ks:4: the repository is not there"))
        << error.message;
}

TEST(AptAnswers, RefuseASignatureThatIsNotGood) {
    const Error error = explain_update(
        "Err:1 http://a.example/debian bookworm InRelease\n"
        "  The following signatures were invalid: BADSIG 0E98404D386FA1D9\n"
        "E: The repository 'http://a.example/debian bookworm InRelease' is not signed.\n",
        kRepositories);
    EXPECT_EQ(error.fault, Fault::invalid);
    EXPECT_TRUE(error.message.starts_with("demo.ks:3: the repository's signature is not good"));
    EXPECT_TRUE(error.message.contains("--gpgkey"));
}

TEST(AptAnswers, CallAnUnreachableMirrorWorthAnotherTry) {
    const Error error = explain_update(
        "Err:1 http://a.example/debian bookworm InRelease\n  Could not resolve 'a.example'\n"
        "E: Failed to fetch http://a.example/debian/dists/bookworm/InRelease  Could not resolve "
        "'a.example'\n",
        kRepositories);
    EXPECT_EQ(error.fault, Fault::transient);
    EXPECT_TRUE(error.message.starts_with("demo.ks:3: the repository cannot be reached"));
}

TEST(AptAnswers, NameEveryUnknownPackageWithItsLineAndTheNearestName) {
    const Selection selection{
        .names = {{"vmi", "demo.ks:20"}, {"bash", "demo.ks:21"}, {"ghost-only", "demo.ks:22"}},
        .groups = {{"no-task", "demo.ks:23"}},
        .excluded = {}};
    const auto unknown = unknown_names(
        "E: Unable to locate package vmi\n"
        "E: Package 'ghost-only' has no installation candidate\n"
        "E: Couldn't find task 'no-task'\n",
        selection);
    ASSERT_EQ(unknown.size(), 3u);
    const Error error = explain_unknown(unknown, {"vim", "bash", "nano"});
    EXPECT_EQ(error.fault, Fault::missing);
    EXPECT_EQ(error.message,
              "demo.ks:20: no repository has a package or group 'vmi'; did you mean 'vim'?\n"
              "demo.ks:22: no repository has a package or group 'ghost-only'\n"
              "demo.ks:23: no repository has a package or group 'no-task'");
}

TEST(AptAnswers, ShowTheChainThatLeadsToAConflict) {
    const Selection selection{.names = {{"mailer", "demo.ks:9"}, {"postfix", "demo.ks:10"}},
                              .groups = {},
                              .excluded = {}};
    const Error error = explain_conflict(
        "Reading package lists...\nThe following packages have unmet dependencies:\n"
        " exim4-config : Conflicts: postfix but 3.7 is to be installed\n"
        "E: Unable to correct problems, you have held broken packages.\n",
        selection,
        "mailer\n  Depends: exim4\nexim4\n  Depends: exim4-base\n |Depends: exim4-light\n"
        "exim4-base\n  Depends: exim4-config\npostfix\n  Depends: libc6\n");
    EXPECT_EQ(error.fault, Fault::invalid);
    EXPECT_TRUE(error.message.contains("exim4-config : Conflicts: postfix")) << error.message;
    EXPECT_TRUE(error.message.contains("demo.ks:9: mailer -> exim4 -> exim4-base -> exim4-config"))
        << error.message;
    EXPECT_TRUE(error.message.contains("asked for at demo.ks:10: postfix")) << error.message;
}

TEST(AptAnswers, TellADamagedDownloadFromAFullDisk) {
    EXPECT_EQ(explain_fetch("E: Hash Sum mismatch").fault, Fault::broken);
    EXPECT_EQ(explain_fetch("E: Write error - write (28: No space left on device)").fault,
              Fault::exhausted);
    EXPECT_EQ(explain_fetch("E: Connection timed out").fault, Fault::transient);
}

}  // namespace
}  // namespace img::packages
