#include "base/json.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace img {
namespace {

using nlohmann::json;

TEST(JsonNumber, IsWhatWasSent) {
    EXPECT_EQ(number_from<int>(json(-7)), -7);
    EXPECT_EQ(number_from<unsigned>(json::parse("4294967295")), 4294967295u);
    EXPECT_EQ(number_from<std::uint64_t>(json::parse("18446744073709551615")), UINT64_MAX);
    EXPECT_EQ(number_from<std::int64_t>(json::parse("-9223372036854775808")), INT64_MIN);
}

TEST(JsonNumber, IsNoneOfWhatItCannotHold) {
    for (const auto* text : {"-1", "4294967296", "1.0", "1.9", "1e300", "\"1\"", "true", "null",
                             "[1]", "18446744073709551611"}) {
        EXPECT_EQ(number_from<unsigned>(json::parse(text)), std::nullopt) << text;
    }
    EXPECT_EQ(number_from<int>(json::parse("18446744073709551611")), std::nullopt) << "2^64 - 5";
}

TEST(JsonNumber, IsFoundBelowItsKeyOrSaidToBeNone) {
    const auto object = json::parse(R"({"slots":3,"free":-1})");
    EXPECT_EQ(number_at<unsigned>(object, "slots"), 3u);
    EXPECT_EQ(number_at(object, "priority", 5), 5);
    EXPECT_THROW(number_at<unsigned>(object, "none"), json::exception);
    try {
        number_at<unsigned>(object, "free");
        FAIL() << "it was taken";
    } catch (const std::invalid_argument& error) {
        EXPECT_STREQ(error.what(), "\"free\" is no whole number from 0 to 4294967295");
    }
}

TEST(JsonError, IsSaidWithoutItsCode) {
    try {
        static_cast<void>(json::parse("{}").at("id"));
        FAIL() << "it was found";
    } catch (const json::exception& error) {
        EXPECT_EQ(said_by(error), "key 'id' not found");
    }
    EXPECT_EQ(said_by(std::invalid_argument("a [b] c")), "a [b] c");
}

}  // namespace
}  // namespace img
