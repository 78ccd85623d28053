#include "kickstarter/yaml_reader.hpp"

#include <chrono>
#include <gtest/gtest.h>

namespace img::kickstarter {
namespace {

using Kind = YamlValue::Kind;

struct Read {
    YamlNode node;
    std::vector<std::string> said;
};

Read read(const std::string& text) {
    syntax::Reporter report;
    Read out{.node = read_yaml(text, "a.yaml", report), .said = {}};
    for (const auto& diagnostic : report.take()) {
        out.said.push_back(to_text(diagnostic));
    }
    return out;
}

std::string refusal(const std::string& text) {
    const auto out = read(text);
    EXPECT_EQ(out.node, nullptr) << text;
    return out.said.empty() ? "nothing was said" : out.said.back();
}

TEST(Yaml, KnowsWhereEverythingWasWritten) {
    const auto root = read("A:\n    - one\n    - \"2\"\nB:\nC: {D: 1.0}\n").node;
    ASSERT_EQ(root->members.size(), 3U);
    const auto& list = *root->find("A")->value;
    ASSERT_EQ(list.kind, Kind::list);
    EXPECT_EQ(list.items[1]->text, "2");
    EXPECT_EQ(list.items[1]->where, (Location{.file = "a.yaml", .line = 3, .column = 7}));
    EXPECT_EQ(root->find("B")->value->kind, Kind::null);
    EXPECT_EQ(root->find("B")->where.line, 4U);
    EXPECT_EQ(root->find("C")->value->find("D")->value->text, "1.0");
    EXPECT_EQ(root->find("D"), nullptr);
}

TEST(Yaml, LetsTheLastOfTwoKeysCountAndSaysSo) {
    const auto out = read("A: 1\nB: 2\nA: 3\n");
    EXPECT_EQ(out.node->find("A")->value->text, "3");
    EXPECT_EQ(out.said, std::vector<std::string>{"a.yaml:3:1: warning: 'A' is said twice, first in "
                                                 "line 1; the last one counts"});
}

TEST(Yaml, WritesAliasesOutAndMergesMaps) {
    const auto root =
        read("A: &a {x: 1, y: 2}\nB: {<<: *a, y: 3}\nC: {<<: [{x: 9}, *a]}\nD: *a\n").node;
    const auto value = [&](const char* map, const char* key) {
        return root->find(map)->value->find(key)->value->text;
    };
    EXPECT_EQ(value("B", "x") + value("B", "y"), "13");
    EXPECT_EQ(value("C", "x") + value("C", "y"), "92");
    EXPECT_EQ(value("D", "y"), "2");
    EXPECT_EQ(root->find("B")->value->find("<<"), nullptr);
}

TEST(Yaml, SaysWhatIsWrongAndWhere) {
    EXPECT_EQ(refusal("A: 1\nB: [\n"),
              "a.yaml:3:1: error: this is no YAML: end of sequence flow not found");
    EXPECT_EQ(refusal(""), "a.yaml:1:1: error: there is nothing in this file");
    EXPECT_EQ(refusal("A: 1\n---\nB: 2\n"),
              "a.yaml:3:1: error: only one document is read, and here a second begins");
    EXPECT_EQ(refusal("[a]: 1\n"), "a.yaml:1:1: error: the key of a map has to be a word");
    EXPECT_EQ(
        refusal("A: !!python/object:os.system x\n"),
        "a.yaml:1:4: error: the tag 'tag:yaml.org,2002:python/object:os.system' means nothing "
        "here");
    EXPECT_EQ(refusal("A: &a [*a]\n"),
              "a.yaml:1:8: error: an alias may not name the value that it is a part of");
    EXPECT_EQ(refusal("A: {<<: 1}\n"), "a.yaml:1:5: error: << merges maps only");
    EXPECT_EQ(refusal("A: *nobody\n").substr(0, 34), "a.yaml:1:4: error: this is no YAML");
    EXPECT_EQ(refusal(std::string("A: 1\nB: \x04\n")),
              "a.yaml:2:4: error: a byte that YAML does not allow; save the file as plain UTF-8");
    EXPECT_EQ(refusal("A: \xff\n").substr(0, 19), "a.yaml:1:4: error: ");
}

TEST(Yaml, IsBoundedInSizeDepthAndAliases) {
    EXPECT_EQ(refusal(std::string(kYamlBytesMax + 1, ' ')),
              "a.yaml: error: the file is larger than 1.0 MiB");
    EXPECT_EQ(refusal("A: " + std::string(40, '[') + std::string(40, ']')),
              "a.yaml:1:35: error: more than 32 lists and maps in each other");
    std::string laughs = "l0: &l0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
    for (int i = 1; i < 10; ++i) {
        laughs += fmt::format("l{0}: &l{0} [*l{1}, *l{1}, *l{1}, *l{1}, *l{1}, *l{1}, *l{1}]\n", i,
                              i - 1);
    }
    EXPECT_NE(refusal(laughs).find("error: more than 50000 values, aliases written out"),
              std::string::npos);
    std::string many;
    for (std::size_t i = 0; i < kYamlNodesMax; ++i) {
        many += "- a\n";
    }
    EXPECT_NE(refusal(many).find("more than 50000 values"), std::string::npos);
}

TEST(Yaml, EndsSoonWhateverTheBytesAre) {
    for (const std::string piece :
         {"[", "{",   "[{", "- ",    "? ",  "a: ", "{a: ", "&a ",   "*a ",  "!a ",    "\"",
          "'", "|\n", "%",  "a:\n ", "-\n", ",",   "# ",   "---\n", "<<: ", "k#: 1\n"}) {
        std::string text;
        for (int i = 0; text.size() < kYamlBytesMax / 4; ++i) {
            text += piece == "k#: 1\n" ? fmt::format("k{}: 1\n", i) : piece;
        }
        const auto begun = std::chrono::steady_clock::now();
        EXPECT_LE(read(text).said.size(), 101U);
        // Some 200 ms with sanitizers, on a machine that does nothing else.
        EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10)) << piece;
    }
}

}  // namespace
}  // namespace img::kickstarter
