#include "engine/event.hpp"

#include <gtest/gtest.h>

namespace img::engine {
namespace {

TEST(Event, ComesBackFromItsLineOfJson) {
    const Event fetched = Progressed{Stage::fetch, 3, 9, "packages", "fetching \"x\""};
    const auto back = std::get<Progressed>(event_from_json(to_json(fetched)).value());
    EXPECT_EQ(back.stage, Stage::fetch);
    EXPECT_EQ(back.done, 3u);
    EXPECT_EQ(back.total, 9u);
    EXPECT_EQ(back.unit, "packages");
    EXPECT_EQ(back.text, "fetching \"x\"");

    const Event failed = Failed{Stage::scripts, {Fault::exhausted, "disk full"}};
    const auto why = std::get<Failed>(event_from_json(to_json(failed)).value());
    EXPECT_EQ(why.stage, Stage::scripts);
    EXPECT_EQ(why.error.fault, Fault::exhausted);
    EXPECT_EQ(why.error.message, "disk full");

    const auto line = std::get<Logged>(event_from_json(to_json(Logged{"a\tb"})).value());
    EXPECT_EQ(line.line, "a\tb");
    const auto end = std::get<Finished>(event_from_json(to_json(Finished{"a.raw", "/o"})).value());
    EXPECT_EQ(end.image, "a.raw");
    EXPECT_EQ(end.folder, "/o");
}

TEST(Event, ShowsBytesThatAreNoTextAsReplacementCharacters) {
    const auto line = std::get<Logged>(event_from_json(to_json(Logged{"\xff!"})).value());
    EXPECT_EQ(line.line, "\xef\xbf\xbd!");
}

TEST(Event, RefusesLinesOfOtherPrograms) {
    for (const char* line : {"", "hello", "{}", "[1]", R"({"event":"log"})", R"({"event":"new"})",
                             R"({"event":"progress","stage":"fly"})"}) {
        const auto event = event_from_json(line);
        ASSERT_FALSE(event) << line;
        EXPECT_EQ(event.error().fault, Fault::invalid) << line;
    }
}

}  // namespace
}  // namespace img::engine
