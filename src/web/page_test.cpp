#include "web/page.hpp"

#include "web/assets.hpp"

#include <gtest/gtest.h>

namespace img::web {
namespace {

const std::string kAttack = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";

TEST(Page, EscapesEveryValueOfAJob) {
    api::JobView view;
    view.id = std::string(32, 'a');
    view.name = view.image_type = view.error = view.error_stage = view.image = kAttack;
    view.position = 1;
    view.why = kAttack;
    view.progress = {.stage = kAttack, .done = 1, .total = 2, .unit = kAttack, .text = kAttack};
    for (const auto state : {jobs::JobState::queued, jobs::JobState::building, jobs::JobState::done,
                             jobs::JobState::error, jobs::JobState::cancelled}) {
        view.state = state;
        auto values = job_values(view, jobs::Time{});
        values.set("log", kAttack);
        const auto page = std::string(
            render(200, {.title = kAttack, .section = "queue", .refresh = 5, .script = "job.js"},
                   "job", values)
                .text());
        EXPECT_EQ(page.find("<script>alert"), std::string::npos) << page;
        EXPECT_EQ(page.find("<img src=x"), std::string::npos) << page;
        EXPECT_NE(page.find("&lt;script&gt;alert(1)"), std::string::npos);
    }
}

TEST(Page, SaysWhatAWaitingJobMayExpect) {
    const jobs::Time now(std::chrono::hours(1000));
    using namespace std::chrono_literals;
    api::JobView view{.id = std::string(32, 'a'), .position = 4, .why = "all 2 workers are busy"};
    view.begins = jobs::Interval{.from = now + 2min, .to = now + 5min};
    view.ends = jobs::Interval{.from = now + 4min, .to = now + 12min};
    const auto page =
        std::string(render(200, {.title = "t", .section = "", .refresh = 0, .script = ""}, "job",
                           job_values(view, now))
                        .text());
    for (const auto* shown : {"4 jobs are before it.",
                              "It will probably begin in 2 to 5 min, and be done in 4 to 12 min.",
                              "Why it waits: all 2 workers are busy."}) {
        EXPECT_NE(page.find(shown), std::string::npos) << shown << page;
    }
}

TEST(Page, EscapesWhatAProblemQuotes) {
    const auto page = render_problem({.status = 404,
                                      .code = "x",
                                      .title = "t",
                                      .detail = kAttack,
                                      .next = kAttack,
                                      .findings = {}});
    EXPECT_EQ(page.status, 404);
    EXPECT_EQ(page.text().find("<script>"), std::string_view::npos);
}

TEST(Page, NeedsNoScriptOrStyleInside) {
    for (const auto& file : embedded_files()) {
        if (file.name.ends_with(".mustache")) {
            EXPECT_EQ(file.bytes.find("<style"), std::string_view::npos) << file.name;
            EXPECT_EQ(file.bytes.find(" style="), std::string_view::npos) << file.name;
            EXPECT_EQ(file.bytes.find(" onclick"), std::string_view::npos) << file.name;
            EXPECT_EQ(file.bytes.find("<script>"), std::string_view::npos) << file.name;
        }
    }
}

TEST(Page, SendsLessThan50KilobytesOfStyleAndScript) {
    std::size_t size = 0;
    for (const auto* name : {"app.css", "icon.svg", "job.js", "submit.js"}) {
        EXPECT_FALSE(embedded_file(name).empty()) << name;
        size += embedded_file(name).size();
    }
    EXPECT_LT(size, 50'000u);
}

TEST(Page, SaysHowLongAgoAsPeopleDo) {
    const jobs::Time now(std::chrono::hours(1000));
    using namespace std::chrono_literals;
    EXPECT_EQ(ago(now - 5s, now), "just now");
    EXPECT_EQ(ago(now - 5min, now), "5 min ago");
    EXPECT_EQ(ago(now - 47h, now), "47 h ago");
    EXPECT_EQ(ago(now - 72h, now), "3 days ago");
    EXPECT_EQ(duration_text(62s), "1:02");
    EXPECT_EQ(duration_text(3723s), "1:02:03");
}

TEST(Assets, MayBeKeptForEverUnderTheAddressOfTheirVersion) {
    const auto get = [](const std::string& target) {
        return serve_asset(
            {.method = http::Method::get, .target = target, .headers = {}, .body = {}}, "app.css");
    };
    EXPECT_NE(get(asset_path("app.css")).headers.get("Cache-Control").find("immutable"),
              std::string_view::npos);
    EXPECT_EQ(get("/static/app.css?v=old").headers.get("Cache-Control"), "no-cache");
    EXPECT_EQ(serve_asset({}, "layout.mustache").status, 404);
}

}  // namespace
}  // namespace img::web
