#include "api/template_view.hpp"

#include "api/api.hpp"

#include <gtest/gtest.h>

namespace img::api {
namespace {

TEST(TemplateView, ComesBackFromItsJsonWithoutItsTextInAList) {
    const TemplateView one{.name = "board",
                           .kind = "configuration",
                           .display_name = "A board",
                           .description = "small",
                           .image_type = "raw",
                           .architecture = "amd64",
                           .platform = "BOARD",
                           .kickstart = "part /\n"};
    EXPECT_NE(to_json(one).find("\"kickstart\": \"part /\\n\""), std::string::npos);
    const auto list =
        templates_from_json(to_json(TemplateViews{.templates = {one}, .faults = {"x"}})).value();
    ASSERT_EQ(list.templates.size(), 1U);
    EXPECT_EQ(list.templates[0].name, "board");
    EXPECT_EQ(list.templates[0].kind, "configuration");
    EXPECT_EQ(list.templates[0].display_name, "A board");
    EXPECT_EQ(list.templates[0].description, "small");
    EXPECT_EQ(list.templates[0].image_type, "raw");
    EXPECT_EQ(list.templates[0].architecture, "amd64");
    EXPECT_EQ(list.templates[0].platform, "BOARD");
    EXPECT_EQ(list.templates[0].kickstart, "");
    EXPECT_EQ(list.faults, std::vector<std::string>{"x"});
    EXPECT_FALSE(templates_from_json(R"({"templates":[{"kind":"x"}]})"));
    EXPECT_EQ(template_path("A board/x"), "/api/v1/templates/A%20board%2Fx");
}

TEST(JobRequest, HasATemplateOrAKickstart) {
    const auto back =
        request_from_json(to_json(jobs::JobRequest{.template_name = "board"})).value();
    EXPECT_EQ(back.template_name, "board");
    EXPECT_EQ(back.image_type + back.kickstart, "");
    const auto both =
        request_from_json(R"({"type":"raw","kickstart":"part /","template":"board"})");
    EXPECT_EQ(both.error().fault, Fault::invalid);
    EXPECT_NE(both.error().message.find("it has a kickstart and a template; give one of them"),
              std::string::npos)
        << both.error().message;
    EXPECT_FALSE(request_from_json(R"({"type":"raw","template":""})"));
}

}  // namespace
}  // namespace img::api
