// Templates through the form and REST, without a server between.
#include "api/api.hpp"
#include "api/template_view.hpp"
#include "tests/support/fake_job_queue.hpp"
#include "tests/support/fake_job_store.hpp"
#include "tests/support/temp_folder.hpp"
#include "web/web.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace img::web {
namespace {

const std::string kKickstart =
    "part / --size 1024 --fstype ext4\n"
    "url --url http://127.0.0.1/debian --type deb --suite bookworm --components main\n"
    "%packages\nsystemd\n%end\n";

class TemplatePagesTest : public ::testing::Test {
protected:
    TemplatePagesTest() {
        templates_.write("small.ks",
                         "# DisplayName: Small <b>\n# Description: With little\n"
                         "# SuggestedImageType: qcow2\n" +
                             kKickstart);
        templates_.write("repos.yaml", "Repositories:\n- {Name: core, Url: 'http://x/'}\n");
        templates_.write(
            "configurations.yaml",
            "Default: {Language: en_US.UTF-8, Keyboard: us, Timezone: UTC, RootPass: r,"
            " DefaultUser: me, DefaultUserPass: p, SaveRepos: False, PartSize: 900,"
            " BootloaderTimeout: 1, BootloaderAppend: quiet, Repos: [core]}\n"
            "BOARD:\nConfigurations:\n- {Name: A board, FileName: board, Platform: BOARD}\n");
    }

    http::Response get(const std::string& target) const {
        return ask(http::Method::get, target, "", "");
    }
    http::Response post_form(const std::string& body) const {
        return ask(http::Method::post, "/submit/", "application/x-www-form-urlencoded", body);
    }
    http::Response post_job(const std::string& body) const {
        return ask(http::Method::post, "/api/v1/jobs", "application/json", body);
    }
    http::Response ask(http::Method method,
                       const std::string& target,
                       const std::string& type,
                       const std::string& body) const {
        http::Request request{.method = method, .target = target, .headers = {}, .body = body};
        request.headers.set("Host", "127.0.0.1");
        request.headers.set("Content-Type", type);
        return handler_(request);
    }
    static void expect_holds(const http::Response& response, const std::string& text) {
        EXPECT_NE(response.text().find(text), std::string_view::npos) << text << "\nis not in\n"
                                                                      << response.text();
    }
    jobs::Job only_job() {
        const auto jobs = store_.list({.state = {}, .limit = 9, .before = {}}).value();
        EXPECT_EQ(jobs.size(), 1U);
        return jobs.empty() ? jobs::Job() : jobs[0];
    }

    testing::TempFolder folder_, templates_;
    testing::FakeJobStore store_;
    testing::FakeJobQueue queue_;
    jobs::JobFeed feed_;
    jobs::Dispatcher dispatcher_{store_, queue_, feed_, {.www_root = folder_.path()}};
    kickstarter::TemplateFolder offered_{templates_.path()};
    http::Handler handler_ = make_site({.dispatcher = dispatcher_,
                                        .store = store_,
                                        .feed = feed_,
                                        .image_types = {"raw", "qcow2"},
                                        .templates = &offered_});
};

TEST_F(TemplatePagesTest, ListsTemplatesOverRestAndShowsOne) {
    const auto list = api::templates_from_json(get("/api/v1/templates").text()).value();
    ASSERT_EQ(list.templates.size(), 2U);
    EXPECT_EQ(list.templates[0].display_name, "Small <b>");
    EXPECT_EQ(list.templates[0].image_type, "qcow2");
    EXPECT_EQ(list.templates[1].kind + list.templates[1].platform, "configurationBOARD");
    const auto one = nlohmann::json::parse(get("/api/v1/templates/board").text());
    EXPECT_NE(one.at("kickstart").get<std::string>().find("lang en_US.UTF-8"), std::string::npos);
    const auto none = get("/api/v1/templates/bord");
    EXPECT_EQ(none.status, 404);
    EXPECT_EQ(api::problem_from_json(none.text())->code, "no-such-template");
    expect_holds(none, "did you mean board?");
    for (const auto* path : {"..%2fsecret", "%2e%2e", ".hidden", "small.ks"}) {
        EXPECT_EQ(get(std::string("/api/v1/templates/") + path).status, 404) << path;
    }
}

TEST_F(TemplatePagesTest, OffersTemplatesInTheForm) {
    const auto page = get("/submit/");
    expect_holds(page, "<optgroup label=\"Kickstart files\">");
    expect_holds(page, "<option value=\"small\" data-type=\"qcow2\">Small &lt;b&gt;</option>");
    expect_holds(page, "<optgroup label=\"Platforms from YAML\">");
    expect_holds(page, ">A board — BOARD</option>");
    expect_holds(page, "<option value=\"\">as suggested, else raw</option>");
    expect_holds(page, "With little");
}

TEST_F(TemplatePagesTest, ChoosesATemplateAndItsTypeByLink) {
    const auto page = get("/submit/?template=small");
    expect_holds(page, "<option value=\"small\" data-type=\"qcow2\" selected>");
    expect_holds(page, "<option selected>qcow2</option>");
    EXPECT_EQ(get("/submit/?template=none").status, 404);
}

TEST_F(TemplatePagesTest, HasNoSelectWithoutTemplates) {
    const auto bare = make_site({.dispatcher = dispatcher_,
                                 .store = store_,
                                 .feed = feed_,
                                 .image_types = {"qcow2", "raw"}});
    http::Request request{
        .method = http::Method::get, .target = "/submit/", .headers = {}, .body = {}};
    request.headers.set("Host", "127.0.0.1");
    const auto page = bare(request);
    EXPECT_EQ(page.text().find("name=\"template\""), std::string_view::npos);
    expect_holds(page, "<option selected>raw</option>");
}

TEST_F(TemplatePagesTest, MakesAJobOfATemplateAndAnOverlayInTheForm) {
    const auto answer = post_form(
        "template=small&type=&kickstart=&overlay=+vim%2C+-nano%0D%0A%40core%0D%0A%0D%0Ahtop+");
    EXPECT_EQ(answer.status, 303) << answer.text();
    const auto job = only_job();
    EXPECT_EQ(job.request.template_name, "small");
    EXPECT_EQ(job.request.image_type, "qcow2");
    EXPECT_EQ(job.request.overlay, "vim, -nano\n@core\n\nhtop");
    EXPECT_TRUE(job.request.kickstart.ends_with(kKickstart));
    const auto page = get(std::string(answer.headers.get("Location")));
    expect_holds(page, "template <code>small</code>");
    expect_holds(page, "vim, -nano");
}

TEST_F(TemplatePagesTest, TakesTheTypeThatIsSuggestedElseRaw) {
    EXPECT_EQ(post_form("template=board&type=&kickstart=").status, 303);
    EXPECT_EQ(only_job().request.image_type, "raw");
}

TEST_F(TemplatePagesTest, WantsATemplateOrAKickstartInTheForm) {
    const auto both = post_form("template=small&type=raw&kickstart=part+%2F");
    EXPECT_EQ(both.status, 400);
    expect_holds(both, "choose a template or give a kickstart, not both");
    expect_holds(both, "data-type=\"qcow2\" selected>");
    expect_holds(both, "\npart /</textarea>");
    const auto neither = post_form("template=&type=raw&kickstart=");
    EXPECT_EQ(neither.status, 400);
    expect_holds(neither, "choose a kickstart file, paste its text or choose a template");
    EXPECT_EQ(post_form("template=%3Cb%3E&type=raw&kickstart=").status, 400);
    const auto wrong = post_form("template=small&type=raw&kickstart=&overlay=--root%3D/");
    expect_holds(wrong, "is not a package name");
    EXPECT_EQ(wrong.text().find("\npart /"), std::string_view::npos) << "the text area was empty";
}

TEST_F(TemplatePagesTest, MakesAJobOfATemplateOverRest) {
    const auto answer =
        post_job(R"({"template":"small","overlay":" vim ,\n-nano\r\n,@core, -@games","name":"x"})");
    EXPECT_EQ(answer.status, 201) << answer.text();
    EXPECT_EQ(only_job().request.template_name, "small");
    EXPECT_EQ(only_job().request.name, "x");
    for (const auto* body :
         {R"({"template":"small","kickstart":"part /","type":"raw"})", R"({"type":"raw"})",
          R"({"template":"none","type":"raw"})", R"({"template":"../small","type":"raw"})",
          R"({"template":"small","overlay":"--force"})", R"({"template":7,"type":"raw"})"}) {
        const auto refused = post_job(body);
        EXPECT_EQ(refused.status, 400) << body;
        EXPECT_TRUE(api::problem_from_json(refused.text())) << body;
    }
}

}  // namespace
}  // namespace img::web
