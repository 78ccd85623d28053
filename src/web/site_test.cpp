// The whole site behind the real server, asked by our client, over a store and a queue in memory.
#include "api/api.hpp"
#include "http/client.hpp"
#include "http/event_stream.hpp"
#include "http/server.hpp"
#include "http/url.hpp"
#include "system/fd.hpp"
#include "tests/support/fake_job_queue.hpp"
#include "tests/support/fake_job_store.hpp"
#include "tests/support/temp_folder.hpp"
#include "web/web.hpp"

#include <algorithm>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/file.h>
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
    /// Reports that come before anybody leads stay in a real queue; this one has none to keep them.
    void SetUp() override {
        for (int i = 0; i < 1000 && !dispatcher_.is_leading(); ++i) {
            std::this_thread::sleep_for(5ms);
        }
        ASSERT_TRUE(dispatcher_.is_leading());
    }

    http::Client client() const {
        return http::Client(fmt::format("http://127.0.0.1:{}", server_.port()), {.timeout = 10s});
    }

    http::Response post(const jobs::JobRequest& request, const http::Headers& headers = {}) const {
        return client()
            .post(api::kJobsPath, "application/json", api::to_json(request), headers)
            .value();
    }

    static jobs::JobRequest request(const std::string& name) {
        return {.name = name, .image_type = "raw", .kickstart = kKickstart};
    }

    std::string submit(const std::string& name) const {
        const auto answer = post(request(name));
        EXPECT_EQ(answer.status, 201) << answer.text();
        return api::job_from_json(answer.text()).value().id;
    }

    api::JobView view(const std::string& id) const {
        return api::job_from_json(client().get(api::job_path(id))->text()).value();
    }

    /// Once the service that leads has seen it.
    api::JobView placed(const std::string& id) const {
        auto job = view(id);
        for (int i = 0; i < 500 && !job.position; ++i) {
            std::this_thread::sleep_for(10ms);
            job = view(id);
        }
        return job;
    }

    /// A job that was done, with its image.
    std::string done(const std::string& name) {
        const auto id = submit(name);
        report(id, Report::Started{});
        folder_.write(id + "/" + name + ".raw", "image bytes");
        report(id, Report::Done{.image = name + ".raw", .size = 11});
        return id;
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
    EXPECT_EQ(placed(id).state, jobs::JobState::queued);
    EXPECT_EQ(placed(id).position, 0u);
    EXPECT_EQ(placed(id).why, "no worker is there: start img-worker");
    const auto second = submit("second");
    EXPECT_EQ(placed(second).position, 1u);
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

TEST_F(SiteTest, RefusesAListThatTheInterfaceDoesNotHave) {
    for (const auto* query : {"?state=foo", "?before=zz", "?limit=0", "?limit=501", "?limit="}) {
        EXPECT_EQ(client().get(std::string(api::kJobsPath) + query)->status, 400) << query;
        const auto page = client().get("/queue/"s + query, {{"Accept", "text/html"}}).value();
        EXPECT_EQ(page.status, 400) << query;
        EXPECT_EQ(page.headers.get("Content-Type"), "text/html; charset=utf-8");
    }
}

TEST_F(SiteTest, SaysInTheQueueWhyAJobWaits) {
    placed(submit("first"));
    EXPECT_NE(client().get("/queue/")->text().find(
                  "<span class=\"why\">no worker is there: start img-worker</span>"),
              std::string_view::npos);
}

TEST_F(SiteTest, SpeaksOfSumsWhereThereAreSome) {
    const auto id = done("first");
    const auto says = [&] {
        return client().get("/images/" + id + "/")->text().find("SHA256SUMS</code>") !=
               std::string_view::npos;
    };
    EXPECT_FALSE(says());
    folder_.write(id + "/SHA256SUMS", "");
    EXPECT_TRUE(says());
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
    auto other = request("twin");
    other.overlay = "vim";
    const auto answer = post(other);
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

TEST_F(SiteTest, SaysWhatIsWrongWithAPriorityAndKeepsIt) {
    const auto send = [&](const std::string& priority) {
        return client()
            .post("/submit/", "application/x-www-form-urlencoded",
                  "name=urgent&type=raw&fresh=1&priority=" + priority +
                      "&kickstart=" + http::percent_encode(kKickstart))
            .value();
    };
    const auto wrong = send("%3Cb%3E");
    EXPECT_EQ(wrong.status, 400);
    for (const auto* shown :
         {"<a href=\"#priority\">Priority</a>: &quot;&lt;b&gt;&quot; is no whole number from -10",
          "value=\"&lt;b&gt;\" min=\"-10\" max=\"10\" step=\"1\" placeholder=\"0\" aria-invalid",
          "name=\"fresh\" value=\"1\" checked"}) {
        EXPECT_NE(wrong.text().find(shown), std::string_view::npos) << shown << wrong.text();
    }
    EXPECT_EQ(send("11").status, 400);
    const std::string taken(send("+").headers.get("Location"));  // a blank, which is nothing
    EXPECT_NE(taken, "");
    const auto page = client().get(taken).value();
    EXPECT_EQ(page.text().find("priority <b>"), std::string_view::npos) << page.text();
    EXPECT_NE(page.text().find("asked to be built anew"), std::string_view::npos) << page.text();
}

TEST_F(SiteTest, TakesThePriorityOfTheForm) {
    const auto form = "name=urgent&type=raw&priority=-3&kickstart=";
    const auto answer = client()
                            .post("/submit/", "application/x-www-form-urlencoded",
                                  form + http::percent_encode(kKickstart))
                            .value();
    EXPECT_EQ(answer.status, 303) << answer.text();
    const auto path = std::string(answer.headers.get("Location"));
    EXPECT_EQ(view(path.substr(path.rfind('/') + 1)).priority, -3);
    const auto page = client().get(path).value();
    EXPECT_NE(page.text().find("priority <b>-3</b>"), std::string_view::npos) << page.text();
    EXPECT_EQ(page.text().find("built anew</span>"), std::string_view::npos);
}

TEST_F(SiteTest, LeadsFromTheFormToTheSameJobUnlessItIsFresh) {
    const auto id = done("again");
    const auto submit_form = [&](const std::string& more) {
        return client()
            .post("/submit/", "application/x-www-form-urlencoded",
                  "name=again&type=raw&kickstart=" + http::percent_encode(kKickstart) + more)
            .value();
    };
    EXPECT_EQ(submit_form("").headers.get("Location"), "/job/" + id + "?joined=1");
    const auto fresh = submit_form("&fresh=1");
    EXPECT_EQ(fresh.status, 303) << fresh.text();
    EXPECT_EQ(fresh.headers.get("Location").find(id), std::string_view::npos);
    EXPECT_EQ(fresh.headers.get("Location").find("joined"), std::string_view::npos);
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

TEST_F(SiteTest, JoinsTheSameRequestAndSaysSo) {
    const auto id = submit("same");
    const auto again = post(request("same"));
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.headers.get("Location"), api::job_path(id));
    EXPECT_EQ(api::job_from_json(again.text()).value().id, id);
    EXPECT_EQ(api::job_from_json(again.text()).value().is_joined, true);
    EXPECT_FALSE(view(id).is_joined.has_value());
    const auto form =
        client().post("/submit/", "application/x-www-form-urlencoded",
                      "name=same&type=raw&kickstart=" + http::percent_encode(kKickstart));
    EXPECT_EQ(form->status, 303) << form->text();
    EXPECT_EQ(form->headers.get("Location"), "/job/" + id + "?joined=1");
    EXPECT_NE(client().get("/job/" + id + "?joined=1")->text().find("had been asked for already"),
              std::string_view::npos);
    EXPECT_EQ(client().get("/job/" + id)->text().find("had been asked for already"),
              std::string_view::npos);
}

TEST_F(SiteTest, GivesTheSameJobToTheSameIdempotencyKey) {
    const auto first = post(request("one"), {{"Idempotency-Key", "\"key-1\""}});
    EXPECT_EQ(first.status, 201);
    const auto id = api::job_from_json(first.text())->id;
    const auto second = post(request("one"), {{"Idempotency-Key", "key-1"}});
    EXPECT_EQ(second.status, 200) << second.text();
    EXPECT_EQ(api::job_from_json(second.text())->id, id);
    const auto refused = post(request("two"), {{"Idempotency-Key", "key-1"}});
    EXPECT_EQ(refused.status, 422) << refused.text();
    EXPECT_EQ(problem(refused).code, "reference-in-use");
    EXPECT_NE(problem(refused).detail.find(id), std::string::npos) << "which job has it";
    EXPECT_NE(problem(refused).next, "");
    auto others = request("one");
    others.email = "bob@example.org";
    EXPECT_EQ(post(others, {{"Idempotency-Key", "key-1"}}).status, 422);
    auto other = request("three");
    other.reference = "key-2";
    EXPECT_EQ(post(other, {{"Idempotency-Key", "key-1"}}).status, 400);
    EXPECT_EQ(post(request("four"), {{"Idempotency-Key", std::string(300, 'k')}}).status, 400);
    EXPECT_EQ(client().get("/api/v1/jobs")->text().find("three"), std::string_view::npos);
}

TEST_F(SiteTest, SaysToWhoeverCancelsHowManySharedTheBuildAndLetsThemAskAgain) {
    auto his = request("shared");
    his.email = "bob@example.org";
    his.reference = "his";
    const auto id = submit("shared");
    EXPECT_EQ(post(his).status, 200);
    const auto cancelled = client().del(api::job_path(id)).value();
    EXPECT_EQ(cancelled.status, 202);
    EXPECT_NE(cancelled.text().find("2 requests shared this build"), std::string_view::npos);
    EXPECT_NE(client().get("/job/" + id)->text().find("2 requests shared this build"),
              std::string_view::npos);
    EXPECT_EQ(post(his).status, 201) << "a job of his own";
}

TEST_F(SiteTest, PinsByTheButtonAndByRest) {
    const auto id = done("kept");
    EXPECT_NE(client().get("/job/" + id)->text().find(">Pin</button>"), std::string_view::npos);
    EXPECT_EQ(client()
                  .post("/job/" + id + "/pin", "application/x-www-form-urlencoded", "",
                        {{"Origin", "http://evil.example"}})
                  ->status,
              403);
    EXPECT_FALSE(view(id).is_pinned);
    EXPECT_EQ(client().post("/job/" + id + "/pin", "application/x-www-form-urlencoded", "")->status,
              303);
    EXPECT_TRUE(view(id).is_pinned);
    EXPECT_NE(client().get("/job/" + id)->text().find(">Unpin</button>"), std::string_view::npos);
    EXPECT_EQ(client().post(api::unpin_path(id), "application/json", "")->status, 200);
    EXPECT_FALSE(view(id).is_pinned);
    EXPECT_EQ(client().post(api::pin_path(std::string(32, '0')), "application/json", "")->status,
              404);
}

TEST_F(SiteTest, SaysThatFilesWereRemoved) {
    const auto id = done("old");
    ASSERT_TRUE(store_.remove_image(id, store_.find(id).value()->finished).value());
    std::filesystem::remove(folder_.path() / id / "old.raw");
    const auto file = client().get("/images/" + id + "/old.raw").value();
    EXPECT_EQ(file.status, 410);
    EXPECT_EQ(problem(file).code, "removed");
    EXPECT_EQ(client().get("/images/" + id + "/old.ks")->status, 200);
    EXPECT_EQ(client().get("/images/" + id + "/.attempt")->status, 404);
    const auto page = client().get("/job/" + id).value();
    EXPECT_NE(page.text().find("files of this job were removed on"), std::string_view::npos);
    EXPECT_EQ(page.text().find("Download old.raw"), std::string_view::npos);
    EXPECT_NE(client().get("/queue/")->text().find("removed 2"), std::string_view::npos);
    EXPECT_EQ(client().post(api::pin_path(id), "application/json", "")->status, 410);
    EXPECT_TRUE(view(id).removed.has_value());
}

TEST_F(SiteTest, HoldsALockOnAFileThatItSends) {
    const auto id = done("held");
    const auto path = folder_.path() / id / "held.raw";
    const system::Fd retention(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    ASSERT_EQ(::flock(retention.get(), LOCK_EX | LOCK_NB), 0);
    EXPECT_NE(client().get("/images/" + id + "/held.raw")->status, 200)
        << "it is being removed at this moment";
    ::flock(retention.get(), LOCK_UN);
    EXPECT_EQ(client().get("/images/" + id + "/held.raw")->text(), "image bytes");
}

TEST_F(SiteTest, ShowsWorkersAndWhatWasRefused) {
    EXPECT_NE(client().get("/queue/")->text().find("No worker is there"), std::string_view::npos);
    ASSERT_TRUE(queue_.send(jobs::Presence{.worker = "w-1",
                                           .host = "kiln",
                                           .slots = 2,
                                           .free = 0,
                                           .shortage = "disk: 2 GB free, a build needs 4 GB",
                                           .image_types = {"raw"}}));
    ASSERT_TRUE(store_.note(jobs::RefusedMessage{.queue = "image_queue",
                                                 .reference = "their-7",
                                                 .reason = "it is no JSON",
                                                 .excerpt = kAttack}));
    const auto page = client().get("/queue/").value();
    for (const auto* shown : {"kiln", "0 of 2", "raw for amd64", "disk: 2 GB free", "their-7",
                              "it is no JSON", "&lt;script&gt;"}) {
        EXPECT_NE(page.text().find(shown), std::string_view::npos) << shown;
    }
    EXPECT_EQ(page.text().find(kAttack), std::string_view::npos);
    const auto workers = nlohmann::json::parse(client().get("/api/v1/workers")->text());
    EXPECT_EQ(workers["workers"][0]["host"], "kiln");
    const auto refused = nlohmann::json::parse(client().get("/api/v1/refused")->text());
    EXPECT_EQ(refused["refused"][0]["reference"], "their-7");
    auto theirs = request("theirs");
    theirs.reference = "their-7";
    const auto id = api::job_from_json(post(theirs).text()).value().id;
    EXPECT_NE(client().get("/job/" + id)->text().find("it is no JSON"), std::string_view::npos);
    EXPECT_EQ(placed(id).why, "worker kiln has no room: disk: 2 GB free, a build needs 4 GB");
    EXPECT_NE(client().get("/job/" + id)->text().find("Why it waits: worker kiln has no room"),
              std::string_view::npos);
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
    const auto complains_of = [&](const std::string& token) {
        const auto text = "# a comment\nnetwork --hostname=" + token + "\n";
        return client().post(api::kCheckPath, "text/plain", text)->text().find(token) !=
               std::string_view::npos;
    };
    EXPECT_FALSE(complains_of("@NAME@"));
    EXPECT_TRUE(complains_of("@STRANGER@"));
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
