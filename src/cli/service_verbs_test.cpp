// The verbs that talk to a service, against a server that answers as each test says.
#include "api/api.hpp"
#include "base/digest.hpp"
#include "base/exit_code.hpp"
#include "cli/recorded_console.hpp"
#include "http/server.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <mutex>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

namespace img::cli {
namespace {

const std::string kId = "0123456789abcdef0123456789abcdef";

api::JobView job_in(jobs::JobState state) {
    return {.id = kId,
            .name = "demo",
            .image_type = "raw",
            .state = state,
            .progress = {.stage = "install",
                         .done = 3,
                         .total = 9,
                         .unit = "packages",
                         .text = "unpacking libc6"},
            .created = jobs::Time(std::chrono::seconds(1'600'000'000))};
}

http::Response json(int status, const std::string& text) {
    return http::make_response(status, "application/json", text);
}

/// Remembers what it was asked.
class FakeService {
public:
    explicit FakeService(http::Handler answer) : answer_(std::move(answer)) {
        auto server = http::Server::start({}, [this](const http::Request& request) {
            const std::scoped_lock lock(mutex_);
            requests_.push_back(
                fmt::format("{} {}", http::to_text(request.method), request.target));
            bodies_.push_back(request.body);
            return answer_(request);
        });
        server_ = std::make_unique<http::Server>(std::move(server).value());
    }

    std::string address() const { return fmt::format("http://127.0.0.1:{}", server_->port()); }
    std::vector<std::string> requests() {
        const std::scoped_lock lock(mutex_);
        return requests_;
    }
    std::vector<std::string> bodies() {
        const std::scoped_lock lock(mutex_);
        return bodies_;
    }

private:
    std::mutex mutex_;
    std::vector<std::string> requests_, bodies_;
    http::Handler answer_;
    std::unique_ptr<http::Server> server_;
};

std::string kickstart_file() {
    const auto path = testing::TempDir() + "demo.ks";
    std::ofstream(path) << "part /\n";
    return path;
}

TEST(Submit, SendsTheRequestAndPrintsTheIdAlone) {
    FakeService service(
        [](const auto&) { return json(201, api::to_json(job_in(jobs::JobState::queued))); });
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"submit", kickstart_file(), "-t", "raw", "--overlay", "vim,-nano",
                            "--email", "a@example.org", "--server", service.address()}),
              kDone)
        << terminal.err.str();
    EXPECT_EQ(terminal.out.str(), kId + "\n");
    EXPECT_EQ(service.requests(), std::vector<std::string>{"POST /api/v1/jobs"});
    const auto body = nlohmann::json::parse(service.bodies().at(0));
    EXPECT_EQ(body.at("name"), "demo");
    EXPECT_EQ(body.at("type"), "raw");
    EXPECT_EQ(body.at("kickstart"), "part /\n");
    EXPECT_EQ(body.at("overlay"), "vim,-nano");
    EXPECT_EQ(body.at("email"), "a@example.org");
}

TEST(Submit, SaysWhenAndWhereItIsToBeBuilt) {
    FakeService service(
        [](const auto&) { return json(201, api::to_json(job_in(jobs::JobState::queued))); });
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"submit", kickstart_file(), "-t", "raw", "--priority", "-3", "--fresh",
                            "--reference", "mine-1", "--server", service.address()}),
              kDone)
        << terminal.err.str();
    const auto body = nlohmann::json::parse(service.bodies().at(0));
    EXPECT_EQ(body.at("priority"), -3);
    EXPECT_EQ(body.at("fresh"), true);
    EXPECT_EQ(body.at("reference"), "mine-1");
    RecordedConsole other;
    EXPECT_EQ(other.run({"submit", kickstart_file(), "-t", "raw", "--priority", "11", "--server",
                         service.address()}),
              kUsage);
}

TEST(Submit, SaysThatTheSameHadBeenAskedForAlready) {
    auto job = job_in(jobs::JobState::building);
    job.is_joined = true;
    FakeService service([&](const auto&) { return json(200, api::to_json(job)); });
    RecordedConsole terminal;
    EXPECT_EQ(
        terminal.run({"submit", kickstart_file(), "-t", "raw", "--server", service.address()}),
        kDone);
    EXPECT_EQ(terminal.out.str(), kId + "\n");
    EXPECT_NE(terminal.err.str().find("--fresh makes a new one"), std::string::npos);
}

TEST(Submit, FindsTheServiceInTheEnvironment) {
    FakeService service(
        [](const auto&) { return json(201, api::to_json(job_in(jobs::JobState::queued))); });
    RecordedConsole terminal;
    terminal.variables["IMG_SERVER"] = service.address();
    EXPECT_EQ(terminal.run({"submit", kickstart_file(), "-t", "raw"}), kDone);
    EXPECT_EQ(service.requests().size(), 1U);
}

TEST(Submit, PassesOnWhatTheServiceFindsWrong) {
    FakeService service([](const auto&) {
        return http::make_response(
            422, api::kProblemType,
            api::to_json(api::Problem{.status = 422,
                                      .code = "kickstart-invalid",
                                      .title = "The kickstart has errors",
                                      .detail = "the kickstart has 1 error",
                                      .next = "mend it and submit it again",
                                      .findings = {{.severity = "error",
                                                    .file = "demo.ks",
                                                    .line = 1,
                                                    .column = 6,
                                                    .text = "part / needs --size"}}}));
    });
    RecordedConsole terminal;
    EXPECT_EQ(
        terminal.run({"submit", kickstart_file(), "-t", "raw", "--server", service.address()}),
        kRequestWrong);
    EXPECT_EQ(terminal.err.str(),
              "img: the kickstart has 1 error\ndemo.ks:1:6: error: part / needs --size\n"
              "mend it and submit it again\n");
    EXPECT_EQ(terminal.out.str(), "");
}

TEST(Submit, WaitsUntilTheImageIsMadeAndPrintsTheIdLast) {
    int looks = 0;
    FakeService service([&](const http::Request& request) {
        if (request.path().ends_with("/log")) {
            return http::make_response(200, "text/plain", "");
        }
        ++looks;
        auto job = job_in(looks < 3 ? jobs::JobState::building : jobs::JobState::done);
        job.image = looks < 3 ? "" : "demo.raw";
        return json(200, api::to_json(job));
    });
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"submit", kickstart_file(), "-t", "raw", "--wait", "--server",
                            service.address()}),
              kDone)
        << terminal.err.str();
    EXPECT_EQ(terminal.out.str(), kId + "\n");
    EXPECT_NE(terminal.err.str().find("[install] unpacking libc6 (3/9 packages)\n"),
              std::string::npos)
        << terminal.err.str();
    EXPECT_NE(terminal.err.str().find("demo.raw is made"), std::string::npos);
}

TEST(Submit, FailsAsTheBuildFailsAndShowsTheEndOfItsLog) {
    const std::string log = "Setting up x\ndpkg: error";
    FakeService service([&](const http::Request& request) {
        if (request.path().ends_with("/log")) {
            const auto offset = std::stoul(request.parameter("offset"));
            return http::make_response(200, "text/plain", log.substr(std::min(offset, log.size())));
        }
        auto job = job_in(jobs::JobState::error);
        job.error = "dpkg ended with 1";
        job.error_stage = "install";
        return json(200, api::to_json(job));
    });
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"submit", kickstart_file(), "-t", "raw", "--wait", "--server",
                            service.address()}),
              kBroken);
    EXPECT_NE(terminal.err.str().find("  Setting up x\n  dpkg: error\n"), std::string::npos)
        << terminal.err.str();
    EXPECT_NE(terminal.err.str().find("failed in stage install: dpkg ended with 1"),
              std::string::npos);
    EXPECT_EQ(terminal.out.str(), kId + "\n");
}

TEST(Submit, StopsWaitingWhenInterruptedAndLeavesTheJob) {
    FakeService service([](const http::Request& request) {
        return request.path().ends_with("/log")
                   ? http::make_response(200, "text/plain", "")
                   : json(200, api::to_json(job_in(jobs::JobState::building)));
    });
    RecordedConsole terminal;
    terminal.interrupted.request_stop();
    EXPECT_EQ(terminal.run({"submit", kickstart_file(), "-t", "raw", "--wait", "--server",
                            service.address()}),
              kInterrupted);
    for (const auto& request : service.requests()) {
        EXPECT_FALSE(request.starts_with("DELETE")) << request;
    }
}

TEST(ServiceVerbs, SayThatNobodyAnswers) {
    std::string address;
    {
        FakeService gone([](const auto&) { return json(200, "{}"); });
        address = gone.address();
    }
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"list", "--server", address}), kTryLater);
    EXPECT_NE(terminal.err.str().find(address.substr(7)), std::string::npos) << terminal.err.str();
}

TEST(ServiceVerbs, SendNothingForAWordThatIsNoId) {
    FakeService service([](const auto&) { return json(200, "{}"); });
    for (const char* verb : {"status", "log", "cancel", "download"}) {
        RecordedConsole terminal;
        EXPECT_EQ(terminal.run({verb, "../../etc", "--server", service.address()}), kNotFound);
    }
    EXPECT_TRUE(service.requests().empty());
}

TEST(ServiceVerbs, DoubtAServerThatSpeaksOtherwise) {
    FakeService service(
        [](const auto&) { return http::make_response(404, "text/html", "<h1>nginx</h1>"); });
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"status", kId, "--server", service.address()}), kNotFound);
    EXPECT_NE(terminal.err.str().find("is that an imgd?"), std::string::npos);
}

TEST(List, PrintsATable) {
    FakeService service([](const auto&) {
        return json(200, api::to_json(api::JobList{.jobs = {job_in(jobs::JobState::building)}}));
    });
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"list", "--state", "building", "--server", service.address()}), kDone);
    EXPECT_EQ(
        terminal.out.str(),
        "ID                                STATE      NAME                          TYPE      "
        "CREATED              REMARK\n" +
            kId + "  building   demo                          raw       2020-09-13 12:26:40\n");
    EXPECT_EQ(service.requests().at(0), "GET /api/v1/jobs?limit=50&state=building");
}

TEST(List, SaysWhereAJobStandsInTheQueue) {
    auto waiting = job_in(jobs::JobState::queued);
    waiting.position = 3;
    FakeService service(
        [&](const auto&) { return json(200, api::to_json(api::JobList{.jobs = {waiting}})); });
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"list", "--server", service.address()}), kDone);
    EXPECT_NE(terminal.out.str().find("  number 4 in line\n"), std::string::npos)
        << terminal.out.str();
}

TEST(Status, SaysWhyAJobWaitsAndUntilWhen) {
    auto waiting = job_in(jobs::JobState::queued);
    waiting.position = 0;
    waiting.why = "all 2 workers are busy";
    const auto now =
        std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    using std::chrono::minutes;
    waiting.begins = jobs::Interval{.from = now, .to = now + minutes(1)};
    waiting.ends = jobs::Interval{.from = now + minutes(200), .to = now + minutes(290)};
    FakeService service([&](const auto&) { return json(200, api::to_json(waiting)); });
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"status", kId, "--server", service.address()}), kDone);
    EXPECT_NE(terminal.out.str().find("place     next in line\n"
                                      "begins    within a minute\n"
                                      "done      in 4 to 5 h\n"
                                      "waits     all 2 workers are busy\n"),
              std::string::npos)
        << terminal.out.str();
}

TEST(Pin, AsksTheServiceAndSaysHowItIs) {
    auto job = job_in(jobs::JobState::done);
    FakeService service([&](const http::Request& request) {
        job.is_pinned = request.path().ends_with("/pin");
        return json(200, api::to_json(job));
    });
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"pin", kId, "--server", service.address()}), kDone);
    EXPECT_EQ(terminal.out.str(), "job " + kId + " is pinned\n");
    RecordedConsole other;
    EXPECT_EQ(other.run({"unpin", kId, "--server", service.address()}), kDone);
    EXPECT_EQ(other.out.str(), "job " + kId + " is not pinned\n");
    EXPECT_EQ(service.requests().at(0), "POST /api/v1/jobs/" + kId + "/pin");
    EXPECT_EQ(service.requests().at(1), "POST /api/v1/jobs/" + kId + "/unpin");
}

TEST(List, RefusesAStateThatDoesNotExist) {
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"list", "--state", "ready"}), kUsage);
}

TEST(Status, TellsHowFarTheJobIs) {
    FakeService service(
        [](const auto&) { return json(200, api::to_json(job_in(jobs::JobState::building))); });
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"status", kId, "--server", service.address()}), kDone);
    EXPECT_EQ(terminal.out.str(), "job       " + kId +
                                      "\nname      demo (raw)\nstate     building\n"
                                      "stage     install 3/9 packages: unpacking libc6\n"
                                      "created   2020-09-13 12:26:40\npage      " +
                                      service.address() + "/job/" + kId + "\n");
}

TEST(Status, NamesNoImageWhereThereIsNone) {
    auto job = job_in(jobs::JobState::building);
    job.is_pinned = true;
    FakeService service([&](const auto&) { return json(200, api::to_json(job)); });
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"status", kId, "--server", service.address()}), kDone);
    EXPECT_EQ(terminal.out.str().find("image"), terminal.out.str().find("image will be kept"))
        << terminal.out.str();
}

TEST(Status, LeadsFromAnUnknownIdToAVerbAndNoPage) {
    FakeService service([](const auto&) {
        return http::make_response(404, api::kProblemType,
                                   api::to_json(api::Problem{.status = 404,
                                                             .code = "no-such-job",
                                                             .title = "There is no such job",
                                                             .detail = "no job has this id",
                                                             .next = "see /queue/",
                                                             .findings = {}}));
    });
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"status", kId, "--server", service.address()}), kNotFound);
    EXPECT_EQ(terminal.err.str(), "img: no job has this id; `img list` shows those there are\n");
}

TEST(Cancel, DeletesTheJob) {
    auto job = job_in(jobs::JobState::cancelled);
    job.progress.text.clear();
    FakeService service([&](const auto&) { return json(202, api::to_json(job)); });
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"cancel", kId, "--server", service.address()}), kDone);
    EXPECT_EQ(terminal.out.str(), "job " + kId + " is cancelled\n");
    job.progress.text = "2 requests shared this build";
    RecordedConsole shared;
    EXPECT_EQ(shared.run({"cancel", kId, "--server", service.address()}), kDone);
    EXPECT_EQ(shared.out.str(), "job " + kId + " is cancelled: 2 requests shared this build\n");
    EXPECT_EQ(service.requests().at(0), "DELETE /api/v1/jobs/" + kId);
}

TEST(Log, FollowsUntilTheJobIsOver) {
    const std::vector<std::string> pieces = {"one\ntw", "o\nthree", "\n\x1b[1m\n"};
    std::string log;
    std::size_t looks = 0;
    FakeService service([&](const http::Request& request) {
        if (request.path().ends_with("/log")) {
            const auto offset = std::stoul(request.parameter("offset"));
            return http::make_response(200, "text/plain", log.substr(offset));
        }
        log += pieces.at(looks++);
        return json(200, api::to_json(job_in(looks == pieces.size() ? jobs::JobState::done
                                                                    : jobs::JobState::building)));
    });
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"log", "-f", kId, "--server", service.address()}), kDone);
    EXPECT_EQ(terminal.out.str(), "one\ntwo\nthree\n\\x1b[1m\n");
}

class Download : public testing::Test {
protected:
    void SetUp() override { std::filesystem::remove_all(folder_); }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    http::Handler offering(const std::string& name, const std::string& sum) {
        return [this, name, sum](const http::Request& request) {
            if (request.path() == api::job_path(kId)) {
                return json(200, api::to_json(job_));
            }
            return request.path().ends_with("/artifacts")
                       ? json(200, api::to_json(std::vector<api::Artifact>{
                                       {.name = name, .size = content_.size(), .sha256 = sum}}))
                       : http::make_response(200, "application/octet-stream", content_);
        };
    }

    std::filesystem::path folder_ = testing::TempDir() + "img-download";
    std::string content_ = "an image";
    api::JobView job_ = job_in(jobs::JobState::done);
};

TEST_F(Download, SaysThatThereIsNoImageInsteadOfFetchingWhatElseThereIs) {
    FakeService service(offering("demo.ks", ""));
    const std::vector<std::string> words{"download",       kId,        "-o",
                                         folder_.string(), "--server", service.address()};
    const auto answer_to = [&](jobs::JobState state) {
        job_ = job_in(state);
        RecordedConsole terminal;
        const auto code = terminal.run(words);
        return fmt::format("{} {}{}", code, terminal.out.str(), terminal.err.str());
    };
    const auto rest = "; its other files are had by name: --only demo.ks --only demo.log\n";
    EXPECT_EQ(answer_to(jobs::JobState::building),
              "4 img: job " + kId + " is building and has no image yet; `img status " + kId +
                  "` says how far it is" + rest);
    EXPECT_EQ(
        answer_to(jobs::JobState::error),
        "6 img: job " + kId + " failed and has no image; `img status " + kId + "` says why" + rest);
    EXPECT_EQ(answer_to(jobs::JobState::cancelled),
              "6 img: job " + kId + " was cancelled and has no image" + rest);
    EXPECT_FALSE(std::filesystem::exists(folder_));
}

TEST_F(Download, SaysThatTheImageWasRemoved) {
    FakeService service(offering("demo.ks", ""));
    job_.removed = job_.created;
    RecordedConsole terminal;
    EXPECT_EQ(
        terminal.run({"download", kId, "-o", folder_.string(), "--server", service.address()}),
        kNotFound);
    EXPECT_NE(terminal.err.str().find("was removed on 2020-09-13 to make room"), std::string::npos)
        << terminal.err.str();
}

TEST_F(Download, FetchesWhatIsNamedInWhateverState) {
    FakeService service(offering("demo.log", ""));
    job_ = job_in(jobs::JobState::error);
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"download", kId, "--only", "demo.log", "-o", folder_.string(),
                            "--server", service.address()}),
              kDone)
        << terminal.err.str();
    EXPECT_TRUE(std::filesystem::exists(folder_ / "demo.log"));
}

TEST_F(Download, PutsTheFilesIntoTheFolder) {
    FakeService service(offering("demo.raw", sha256_hex(content_)));
    RecordedConsole terminal;
    EXPECT_EQ(
        terminal.run({"download", kId, "-o", folder_.string(), "--server", service.address()}),
        kDone)
        << terminal.err.str();
    EXPECT_EQ(terminal.out.str(), (folder_ / "demo.raw").string() + "\n");
    EXPECT_EQ(sha256_file(folder_ / "demo.raw").value(), sha256_hex(content_));
}

TEST_F(Download, FailsWhenAFileIsNotWhatTheServiceSaid) {
    FakeService service(offering("demo.raw", sha256_hex("another image")));
    RecordedConsole terminal;
    EXPECT_EQ(
        terminal.run({"download", kId, "-o", folder_.string(), "--server", service.address()}),
        kBroken);
    EXPECT_NE(terminal.err.str().find("damaged"), std::string::npos);
}

TEST_F(Download, WritesNothingOutsideTheFolder) {
    FakeService service(offering("../evil", ""));
    RecordedConsole terminal;
    EXPECT_EQ(
        terminal.run({"download", kId, "-o", folder_.string(), "--server", service.address()}),
        kBroken);
    EXPECT_FALSE(std::filesystem::exists(folder_.parent_path() / "evil"));
}

TEST_F(Download, ReplacesFilesOnly) {
    FakeService service(offering("demo.raw", ""));
    std::filesystem::create_directories(folder_);
    ASSERT_EQ(::mkfifo((folder_ / "demo.raw").c_str(), 0600), 0);
    RecordedConsole terminal;
    EXPECT_EQ(
        terminal.run({"download", kId, "-o", folder_.string(), "--server", service.address()}),
        kRequestWrong);
    EXPECT_NE(terminal.err.str().find("is neither a file nor a link to one"), std::string::npos);
    EXPECT_TRUE(std::filesystem::is_fifo(folder_ / "demo.raw"));
}

TEST_F(Download, NamesTheFilesThereAreWhenAskedForAnother) {
    FakeService service(offering("demo.raw", ""));
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"download", kId, "--only", "demo.iso", "--server", service.address()}),
              kNotFound);
    EXPECT_NE(terminal.err.str().find("it has demo.raw"), std::string::npos);
}

}  // namespace
}  // namespace img::cli
