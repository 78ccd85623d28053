// The whole site behind the real server, asked by our client, over a store and a queue in memory.
#include "api/api.hpp"
#include "http/client.hpp"
#include "http/event_stream.hpp"
#include "http/server.hpp"
#include "tests/support/fake_job_queue.hpp"
#include "tests/support/fake_job_store.hpp"
#include "tests/support/temp_folder.hpp"
#include "web/web.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <thread>

namespace img::web {
namespace {

using namespace std::literals;
using jobs::Report;

const std::string kKickstart =
    "part / --size 1024 --fstype ext4\n"
    "url --url http://127.0.0.1/debian --type deb --suite bookworm --components main\n"
    "%packages\nsystemd\n%end\n";
const std::string kAttack = "<script>alert(1)</script>";

class SiteTest : public ::testing::Test {
protected:
    http::Client client() const {
        return http::Client(fmt::format("http://127.0.0.1:{}", server_.port()), {.timeout = 10s});
    }

    std::string submit(const std::string& name) const {
        const auto answer = client()
                                .post(api::kJobsPath, "application/json",
                                      api::to_json({.name = name,
                                                    .image_type = "raw",
                                                    .kickstart = kKickstart,
                                                    .overlay = "",
                                                    .email = ""}))
                                .value();
        EXPECT_EQ(answer.status, 201) << answer.text();
        return api::job_from_json(answer.text()).value().id;
    }

    /// As a worker says it.
    template <typename What>
    void report(const std::string& id, What what) {
        ASSERT_TRUE(
            queue_.send(Report{.id = id, .attempt = 1, .worker = "w", .what = std::move(what)}));
    }

    void log(const std::string& id, const std::string& text) {
        report(id, Report::Log{.offset = logged_, .text = text});
        logged_ += text.size();
    }

    api::Problem problem(const http::Response& response) const {
        EXPECT_EQ(response.headers.get("Content-Type"), api::kProblemType);
        return api::problem_from_json(response.text()).value();
    }

    testing::TempFolder folder_;
    testing::FakeJobStore store_;
    testing::FakeJobQueue queue_;
    jobs::JobFeed feed_;
    jobs::Dispatcher dispatcher_{store_, queue_, feed_, {.www_root = folder_.path()}};
    http::Server server_ =
        http::Server::start({},
                            make_site({.dispatcher = dispatcher_,
                                       .store = store_,
                                       .feed = feed_,
                                       .image_types = {"raw", "qcow2", "livecd"},
                                       .tokens =
                                           [](std::string_view, std::string_view name) {
                                               return std::map<std::string, std::string>{
                                                   {"NAME", std::string(name)}};
                                           }}))
            .value();
    std::uint64_t logged_ = 0;
};

TEST_F(SiteTest, TakesAJobAndShowsItEverywhere) {
    const auto id = submit("first");
    const auto job = api::job_from_json(client().get(api::job_path(id))->text()).value();
    EXPECT_EQ(job.state, jobs::JobState::queued);
    EXPECT_EQ(job.position, 0u);
    const auto second = submit("second");
    EXPECT_EQ(api::job_from_json(client().get(api::job_path(second))->text()).value().position, 1u);
    const auto list = api::job_list_from_json(client().get("/api/v1/jobs?limit=1")->text()).value();
    ASSERT_EQ(list.jobs.size(), 1u);
    EXPECT_EQ(list.jobs[0].id, second);
    EXPECT_EQ(api::job_list_from_json(client().get(list.next)->text()).value().jobs.at(0).id, id);
    for (const auto& path : {"/"s, "/queue/"s, "/job/" + id, "/images/" + id + "/"}) {
        const auto page = client().get(path).value();
        EXPECT_EQ(page.status, 200) << path;
        EXPECT_NE(page.text().find("first"), std::string_view::npos) << path;
    }
    EXPECT_NE(client().get("/job/" + second)->text().find("One job is before it."),
              std::string_view::npos);
    EXPECT_EQ(client().get("/images/" + id + "/first.ks")->text(), kKickstart);
}

TEST_F(SiteTest, RefusesAJobWithEverythingThatIsWrongWithIt) {
    const auto answer = client()
                            .post(api::kJobsPath, "application/json",
                                  R"({"name":"-x","type":"rwa","kickstart":"bogus\npart\n"})")
                            .value();
    EXPECT_EQ(answer.status, 400);
    const auto said = problem(answer);
    EXPECT_NE(said.detail.find("did you mean \"raw\"?"), std::string::npos) << said.detail;
    EXPECT_NE(said.detail.find("name:"), std::string::npos);
    EXPECT_GE(said.findings.size(), 2u);
    EXPECT_EQ(client().post(api::kJobsPath, "application/json", "nonsense")->status, 400);
    EXPECT_EQ(client().post(api::kJobsPath, "application/json", R"({"type":"raw"})")->status, 400);
}

TEST_F(SiteTest, RefusesASecondUnfinishedJobOfTheSameName) {
    const auto id = submit("twin");
    const auto answer = client()
                            .post(api::kJobsPath, "application/json",
                                  api::to_json({.name = "twin",
                                                .image_type = "raw",
                                                .kickstart = kKickstart,
                                                .overlay = "",
                                                .email = ""}))
                            .value();
    EXPECT_EQ(answer.status, 409);
    EXPECT_EQ(problem(answer).code, "name-in-use");
    EXPECT_NE(problem(answer).detail.find(id), std::string::npos);
}

TEST_F(SiteTest, KeepsWhatWasTypedWhenTheFormHasErrors) {
    const auto answer =
        client()
            .post("/submit/", "application/x-www-form-urlencoded",
                  "name=ok&type=raw&kickstart=bogus+%3Cb%3E%0D%0A&overlay=vim&email=a%40b.c")
            .value();
    EXPECT_EQ(answer.status, 400);
    for (const auto* kept :
         {"bogus &lt;b&gt;", "\nvim</textarea>", "value=\"a@b.c\"", "ok.ks:1:"}) {
        EXPECT_NE(answer.text().find(kept), std::string_view::npos) << kept << answer.text();
    }
    EXPECT_EQ(answer.text().find("bogus <b>"), std::string_view::npos);
}

TEST_F(SiteTest, LeadsFromTheFormToTheJobsPage) {
    const auto body =
        "--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"phone.ks\"\r\n\r\n" +
        kKickstart +
        "\r\n--xyz\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\nraw\r\n--xyz--\r\n";
    const auto answer =
        client().post("/submit/", "multipart/form-data; boundary=xyz", body).value();
    EXPECT_EQ(answer.status, 303) << answer.text();
    const auto page = client().get(answer.headers.get("Location")).value();
    EXPECT_NE(page.text().find("phone"), std::string_view::npos);
}

TEST_F(SiteTest, KnowsNoJobUnderIdsThatAreNone) {
    for (const auto& path :
         {"/api/v1/jobs/1"s, "/api/v1/jobs/"s + std::string(32, '0'), "/api/v1/jobs/..%2fx"s,
          "/api/v1/jobs/"s + std::string(32, '0') + "/log", "/job/x"s,
          "/images/"s + std::string(32, 'f') + "/"}) {
        const auto answer = client().get(path).value();
        EXPECT_EQ(answer.status, 404) << path;
        EXPECT_EQ(problem(answer).status, 404);
        EXPECT_FALSE(problem(answer).next.empty());
    }
    EXPECT_EQ(client().del("/api/v1/jobs/" + std::string(32, '0'))->status, 404);
    const auto page = client().get("/job/x", {{"Accept", "text/html"}}).value();
    EXPECT_EQ(page.status, 404);
    EXPECT_TRUE(page.headers.get("Content-Type").starts_with("text/html"));
}

TEST_F(SiteTest, ServesNothingFromOutsideAJobsFolder) {
    const auto id = submit("safe");
    folder_.write("secret", "root:x");
    folder_.write(id + "/.hidden", "root:x");
    std::filesystem::create_symlink("../secret", folder_.path() / id / "link");
    for (const auto* file : {"..%2fsecret", "../secret", "link", ".hidden", "%2e%2e/secret",
                             "safe.ks%00", "/etc/passwd"}) {
        const auto answer = client().get("/images/" + id + "/" + file).value();
        EXPECT_EQ(answer.status, 404) << file;
        EXPECT_EQ(answer.text().find("root:x"), std::string_view::npos) << file;
    }
}

TEST_F(SiteTest, ShowsALogWithoutObeyingIt) {
    const auto id = submit("log");
    report(id, Report::Started{});
    log(id, "\x1b[31m" + kAttack + "\x1b]0;title\a\n");
    const auto page = client().get("/job/" + id).value();
    EXPECT_EQ(page.text().find(kAttack), std::string_view::npos);
    EXPECT_EQ(page.text().find('\x1b'), std::string_view::npos);
    EXPECT_NE(page.text().find("&lt;script&gt;alert(1)"), std::string_view::npos);
    EXPECT_NE(page.text().find("http-equiv=\"refresh\""), std::string_view::npos);
    EXPECT_NE(client().get(api::log_path(id))->text().find(kAttack), std::string_view::npos);
}

TEST_F(SiteTest, SendsTheLogFromAnOffsetOrInPart) {
    const auto id = submit("log");
    EXPECT_EQ(client().get(api::log_path(id))->text(), "");
    report(id, Report::Started{});
    log(id, "one\ntwo\n");
    const auto whole = std::string(client().get(api::log_path(id))->text());
    ASSERT_TRUE(whole.ends_with("one\ntwo\n")) << whole;
    const auto offset = whole.size() - 4;
    EXPECT_EQ(client().get(api::log_path(id) + "?offset=" + std::to_string(offset))->text(),
              "two\n");
    EXPECT_EQ(client().get(api::log_path(id) + "?offset=99999")->text(), "");
    EXPECT_EQ(client().get(api::log_path(id) + "?offset=x")->status, 400);
    EXPECT_EQ(
        client().get(api::log_path(id), {{"Range", fmt::format("bytes={}-", offset)}})->text(),
        "two\n");
}

TEST_F(SiteTest, TellsManyWatchersTheSameStoryToItsEnd) {
    const auto id = submit("story");
    struct Seen {
        std::string log, last_state;
        int progress = 0;
    };
    std::vector<Seen> seen(10);
    std::vector<std::jthread> watchers;
    for (auto& one : seen) {
        watchers.emplace_back([&one, &id, this] {
            http::EventReader reader([&](const http::Event& event) {
                if (event.name == "log") {
                    one.log += event.data + "\n";
                } else {
                    const auto view = api::job_from_json(event.data).value();
                    one.last_state = jobs::to_text(view.state);
                    one.progress += event.name == "progress" ? 1 : 0;
                }
            });
            const auto end = client().follow(
                api::events_path(id), [&](std::string_view bytes) { return reader.add(bytes); });
            EXPECT_TRUE(end) << end.error().message;
        });
    }
    std::this_thread::sleep_for(100ms);
    report(id, Report::Started{});
    for (int i = 0; i < 40; ++i) {
        report(id, Report::Beat{.progress = {.stage = "fetch",
                                             .done = static_cast<std::uint64_t>(i),
                                             .total = 40,
                                             .unit = "packages",
                                             .text = "fetching"}});
        log(id, fmt::format("line {}\n", i));
        std::this_thread::sleep_for(3ms);
    }
    report(id, Report::Done{.image = "story.raw"});
    watchers.clear();
    const auto whole = std::string(client().get(api::log_path(id))->text());
    EXPECT_NE(whole.find("line 39\n"), std::string::npos);
    for (const auto& one : seen) {
        EXPECT_EQ(one.log, whole);
        EXPECT_EQ(one.last_state, "done");
        EXPECT_GT(one.progress, 0);
    }
}

TEST_F(SiteTest, GoesOnWithEventsBehindTheLastOneThatWasSeen) {
    const auto id = submit("again");
    report(id, Report::Started{});
    log(id, "one\n");
    std::string first;
    std::string last;
    http::EventReader one([&](const http::Event& event) {
        if (event.name == "log") {
            first += event.data + "\n";
            last = event.id;
        }
    });
    ASSERT_TRUE(client().follow(api::events_path(id), [&](std::string_view bytes) {
        return one.add(bytes) && last.empty();
    }));
    log(id, "two\n");
    report(id, Report::Failed{.stage = "fetch", .error = "404 for " + kAttack});
    std::string second;
    http::EventReader two(
        [&](const http::Event& event) { second += event.name == "log" ? event.data + "\n" : ""; });
    // The page's own ?offset is older than what the browser saw last.
    ASSERT_TRUE(client().follow(api::events_path(id) + "?offset=0",
                                [&](std::string_view bytes) { return two.add(bytes); },
                                {{"Last-Event-ID", last}}));
    EXPECT_EQ(first + second, client().get(api::log_path(id))->text());
    EXPECT_NE(second.find("two\n"), std::string::npos);
    const auto page = client().get("/job/" + id).value();
    EXPECT_NE(page.text().find("Failed in stage “fetch”"), std::string_view::npos);
    EXPECT_EQ(page.text().find(kAttack), std::string_view::npos);
    EXPECT_EQ(page.text().find("http-equiv=\"refresh\""), std::string_view::npos);
}

TEST_F(SiteTest, FollowsTheBareLogUntilTheJobEnds) {
    const auto id = submit("bare");
    report(id, Report::Started{});
    std::string seen;
    std::jthread watcher([&] {
        EXPECT_TRUE(client().follow(api::log_path(id) + "?follow=1", [&](std::string_view bytes) {
            seen += bytes;
            return true;
        }));
    });
    log(id, "a\n");
    std::this_thread::sleep_for(20ms);
    log(id, "b\n");
    report(id, Report::Done{.image = "bare.raw"});
    watcher.join();
    EXPECT_EQ(seen, client().get(api::log_path(id))->text());
    EXPECT_NE(seen.find("a\nb\n"), std::string::npos);
}

TEST_F(SiteTest, CancelsByDeleteAndByTheFormButNotForForeignPages) {
    const auto first = submit("first");
    EXPECT_EQ(client()
                  .post("/job/" + first + "/cancel", "application/x-www-form-urlencoded", "",
                        {{"Origin", "http://evil.example"}})
                  ->status,
              403);
    EXPECT_EQ(api::job_from_json(client().get(api::job_path(first))->text()).value().state,
              jobs::JobState::queued);
    EXPECT_EQ(
        client().post("/job/" + first + "/cancel", "application/x-www-form-urlencoded", "")->status,
        303);
    EXPECT_EQ(api::job_from_json(client().get(api::job_path(first))->text()).value().state,
              jobs::JobState::cancelled);
    EXPECT_EQ(client().get("/job/" + first + "/cancel")->status, 405);
    const auto second = submit("second");
    EXPECT_EQ(client().del(api::job_path(second))->status, 202);
    const auto again = client().del(api::job_path(second)).value();
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(problem(again).code, "finished");
}

TEST_F(SiteTest, ListsTheFilesOfADoneJobWithTheirDigests) {
    const auto id = submit("done");
    report(id, Report::Started{});
    folder_.write(id + "/done.raw", "image bytes");
    folder_.write(id + "/manifest.json",
                  R"({"artifacts":[{"file":"done.raw","type":"raw","sha256":"feedbeef"}]})");
    report(id, Report::Done{.image = "done.raw"});
    const auto list =
        api::artifacts_from_json(client().get(api::artifacts_path(id))->text()).value();
    EXPECT_TRUE(std::ranges::any_of(list, [](const auto& one) {
        return one.name == "done.raw" && one.sha256 == "feedbeef" && one.size == 11;
    }));
    EXPECT_NE(client().get("/job/" + id)->text().find("feedbeef"), std::string_view::npos);
    const auto image =
        client().get("/images/" + id + "/done.raw", {{"Range", "bytes=0-4"}}).value();
    EXPECT_EQ(image.status, 206);
    EXPECT_EQ(image.text(), "image");
    EXPECT_TRUE(image.headers.get("Content-Disposition").starts_with("attachment"));
    EXPECT_EQ(image.headers.get("X-Content-Type-Options"), "nosniff");
}

TEST_F(SiteTest, ChecksAKickstartWithoutTakingAJob) {
    const auto bad =
        api::findings_from_json(client().post(api::kCheckPath, "text/plain", "bogus\n")->text())
            .value();
    ASSERT_FALSE(bad.empty());
    EXPECT_EQ(bad[0].line, 1u);
    EXPECT_EQ(nlohmann::json::parse(client().get(api::kTypesPath)->text())["types"].size(), 3u);
    EXPECT_EQ(api::job_list_from_json(client().get(api::kJobsPath)->text()).value().jobs.size(),
              0u);
}

TEST_F(SiteTest, KnowsTheTokensThatABuildKnows) {
    const auto check = [&](const std::string& text) {
        return client().post(api::kCheckPath, "text/plain", text)->text().find("@") !=
               std::string_view::npos;
    };
    EXPECT_FALSE(check("# a comment\nnetwork --hostname=@NAME@\n"));
    EXPECT_TRUE(check("network --hostname=@STRANGER@\n"));
}

TEST_F(SiteTest, SaysWhenItsStoreIsAway) {
    EXPECT_EQ(client().get("/readyz")->status, 200);
    store_.is_away = true;
    EXPECT_EQ(client().get("/healthz")->status, 200);
    const auto answer = client().get("/readyz").value();
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.headers.get("Retry-After"), "5");
    EXPECT_EQ(problem(answer).code, "try-later");
}

TEST_F(SiteTest, LetsNothingButItsOwnFilesIntoAPage) {
    for (const auto* path : {"/", "/nowhere", "/static/app.css", "/api/v1/types"}) {
        const auto answer = client().get(path).value();
        EXPECT_NE(answer.headers.get("Content-Security-Policy").find("default-src 'self'"),
                  std::string_view::npos)
            << path;
        EXPECT_NE(answer.headers.get("Content-Security-Policy").find("frame-ancestors 'none'"),
                  std::string_view::npos);
        EXPECT_EQ(answer.headers.get("X-Content-Type-Options"), "nosniff");
    }
    EXPECT_EQ(client().get("/", {{"Host", "evil.example"}})->status, 421);
}

}  // namespace
}  // namespace img::web
