#include "kickstarter/repositories.hpp"

#include <gtest/gtest.h>

namespace img::kickstarter {
namespace {

struct Read {
    std::vector<Repository> repositories;
    std::vector<std::string> said;
};

Read read(const std::string& text) {
    syntax::Reporter report;
    Read out{.repositories = read_repositories(text, "r.yaml", report), .said = {}};
    for (const auto& diagnostic : report.take()) {
        out.said.push_back(to_text(diagnostic));
    }
    return out;
}

TEST(Repositories, KeepTheirOrderAndTheirNamesakes) {
    const auto [list, said] = read(
        "Repositories:\n"
        "- {Name: b, Url: 'http://x/b'}\n"
        "- {Name: a, Url: 'https://x/a', Options: --save --ssl_verify=no}\n"
        "- {Name: b, Url: 'http://x/b2', Username: me, Password: 'p@ss:/'}\n");
    ASSERT_EQ(list.size(), 3U);
    EXPECT_EQ(list[0].name + list[0].url, "bhttp://x/b");
    EXPECT_EQ(list[0].options, std::nullopt);
    EXPECT_EQ(list[1].options, "--save --ssl_verify=no");
    EXPECT_EQ(list[2].url, "http://me:p%40ss%3A%2F@x/b2");
    EXPECT_TRUE(said.empty());
}

TEST(Repositories, SayAllThatTheyLack) {
    using Said = std::vector<std::string>;
    EXPECT_EQ(
        read("Repositories:\n- {Name: a}\n- {Url: x}\n- word\n- {Nam: a, Name: b, Url: u}\n").said,
        (Said{"r.yaml:2:3: error: this repository has no Url",
              "r.yaml:3:3: error: this repository has no Name",
              "r.yaml:4:3: error: a repository is a map with Name and Url",
              "r.yaml:5:4: warning: no key is called 'Nam'; it is passed over; did you mean "
              "Name?"}));
    EXPECT_EQ(read("Repos: []\n").said,
              Said{"r.yaml:1:1: error: Repositories is missing: a list of maps with Name and Url"});
    EXPECT_EQ(read("- a\n").said.size(), 1U);
    EXPECT_TRUE(read("Repositories:\n").said.empty());
}

}  // namespace
}  // namespace img::kickstarter
