#include "web/submission.hpp"

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
