#include "packages/apt.hpp"

#include "packages/apt_sources.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace img::packages {
namespace {

const AptFolders kFolders{.scratch = "/build/apt", .lists = "/cache/lists/k"};

Repository repository() {
    return {.name = "base",
            .url = "http://mirror.example/debian",
            .suite = "bookworm",
            .components = {"main", "contrib"},
            .keyring = {},
            .origin = "demo.ks:3"};
}

TEST(Apt, ListsEachRepositoryWithTheKeysThatMaySignIt) {
    auto keyed = repository();
    keyed.keyring = "/keys/own.gpg";
    auto open = repository();
    open.verified = false;
    EXPECT_EQ(sources_list({repository(), keyed, open}),
              "deb http://mirror.example/debian bookworm main contrib\n"
              "deb [signed-by=/keys/own.gpg] http://mirror.example/debian bookworm main contrib\n"
              "deb [trusted=yes] http://mirror.example/debian bookworm main contrib\n");
}

TEST(Apt, TakesNothingOfTheMachineButItsTransport) {
    const std::string transport = transport_settings(
        "Acquire::http \"\";\nAcquire::http::Proxy \"http://proxy.example:3128\";\n"
        "APT::Install-Suggests \"1\";\nDir::State \"/var/lib/apt\";\n");
    EXPECT_EQ(transport, "Acquire::http::Proxy \"http://proxy.example:3128\";\n");
    const std::string configuration = apt_configuration(kFolders, "amd64", transport);
    EXPECT_TRUE(configuration.contains("Dir::State::status \"/build/apt/status\";"));
    EXPECT_TRUE(configuration.contains("Dir::Etc::parts \"/dev/null\";"));
    EXPECT_TRUE(configuration.ends_with(transport));
    EXPECT_FALSE(configuration.contains("/etc/"));
}

TEST(Apt, AsksForNamesGroupsAndExclusionsInWordsOfApt) {
    const Selection selection{
        .names = {{"vim", "a:1"}, {"lib*", "a:2"}},
        .groups = {{"core", "a:3"}, {"standard", "a:4"}, {"ssh-server", "a:5"}},
        .excluded = {{"nano", "a:6"}},
        .core = false};
    EXPECT_EQ(
        install_arguments(selection, true),
        (std::vector<std::string>{"?essential", "usr-is-merged", "?priority(required)",
                                  "?priority(standard)", "ssh-server^", "vim", "lib*", "nano-"}));
}

TEST(Apt, KeepsWordsOfAUserBehindTheDashes) {
    const auto command = solve_command(kFolders, {"-oDPkg::Pre-Invoke=x"}, true);
    const auto dashes = std::ranges::find(command.argv, "--");
    ASSERT_NE(dashes, command.argv.end());
    EXPECT_EQ(*(dashes + 1), "-oDPkg::Pre-Invoke=x");
    EXPECT_TRUE(command.captured);
}

TEST(Apt, ReadsASolutionWithItsDigests) {
    const std::string digest(64, 'a');
    const auto packages = read_solution(
        "Reading package lists...\nThe following NEW packages will be installed:\n  vim\n"
        "'http://m.example/v/vim_2%3a9.0-1_amd64.deb' vim_2%3a9.0-1_amd64.deb 1234 SHA256:" +
        digest + "\n'http://m.example/a/adduser_3_all.deb' adduser_3_all.deb 5 SHA256:" + digest +
        "\n");
    ASSERT_TRUE(packages) << packages.error().message;
    ASSERT_EQ(packages->size(), 2u);
    EXPECT_EQ((*packages)[0].name, "adduser");
    EXPECT_EQ((*packages)[1].version, "2:9.0-1");
    EXPECT_EQ((*packages)[1].architecture, "amd64");
    EXPECT_EQ((*packages)[1].size_bytes, 1234u);
    EXPECT_EQ((*packages)[1].url, "http://m.example/v/vim_2%3a9.0-1_amd64.deb");
    EXPECT_EQ((*packages)[1].sha256, digest);
}

TEST(Apt, RefusesASolutionWithoutDigests) {
    for (const char* line : {"'http://m/x_1_all.deb' x_1_all.deb 5 ",
                             "'u' x_1_all.deb 5 SHA256:short", "'u' x.deb 5 MD5Sum:00"}) {
        EXPECT_FALSE(read_solution(line)) << line;
    }
}

TEST(Apt, FetchesEachFileUnderItsDigest) {
    const std::string digest(64, 'b');
    const auto command = fetch_command(kFolders, {{.name = "x",
                                                   .version = "1",
                                                   .architecture = "all",
                                                   .url = "http://m/x.deb",
                                                   .size_bytes = 1,
                                                   .sha256 = digest}});
    const std::vector<std::string> tail(command.argv.end() - 3, command.argv.end());
    EXPECT_EQ(tail, (std::vector<std::string>{"http://m/x.deb", "/build/apt/downloads/" + digest,
                                              "SHA256:" + digest}));
}

}  // namespace
}  // namespace img::packages
