#include "web/submission.hpp"

#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>

namespace img::web {
namespace {

const std::vector<std::string> kNames{"raw", "qcow2", "livecd"};
const std::function<std::map<std::string, std::string>(std::string_view, std::string_view)>
    kNoTokens;
const Rules kRules{.image_types = kNames, .tokens = kNoTokens};
const std::string kGood =
    "part / --size 1024 --fstype ext4\n"
    "url --url http://127.0.0.1/debian --type deb --suite bookworm --components main\n"
    "%packages\nsystemd\n%end\n";

std::vector<std::string> codes(const Submission& submission) {
    std::vector<std::string> list;
    for (const auto& complaint : submission.complaints) {
        list.push_back(complaint.code);
    }
    return list;
}

TEST(Submission, OfAGoodRequestHasNoComplaint) {
    const auto good = check({.name = "my-image",
                             .image_type = "raw",
                             .kickstart = kGood,
                             .overlay = "vim, -nano",
                             .email = "a@example.org"},
                            kRules);
    EXPECT_EQ(codes(good), std::vector<std::string>());
    EXPECT_TRUE(good.is_good());
}

TEST(Submission, SaysEverythingThatIsWrongAtOnce) {
    const auto bad = check({.name = "../x",
                            .image_type = "rwa",
                            .kickstart = "bogus\npart\n",
                            .overlay = "--force",
                            .email = "nobody"},
                           kRules);
    EXPECT_EQ(codes(bad), (std::vector<std::string>{"bad-name", "unknown-type", "bad-kickstart",
                                                    "bad-overlay", "bad-email"}));
    EXPECT_GE(bad.findings.size(), 2u);
    EXPECT_EQ(bad.findings.front().line, 1u);
    const auto problem = problem_of(bad);
    EXPECT_EQ(problem.status, 400);
    EXPECT_NE(problem.detail.find("did you mean \"raw\"?"), std::string::npos) << problem.detail;
}

TEST(Submission, WantsAKickstart) {
    EXPECT_EQ(codes(check(
                  {.name = "", .image_type = "raw", .kickstart = " \n", .overlay = "", .email = ""},
                  kRules)),
              std::vector<std::string>{"empty-kickstart"});
}

class TemplateSubmission : public ::testing::Test {
protected:
    TemplateSubmission() {
        folder_.write("board.ks", "# SuggestedImageType: qcow2\n" + kGood);
        folder_.write("bare.ks", kGood);
    }
    Submission submit(jobs::JobRequest request) const {
        return check(std::move(request),
                     {.image_types = kNames, .tokens = kNoTokens, .templates = &templates_});
    }

    testing::TempFolder folder_;
    kickstarter::TemplateFolder templates_{folder_.path()};
};

TEST_F(TemplateSubmission, TakesTextTypeAndNameFromTheTemplate) {
    const auto good = submit({.template_name = "board"});
    EXPECT_EQ(codes(good), std::vector<std::string>());
    EXPECT_EQ(good.request.image_type, "qcow2");
    EXPECT_EQ(good.request.name, "board");
    EXPECT_NE(good.request.kickstart.find("systemd"), std::string::npos);
    EXPECT_EQ(submit({.image_type = "raw", .template_name = "board"}).request.image_type, "raw");
    EXPECT_EQ(codes(submit({.template_name = "bare"})), std::vector<std::string>{"unknown-type"});
}

TEST_F(TemplateSubmission, TellsItsOverlaysApartByName) {
    const auto one = submit({.overlay = "vim", .template_name = "board"}).request.name;
    EXPECT_TRUE(one.starts_with("board-")) << one;
    EXPECT_TRUE(jobs::is_job_name(one)) << one;
    EXPECT_NE(submit({.overlay = "nano", .template_name = "board"}).request.name, one);
}

TEST_F(TemplateSubmission, IsNotAKickstartTooAndIsThere) {
    EXPECT_EQ(codes(submit({.image_type = "raw", .kickstart = kGood, .template_name = "board"})),
              std::vector<std::string>{"two-kickstarts"});
    const auto unknown = submit({.image_type = "raw", .template_name = "baord"});
    EXPECT_EQ(codes(unknown), std::vector<std::string>{"unknown-template"});
    EXPECT_NE(problem_of(unknown).detail.find("did you mean board?"), std::string::npos);
    EXPECT_EQ(codes(submit({.image_type = "raw", .template_name = "../board"})),
              std::vector<std::string>{"unknown-template"});
    EXPECT_EQ(codes(check({.image_type = "raw", .template_name = "board"}, kRules)),
              std::vector<std::string>{"unknown-template"});
}

TEST(Submission, NamesAnImageThatHasNoNameAfterItsContent) {
    const auto first = check(
        {.name = "", .image_type = "raw", .kickstart = kGood, .overlay = "", .email = ""}, kRules);
    EXPECT_TRUE(first.request.name.starts_with("image-")) << first.request.name;
    EXPECT_TRUE(jobs::is_job_name(first.request.name));
}

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

TEST(Submission, RefusesAddressesThatWouldMeanMoreToAMailer) {
    for (const auto* email :
         {"a", "@b", "a@", "a@b@c", "-a@b", "a b@c", "a@b\nBcc: c", "<a@b>", "a,b@c"}) {
        EXPECT_EQ(codes(check({.name = "n",
                               .image_type = "raw",
                               .kickstart = kGood,
                               .overlay = "",
                               .email = email},
                              kRules)),
                  std::vector<std::string>{"bad-email"})
            << email;
    }
}

}  // namespace
}  // namespace img::web
