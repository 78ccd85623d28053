#include "cli/progress_view.hpp"

#include "cli/recorded_console.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace img::cli {
namespace {

using namespace std::chrono_literals;

const ProgressState kHalf{
    .stage = "install", .done = 80, .total = 160, .unit = "packages", .text = "unpacking libc6"};

TEST(ProgressLine, ShowsStageBarAmountTimeAndText) {
    EXPECT_EQ(progress_line(kHalf, 3200ms, {.width = 100}),
              "install    ##########----------  80/160 packages       3.2 s  unpacking libc6");
}

TEST(ProgressLine, CountsBytesInUnitsForPeople) {
    const ProgressState bytes{.stage = "fetch", .done = 1 << 20, .total = 4 << 20, .unit = "bytes"};
    EXPECT_EQ(progress_line(bytes, 0ms, {.width = 100}),
              "fetch      #####---------------  1.0 MiB/4.0 MiB       0.0 s");
}

TEST(ProgressLine, CountsWithoutAUnitWhereThereIsNone) {
    EXPECT_EQ(progress_line({.stage = "plan", .done = 1, .total = 1}, 0ms, {.width = 60}),
              "plan        1/1                   0.0 s");
}

TEST(ProgressLine, NeverReachesTheLastColumn) {
    auto state = kHalf;
    state.text = std::string(300, 'x');
    for (unsigned width = 0; width < 200; ++width) {
        const auto line = progress_line(state, 3200ms, {.width = width});
        EXPECT_LT(line.size(), std::max(width, 12U)) << width;
    }
}

TEST(ProgressLine, CountsCharactersAndNotBytes) {
    auto state = kHalf;
    state.text = "";
    for (int i = 0; i < 100; ++i) {
        state.text += "ü";
    }
    const auto line = progress_line(state, 3200ms, {.width = 100});
    EXPECT_TRUE(line.ends_with("ü"));
    const auto characters = std::ranges::count_if(
        line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
    EXPECT_EQ(characters, 99);
}

TEST(ProgressLine, LeavesTheBarOutOfANarrowTerminal) {
    EXPECT_EQ(progress_line(kHalf, 3200ms, {.width = 60}),
              "install     80/160 packages       3.2 s  unpacking libc6");
}

TEST(ProgressLine, LetsNoTextMoveTheCursor) {
    auto state = kHalf;
    state.text = "\x1b[2J\rgone";
    EXPECT_EQ(progress_line(state, 0ms, {.width = 100}).find('\x1b'), std::string::npos);
}

TEST(ProgressLine, BearsMoreDoneThanThereIsToDo) {
    auto state = kHalf;
    state.done = 500;
    EXPECT_NE(progress_line(state, 0ms, {.width = 100}).find(" #################### "),
              std::string::npos);
}

TEST(ProgressView, PrintsPlainLinesWhereThereIsNoTerminal) {
    RecordedConsole recorded;
    ProgressView view(recorded.console, false);
    view.show({.stage = "plan", .text = "reading lists"});
    view.show({.stage = "fetch", .total = 9, .unit = "packages", .text = "downloading"});
    view.close();
    EXPECT_EQ(recorded.err.str(), "[plan] reading lists\n[fetch] downloading (0/9 packages)\n");
}

TEST(ProgressView, PrintsAtMostOnePlainLineASecondAndTheLastOfAStage) {
    RecordedConsole recorded;
    ProgressView view(recorded.console, false);
    for (std::uint64_t done = 0; done <= 100; ++done) {
        view.show({.stage = "fetch", .done = done, .total = 100, .unit = "packages", .text = "x"});
        recorded.now += 20ms;
    }
    EXPECT_EQ(recorded.err.str(),
              "[fetch] x (0/100 packages)\n[fetch] x (50/100 packages)\n"
              "[fetch] x (100/100 packages)\n");
}

TEST(ProgressView, RedrawsOneLineAStageOnATerminal) {
    RecordedConsole recorded;
    recorded.console.live = true;
    ProgressView view(recorded.console, false);
    view.show({.stage = "plan", .done = 0, .total = 1, .text = "a"});
    view.show({.stage = "plan", .done = 1, .total = 1, .text = "b"});
    view.show({.stage = "fetch", .done = 0, .total = 1, .text = "c"});
    view.close();
    const auto text = recorded.err.str();
    EXPECT_EQ(std::ranges::count(text, '\n'), 2);
    EXPECT_NE(text.find("\r\x1b[K"), std::string::npos);
    EXPECT_TRUE(text.ends_with("c\n"));
}

TEST(ProgressView, ShowsTheLastStateEvenIfItCameTooSoonToBeDrawn) {
    RecordedConsole recorded;
    recorded.console.live = true;
    ProgressView view(recorded.console, false);
    view.show({.stage = "plan", .text = "first"});
    view.show({.stage = "plan", .text = "second"});
    view.close();
    EXPECT_TRUE(recorded.err.str().ends_with("second\n"));
}

TEST(ProgressView, KeepsTheLogBackUntilTheBuildFails) {
    RecordedConsole recorded;
    ProgressView view(recorded.console, false);
    for (int i = 1; i <= 40; ++i) {
        view.log("line " + std::to_string(i));
    }
    EXPECT_EQ(recorded.err.str(), "");
    view.close_failed();
    const auto text = recorded.err.str();
    EXPECT_EQ(std::ranges::count(text, '\n'), 30);
    EXPECT_TRUE(text.starts_with("  line 11\n"));
    EXPECT_TRUE(text.ends_with("  line 40\n"));
}

TEST(ProgressView, ShowsTheLogAsItComesWhenVerboseAndOnlyOnce) {
    RecordedConsole recorded;
    ProgressView view(recorded.console, true);
    view.log("Setting up libc6");
    view.close_failed();
    EXPECT_EQ(recorded.err.str(), "Setting up libc6\n");
}

TEST(ProgressView, TimesEachStageUntilTheNextBegins) {
    RecordedConsole recorded;
    ProgressView view(recorded.console, false);
    view.show({.stage = "plan"});
    recorded.now += 1500ms;
    view.show({.stage = "fetch"});
    recorded.now += 2s;
    EXPECT_EQ(stage_table(view.stage_times()),
              "  plan           1.5 s\n  fetch          2.0 s\n  total          3.5 s\n");
}

}  // namespace
}  // namespace img::cli
