#include "syntax/reporter.hpp"

#include <array>
#include <gtest/gtest.h>

namespace img::syntax {
namespace {

Location at(unsigned line, unsigned column = 1) {
    return {.file = "t.ks", .line = line, .column = column};
}

TEST(Reporter, PutsThemInTheOrderOfTheText) {
    Reporter report;
    report.error(at(0), "whole");
    report.note(at(3), "c");
    report.error(at(2, 9), "b");
    report.warning(at(2, 4), "a");
    std::string order;
    for (const auto& diagnostic : report.take()) {
        order += diagnostic.text + ' ';
    }
    EXPECT_EQ(order, "a b c whole ");
}

TEST(Reporter, ShowsAHundredAndSaysHowManyMoreThereAre) {
    Reporter report;
    for (unsigned line = 1; line <= 250; ++line) {
        report.warning(at(line), "w{}", line);
    }
    const auto shown = report.take();
    ASSERT_EQ(shown.size(), 101u);
    EXPECT_EQ(shown[99].text, "w100");
    EXPECT_EQ(shown[100].text, "150 more are not shown");
    EXPECT_EQ(shown[100].severity, Severity::warning);
    EXPECT_EQ(shown[100].where.file, "t.ks");
}

TEST(Reporter, LetsNoNumberOfNotesHideAnError) {
    Reporter report;
    for (unsigned line = 1; line <= 1000; ++line) {
        report.note(at(line), "n");
    }
    report.error(at(1001), "the error");
    const auto shown = report.take();
    ASSERT_EQ(shown.size(), 101u);
    EXPECT_EQ(shown[99].text, "the error");
    EXPECT_EQ(shown[100].text, "901 more are not shown");
    EXPECT_EQ(shown[100].severity, Severity::note);
}

TEST(Reporter, NamesTheNearestWordWhileAnybodyReadsIt) {
    const std::array<std::string, 2> names{"part", "repo"};
    Reporter report;
    EXPECT_EQ(report.meant("prat", names), "; did you mean part?");
    EXPECT_EQ(report.meant("frobnicate", names), "");
    for (unsigned line = 1; line <= 100; ++line) {
        report.error(at(line), "e");
    }
    EXPECT_FALSE(report.wants(Severity::error));
    EXPECT_EQ(report.meant("prat", names), "");
}

}  // namespace
}  // namespace img::syntax
