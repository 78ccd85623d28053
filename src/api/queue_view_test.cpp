#include "api/queue_view.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace img::api {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr jobs::Time kNoon{hours(500'000)};

std::string words(std::chrono::milliseconds from, std::chrono::milliseconds to) {
    return in_words({.from = kNoon + from, .to = kNoon + to}, kNoon);
}

TEST(QueueView, SaysWhenInWords) {
    EXPECT_EQ(words(seconds(-5), seconds(10)), "within a minute");
    EXPECT_EQ(words(seconds(0), minutes(4)), "within 4 min");
    EXPECT_EQ(words(minutes(2), minutes(5)), "in 2 to 5 min");
    EXPECT_EQ(words(minutes(5), minutes(5)), "in about 5 min");
    EXPECT_EQ(words(minutes(50), minutes(170)), "in 50 min to 3 h");
    EXPECT_EQ(words(hours(3), hours(5)), "in 3 to 5 h");
    EXPECT_EQ(words(hours(50), hours(80)), "in 3 to 4 days");
    EXPECT_EQ(in_words({.from = kNoon + minutes(5), .to = jobs::kOpenEnd}, kNoon),
              "in 5 min at the earliest");
    EXPECT_EQ(in_words({.from = kNoon, .to = jobs::kOpenEnd}, kNoon),
              "at a time that nobody knows");
}

TEST(QueueView, ShowsWorkersAndRefusedMessages) {
    const auto workers = nlohmann::json::parse(to_json(std::vector<jobs::Presence>{
        {.worker = "w", .host = "kiln", .slots = 2, .free = 1, .shortage = "disk"}}));
    EXPECT_EQ(workers["workers"][0]["host"], "kiln");
    EXPECT_EQ(workers["workers"][0]["free"], 1);
    EXPECT_EQ(workers["workers"][0]["shortage"], "disk");
    const auto refused = nlohmann::json::parse(to_json(std::vector<jobs::RefusedMessage>{
        {.at = kNoon, .queue = "image_queue", .reason = "no JSON", .excerpt = "\xff<b>"}}));
    EXPECT_EQ(refused["refused"][0]["reason"], "no JSON");
    EXPECT_EQ(refused["refused"][0]["excerpt"], "\xef\xbf\xbd<b>");
}

}  // namespace
}  // namespace img::api
