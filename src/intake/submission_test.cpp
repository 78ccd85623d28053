#include "intake/submission.hpp"

#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>

namespace img::intake {
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
    const auto sentence = sentence_of(bad);
    EXPECT_NE(sentence.find("did you mean \"raw\"?"), std::string::npos) << sentence;
    EXPECT_NE(sentence.find("; overlay: "), std::string::npos) << sentence;
    EXPECT_NE(sentence.find(".ks:1: "), std::string::npos) << sentence;
}

TEST(Submission, CountsErrorsAndRefusalsApart) {
    const auto said = [](const std::string& kickstart) {
        return check({.name = "x", .image_type = "raw", .kickstart = kickstart}, kRules)
            .complaints.at(0)
            .text;
    };
    EXPECT_EQ(said(kGood + "bogus\n"), "the kickstart has 1 error");
    EXPECT_EQ(said("part / --size 1024\n%packages\n%end\n"), "the kickstart has 1 refusal");
    EXPECT_EQ(said("bogus\nbogus\n"), "the kickstart has 2 errors and 1 refusal");
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
    EXPECT_NE(sentence_of(unknown).find("did you mean board?"), std::string::npos);
    const auto strange = submit({.template_name = "phone"});
    EXPECT_EQ(codes(strange), std::vector<std::string>{"unknown-template"});
    EXPECT_EQ(sentence_of(strange),
              "template: there is no template 'phone'; there are bare, board");
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

TEST(Submission, KnowsWhatAnArchitectureLooksLike) {
    for (const auto* architecture : {"", "amd64", "arm64", "kfreebsd-amd64"}) {
        EXPECT_TRUE(
            check({.image_type = "raw", .kickstart = kGood, .architecture = architecture}, kRules)
                .is_good())
            << architecture;
    }
    for (const auto* architecture : {"../x", "x86_64", "AMD64", "a b", "arm64\n"}) {
        EXPECT_EQ(
            codes(check({.image_type = "raw", .kickstart = kGood, .architecture = architecture},
                        kRules)),
            std::vector<std::string>{"bad-architecture"})
            << architecture;
    }
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
}  // namespace img::intake
