#include "http/url.hpp"

#include <gtest/gtest.h>

namespace img::http {
namespace {

TEST(PathSegments, AreDecodedOneByOne) {
    EXPECT_EQ(path_segments("/job/a%20b/"), (std::vector<std::string>{"job", "a b", ""}));
    EXPECT_EQ(path_segments("/"), (std::vector<std::string>{""}));
}

TEST(PathSegments, RefuseEveryWayToMeanAnotherPath) {
    for (const auto* path :
         {"", "job", "//queue", "/a//b", "/images/../etc", "/images/./x", "/images/..%2fetc",
          "/images/%2e%2e/x", "/images/%2E%2e%2Fx", "/a%2fb", "/a%5c..%5cb", "/a%00b", "/a%0ab",
          "/a%7f", "/%", "/%4", "/%zz", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q"}) {
        EXPECT_FALSE(path_segments(path)) << path;
    }
}

TEST(PercentDecoding, RefusesHalfADigitPair) {
    EXPECT_EQ(percent_decode("%41%42c"), "ABc");
    EXPECT_FALSE(percent_decode("ab%4"));
    EXPECT_FALSE(percent_decode("%g1"));
}

TEST(PercentEncoding, ComesBackAsItWas) {
    const std::string text = "a/b ?&=\"\xc3\xa4\n%";
    EXPECT_EQ(percent_encode("a b/c"), "a%20b%2Fc");
    EXPECT_EQ(percent_decode(percent_encode(text)), text);
}

TEST(Query, TakesPlusForASpaceAndABrokenValueAsItIs) {
    const auto pairs = parse_query("a=x+y&&b=%26&c&d=%zz");
    ASSERT_EQ(pairs.size(), 4u);
    EXPECT_EQ(pairs[0].second, "x y");
    EXPECT_EQ(pairs[1].second, "&");
    EXPECT_EQ(pairs[2].first, "c");
    EXPECT_EQ(pairs[3].second, "%zz");
}

TEST(Query, EndsAfterAHundredPairs) {
    std::string query;
    for (int i = 0; i < 1000; ++i) {
        query += "a=1&";
    }
    EXPECT_EQ(parse_query(query).size(), 100u);
}

}  // namespace
}  // namespace img::http
