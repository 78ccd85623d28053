#include "packages/apt_sources.hpp"

#include <gtest/gtest.h>

namespace img::packages {
namespace {

Repository repository() {
    return {.name = "base",
            .url = "http://mirror.example/debian",
            .suite = "bookworm",
            .components = {"main", "contrib"}};
}

TEST(AptSources, ListsEachRepositoryWithTheKeysThatMaySignIt) {
    auto keyed = repository();
    keyed.keyring = "/keys/own.gpg";
    auto open = repository();
    open.verified = false;
    EXPECT_EQ(sources_list({repository(), keyed, open}),
              "deb http://mirror.example/debian bookworm main contrib\n"
              "deb [signed-by=/keys/own.gpg] http://mirror.example/debian bookworm main contrib\n"
              "deb [trusted=yes] http://mirror.example/debian bookworm main contrib\n");
}

TEST(AptSources, PutsTheCheapestFirstAndMirrorsBehindAptsMethod) {
    auto cheap = repository();
    cheap.url.clear();
    cheap.mirrorlist = "https://mirror.example/list";
    cheap.cost = 999;
    auto dear = repository();
    dear.cost = 2000;
    dear.suite = "dear";
    EXPECT_EQ(sources_list({dear, repository(), cheap}),
              "deb mirror+https://mirror.example/list bookworm main contrib\n"
              "deb http://mirror.example/debian bookworm main contrib\n"
              "deb http://mirror.example/debian dear main contrib\n");
}

TEST(AptSources, SavesWhatAnImageNeedsAndNoMore) {
    auto saved = repository();
    saved.source = true;
    saved.proxy = "http://proxy.example";
    saved.user = "me";
    saved.password = "secret";
    saved.keyring = "/of/this/machine";
    EXPECT_EQ(
        saved_lines(saved, "/etc/apt/keyrings/base.asc"),
        "deb [signed-by=/etc/apt/keyrings/base.asc] http://mirror.example/debian bookworm "
        "main contrib\n"
        "deb-src [signed-by=/etc/apt/keyrings/base.asc] http://mirror.example/debian bookworm "
        "main contrib\n");
    saved.disabled = true;
    EXPECT_EQ(saved_lines(saved, ""),
              "# deb http://mirror.example/debian bookworm main contrib\n"
              "# deb-src http://mirror.example/debian bookworm main contrib\n");
}

TEST(AptSources, GivesEachRepositoryAFileNameThatAptReads) {
    std::vector<Repository> repositories;
    for (const char* name : {"base", "../../etc/passwd", "base", "a b\n\"", "", ".hidden"}) {
        repositories.push_back({.name = name});
    }
    EXPECT_EQ(file_names(repositories),
              (std::vector<std::string>{"base", "etc-passwd", "base-2", "a-b--", "repository",
                                        "hidden"}));
}

}  // namespace
}  // namespace img::packages
