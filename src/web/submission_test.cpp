#include "web/submission.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace img::web {
namespace {

TEST(Submission, PrefersTheUploadedFileAndItsName) {
    const http::Form form({{.name = "file", .file_name = "My phone.ks", .value = "a\r\n"},
                           {.name = "kickstart", .file_name = "", .value = "b"},
                           {.name = "name", .file_name = "", .value = " "}});
    const auto request = request_from_form(form);
    EXPECT_EQ(request.kickstart, "a\r\n");
    EXPECT_EQ(request.name, "My-phone");
    const http::Form pasted({{.name = "file", .file_name = "", .value = ""},
                             {.name = "kickstart", .file_name = "", .value = "b\r\nc"}});
    EXPECT_EQ(request_from_form(pasted).kickstart, "b\nc");
}

TEST(Submission, IsFreshWhereTheBoxIsTicked) {
    EXPECT_TRUE(
        request_from_form(http::Form({{.name = "fresh", .file_name = "", .value = "1"}})).is_fresh);
    EXPECT_FALSE(request_from_form(http::Form({})).is_fresh);
}

TEST(Submission, TakesAPriorityThatIsANumberInItsRange) {
    EXPECT_EQ(priority_from(""), 0);
    EXPECT_EQ(priority_from(" 10 "), 10);
    EXPECT_EQ(priority_from("-10"), -10);
    for (const auto* const wrong : {"11", "-11", "high", "1.5", "5x", "99999999999999999999"}) {
        const auto priority = priority_from(wrong);
        ASSERT_FALSE(priority) << wrong;
        EXPECT_EQ(priority.error().message,
                  fmt::format("\"{}\" is no whole number from -10 to 10", wrong));
    }
}

TEST(Submission, IsRefusedWithAllThatIsWrong) {
    const Submission bad{
        .request = {},
        .complaints = {{.field = "name", .code = "bad-name", .text = "is no name"},
                       {.field = "type", .code = "unknown-type", .text = "is no type"}},
        .findings = {{.severity = "error", .text = "x"}}};
    const auto problem = problem_of(bad);
    EXPECT_EQ(problem.status, 400);
    EXPECT_EQ(problem.code, "bad-name");
    EXPECT_EQ(problem.detail, "name: is no name; type: is no type");
    EXPECT_EQ(problem.findings.size(), 1u);
}

}  // namespace
}  // namespace img::web
