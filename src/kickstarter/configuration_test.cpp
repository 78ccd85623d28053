#include "kickstarter/configuration.hpp"

#include "kickstarter/yaml_reader.hpp"

#include <gtest/gtest.h>

namespace img::kickstarter {
namespace {

YamlNode yaml(const std::string& text) {
    syntax::Reporter report;
    return read_yaml(text, "a.yaml", report);
}

std::vector<std::string> texts(const std::vector<Said>& items) {
    std::vector<std::string> out;
    for (const auto& item : items) {
        out.push_back(item.text);
    }
    return out;
}

using Texts = std::vector<std::string>;

TEST(Configuration, LetsTheLastLayerThatNamesAKeyDecide) {
    const Configuration configuration(yaml("A: default\nB: default\nC: default\nD: x"),
                                      yaml("B: platform\nC: platform"), yaml("C: entry\nD:"));
    EXPECT_EQ(configuration.text("A") + configuration.text("B") + configuration.text("C"),
              "defaultplatformentry");
    EXPECT_TRUE(configuration.names("D"));
    EXPECT_FALSE(configuration.said("D"));
    EXPECT_FALSE(configuration.names("E"));
    EXPECT_EQ(configuration.text("E"), "");
}

TEST(Configuration, PutsListsTogetherInTheOrderOfFirstSight) {
    const Configuration configuration(yaml("L: [b, a]"), yaml("L: [c, a]"),
                                      yaml("L: [a, d, b, d]"));
    EXPECT_EQ(texts(configuration.list("L")), (Texts{"b", "a", "c", "d"}));
    EXPECT_EQ(texts(Configuration(yaml("L:"), nullptr, yaml("L: [x]")).list("L")), Texts{"x"});
    EXPECT_TRUE(configuration.list("M").empty());
}

TEST(Configuration, ReadsFlagsAsPyYamlDoes) {
    const Configuration configuration(yaml("A: no\nB: TRUE"), nullptr, yaml("A: On"));
    EXPECT_TRUE(configuration.flag("A", false));
    EXPECT_TRUE(configuration.flag("B", false));
    EXPECT_TRUE(configuration.flag("C", true));
}

}  // namespace
}  // namespace img::kickstarter
