#include "http/event_stream.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace img::http {
namespace {

std::vector<Event> read_in_pieces(const std::string& text, std::size_t size) {
    std::vector<Event> events;
    EventReader reader([&](const Event& event) { events.push_back(event); });
    for (std::size_t i = 0; i < text.size(); i += size) {
        EXPECT_TRUE(reader.add(std::string_view(text).substr(i, size)));
    }
    return events;
}

TEST(EventStream, IsReadBackFromPiecesOfAnySize) {
    const std::vector<Event> events{{.name = "log", .id = "42", .data = "one\ntwo\n"},
                                    {.name = "", .id = "", .data = ""},
                                    {.name = "state", .id = "", .data = "{\"a\": \" b\"}"}};
    std::string text = ": beat\n\n";
    for (const auto& event : events) {
        text += to_text(event);
    }
    for (const std::size_t size : {1u, 2u, 3u, 7u, 1000u}) {
        EXPECT_EQ(read_in_pieces(text, size), events);
    }
}

TEST(EventStream, LetsNoDataBeginAnEventOfItsOwn) {
    const auto text =
        to_text({.name = "log\ndata: x", .id = "1\r2", .data = "a\n\nevent: state\rdata: b"});
    const auto events = read_in_pieces(text, 5);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].name, "logdata: x");
    EXPECT_EQ(events[0].id, "12");
    EXPECT_EQ(events[0].data, "a\n\nevent: state\ndata: b");
}

TEST(EventStream, ReadsLineEndsOfAllThreeKinds) {
    const auto events = read_in_pieces("data:a\r\ndata:b\rdata: c\n\r\n", 1);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].data, "a\nb\nc");
}

TEST(EventStream, GivesUpOnALineWithoutEnd) {
    EventReader reader([](const Event&) {});
    const std::string piece(512 * 1024, 'x');
    EXPECT_TRUE(reader.add(piece));
    EXPECT_TRUE(reader.add(piece));
    EXPECT_FALSE(reader.add("x"));
}

}  // namespace
}  // namespace img::http
