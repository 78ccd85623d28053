// The routes on a real server, and the store that workers reach them by.
#include "web/upload_api.hpp"

#include "api/api.hpp"
#include "artifacts/http_artifacts.hpp"
#include "artifacts/upload_message.hpp"
#include "base/digest.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "jobs/attempt_fence.hpp"
#include "tests/support/artifact_store_suite.hpp"
#include "tests/support/cutting_proxy.hpp"
#include "tests/support/fake_job_store.hpp"
#include "tests/support/some_job.hpp"

#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>

namespace img::testing {
namespace {

namespace fs = std::filesystem;
using namespace std::literals;

constexpr auto kToken = "a token that nobody guesses";
constexpr auto kOtherToken = "another";
constexpr auto kWorker = "second-0123456789abcdef";

http::Response nothing_else(const http::Request&) {
    return http::make_response(404, "text/plain", "the rest of the site");
}

/// imgd as workers see it; the connection leads through a proxy.
class UploadPlace : public NetworkPlace {
public:
    explicit UploadPlace(fs::path www = {}) : www_(www.empty() ? folder_.path() / "www" : www) {
        fs::create_directories(www_);
        tokens_ = folder_.write("tokens", fmt::format("# workers\nfirst {}\nsecond {} # here\n",
                                                      sha256_hex(kOtherToken), sha256_hex(kToken)));
        start();
        proxy_ = std::make_unique<CuttingProxy>(server_->port());
        store_ =
            artifacts::http_artifacts({.url = url(), .token = kToken, .tries = 5, .pause = 20ms});
    }

    artifacts::ArtifactStore& store() override { return *store_; }
    void add_job(const std::string& id) override {
        fs::create_directories(www_ / id);
        auto job = some_job("debian");
        job.id = id;
        EXPECT_TRUE(jobs_.add(job, at(0)));
    }
    void give(const jobs::BuildOrder& order) override {
        auto job = jobs_.find(order.id).value().value();
        for (; job.attempt < order.attempt; job = jobs_.find(order.id).value().value()) {
            move(job.id, jobs::JobEvent::start, job.attempt);
            move(job.id, jobs::JobEvent::lose_worker, job.attempt);
        }
        move(order.id, jobs::JobEvent::start, order.attempt);
    }
    void move(const std::string& id, jobs::JobEvent event, unsigned attempt = 1) {
        EXPECT_TRUE(jobs_.move({.id = id,
                                .attempt = attempt,
                                .event = event,
                                .worker = kWorker,
                                .image = "debian.raw",
                                .error = "no room",
                                .now = at(2'000),
                                .lease_end = at(32'000)}));
    }
    FakeJobStore& jobs() { return jobs_; }
    bool refuses_stale() const override { return true; }
    fs::path work() const override { return folder_.path() / "work"; }
    std::map<std::string, std::string> found(const jobs::BuildOrder& order,
                                             const artifacts::Published& published) override {
        EXPECT_EQ(published.place, "");
        std::map<std::string, std::string> files;
        for (const auto& entry : fs::directory_iterator(www_ / order.id)) {
            if (entry.path().filename() != ".attempt") {
                files[entry.path().filename()] = read_file(entry.path());
            }
        }
        return files;
    }
    void cut_after(std::int64_t bytes) override { proxy_->cut_after = bytes; }
    unsigned cuts() const override { return proxy_->cuts; }
    std::uint64_t bytes_sent() const override { return proxy_->sent; }
    void crash() override {
        server_.reset();
        start();
        proxy_->target = server_->port();
    }

    std::string url() const { return fmt::format("http://127.0.0.1:{}/", proxy_->port()); }
    const fs::path& www() const { return www_; }

private:
    void start() {
        auto server = http::Server::start(
            {}, web::with_uploads(
                    nothing_else,
                    {.store = jobs_, .www_root = www_, .token_file = tokens_, .disk_kept = 0}));
        server_ = std::make_unique<http::Server>(std::move(server).value());
    }

    TempFolder folder_;
    fs::path www_, tokens_;
    FakeJobStore jobs_;
    std::unique_ptr<http::Server> server_;
    std::unique_ptr<CuttingProxy> proxy_;
    std::unique_ptr<artifacts::ArtifactStore> store_;
};

template <typename Place>
std::unique_ptr<Place> make_place() {
    return std::make_unique<UploadPlace>();
}

INSTANTIATE_TEST_SUITE_P(Http, ArtifactStoreSuite, ::testing::Values(make_place<ArtifactPlace>));
INSTANTIATE_TEST_SUITE_P(Http, NetworkStoreSuite, ::testing::Values(make_place<NetworkPlace>));

class UploadApiTest : public ::testing::Test {
protected:
    UploadApiTest() {
        place_.add_job(id_);
        place_.give({.id = id_});
    }

    int status(const Result<http::Response>& response) { return response ? response->status : 0; }
    std::string path(std::string_view rest = "") const {
        return artifacts::upload_path(id_, attempt_) + std::string(rest);
    }
    api::Problem problem(const Result<http::Response>& response) {
        return api::problem_from_json(response->text()).value();
    }
    /// All of an upload; the status of its end, or of what refused it before.
    int upload(std::string_view text) {
        const auto begun = status(begin("manifest.json", text));
        if (begun != 200) {
            return begun;
        }
        const auto put_there = status(put("/files/manifest.json?offset=0", std::string(text)));
        return put_there == 200 ? status(publish()) : put_there;
    }
    std::string published() const { return read_file(place_.www() / id_ / "manifest.json"); }
    Result<http::Response> begin(std::string_view name = "manifest.json",
                                 std::string_view text = "{}") {
        list_ = artifacts::to_json(std::vector<artifacts::UploadFile>{
            {.name = std::string(name), .size = text.size(), .sha256 = sha256_hex(text)}});
        return client_.post(path(), "application/json", list_, headers_);
    }
    Result<http::Response> put(std::string_view rest, std::string bytes) {
        return client_.put(path(rest), "application/octet-stream", std::move(bytes), headers_);
    }
    Result<http::Response> publish() {
        return client_.post(path("/publish"), "application/json", list_, headers_);
    }

    UploadPlace place_;
    std::string id_ = jobs::new_job_id();
    unsigned attempt_ = 1;
    http::Client client_{place_.url()};
    http::Headers headers_{{"Authorization", fmt::format("Bearer {}", kToken)}};
    std::string list_;
};

TEST_F(UploadApiTest, LetsNobodyInWithoutATokenThatItKnows) {
    for (const auto* const wrong : {"", "Bearer ", "Bearer x", "Basic a token that nobody guesses",
                                    "a token that nobody guesses"}) {
        headers_ = {{"Authorization", wrong}};
        const auto refused = begin();
        EXPECT_EQ(status(refused), 401) << wrong;
        EXPECT_EQ(refused->headers.get("WWW-Authenticate"), "Bearer");
        EXPECT_EQ(refused->headers.get("Content-Type"), "application/problem+json");
        EXPECT_EQ(status(put("/files/manifest.json?offset=0", "{}")), 401);
        EXPECT_EQ(status(publish()), 401);
    }
    EXPECT_FALSE(fs::exists(place_.www() / ".incoming"));
}

TEST_F(UploadApiTest, SaysToTheStoreThatItsTokenIsUnknown) {
    const auto store = artifacts::http_artifacts({.url = place_.url(), .token = "wrong"});
    const auto folder = place_.work();
    fs::create_directories(folder);
    std::ofstream(folder / "manifest.json") << "{}";
    const auto published = store->publish({.id = id_}, folder);
    ASSERT_FALSE(published);
    EXPECT_EQ(published.error().fault, Fault::broken);
    EXPECT_NE(published.error().message.find("no worker has this token"), std::string::npos);
    EXPECT_EQ(published.error().message.find("wrong"), std::string::npos);
}

TEST_F(UploadApiTest, LeavesEverythingElseToTheSite) {
    EXPECT_EQ(client_.get("/queue/")->text(), "the rest of the site");
}

TEST_F(UploadApiTest, SaysWhatIsThereAlready) {
    ASSERT_EQ(status(begin("manifest.json", "{}")), 200);
    ASSERT_EQ(status(put("/files/manifest.json?offset=0", "{")), 200);
    EXPECT_EQ(begin()->text(), R"({"published":false,"there":{"manifest.json":1}})");
    ASSERT_EQ(status(put("/files/manifest.json?offset=1", "}")), 200);
    ASSERT_EQ(status(publish()), 200);
    EXPECT_EQ(begin()->text(), R"({"published":true,"there":{}})");
    EXPECT_EQ(status(publish()), 200);
    EXPECT_TRUE(fs::is_empty(place_.www() / ".incoming"));
}

TEST_F(UploadApiTest, RefusesNamesAndNumbersThatAreNone) {
    ASSERT_EQ(status(begin()), 200);
    for (const auto* const rest :
         {"/files/..?offset=0", "/files/%2e%2e%2fx?offset=0", "/files/.attempt?offset=0",
          "/files/debian.log?offset=0", "/files/a%20b?offset=0", "/files/a?offset=-1",
          "/files/a?offset=", "/files/a", "/files/a?offset=99999999999999999999"}) {
        const auto refused = put(rest, "x");
        EXPECT_TRUE(status(refused) == 400 || status(refused) == 404) << rest << status(refused);
    }
    EXPECT_EQ(status(begin("../x")), 400);
    EXPECT_EQ(status(begin("no-manifest")), 400);
    EXPECT_EQ(
        status(client_.post(artifacts::upload_path(id_, 0), "application/json", list_, headers_)),
        400);
}

TEST_F(UploadApiTest, RefusesAnAttemptThatIsOver) {
    ASSERT_EQ(status(begin()), 200);
    ASSERT_EQ(status(put("/files/manifest.json?offset=0", "{}")), 200);
    ASSERT_TRUE(jobs::AttemptFence::enter(place_.www() / id_, jobs::AttemptFence::kClosed));
    EXPECT_EQ(status(publish()), 409);
    EXPECT_EQ(status(begin()), 409);
    EXPECT_FALSE(fs::exists(place_.www() / id_ / "manifest.json"));
    EXPECT_TRUE(fs::is_empty(place_.www() / ".incoming"));  // swept
}

TEST_F(UploadApiTest, KnowsNoJobThatTheServiceHasNotMade) {
    id_ = jobs::new_job_id();
    EXPECT_EQ(status(begin()), 404);
    EXPECT_EQ(status(put("/files/manifest.json?offset=0", "{}")), 404);
}

TEST_F(UploadApiTest, LeavesAJobThatIsDoneAsItIs) {
    ASSERT_EQ(upload("{1}"), 200);
    const auto list = list_;
    place_.move(id_, jobs::JobEvent::succeed);
    const auto refused = begin("manifest.json", "{2}");
    EXPECT_EQ(status(refused), 409);
    EXPECT_NE(problem(refused).detail.find("it is done"), std::string::npos);
    EXPECT_EQ(status(put("/files/manifest.json?offset=0", "{2}")), 409);
    EXPECT_EQ(status(publish()), 409);
    EXPECT_EQ(published(), "{1}");
    list_ = list;
    EXPECT_EQ(status(publish()), 200) << "its answer may have been lost";
    EXPECT_EQ(begin("manifest.json", "{1}")->text(), R"({"published":true,"there":{}})");
}

TEST_F(UploadApiTest, KnowsOnlyTheAttemptThatIsUnderWay) {
    for (const unsigned attempt : {2u, 1'000'000u}) {
        attempt_ = attempt;
        const auto refused = begin();
        EXPECT_EQ(status(refused), 409);
        EXPECT_NE(problem(refused).detail.find("its attempt is 1"), std::string::npos);
        EXPECT_EQ(status(put("/files/manifest.json?offset=0", "{}")), 409);
        EXPECT_EQ(status(publish()), 409);
    }
    EXPECT_FALSE(fs::exists(place_.www() / id_ / ".attempt")) << "nobody is fenced off";
    attempt_ = 1;
    EXPECT_EQ(upload("{}"), 200) << "the worker that builds it";
    place_.move(id_, jobs::JobEvent::lose_worker);
    EXPECT_EQ(upload("{2}"), 409);
    EXPECT_EQ(published(), "{}");
}

TEST_F(UploadApiTest, LetsAWorkerBegForNoOthersJob) {
    headers_ = {{"Authorization", fmt::format("Bearer {}", kOtherToken)}};
    const auto refused = begin();
    EXPECT_EQ(status(refused), 403);
    EXPECT_NE(problem(refused).detail.find("worker second-0123456789abcdef holds it"),
              std::string::npos);
    EXPECT_NE(problem(refused).next.find("--name"), std::string::npos);
    EXPECT_EQ(status(put("/files/manifest.json?offset=0", "{}")), 403);
    EXPECT_EQ(status(publish()), 403);
    place_.move(id_, jobs::JobEvent::succeed);
    EXPECT_EQ(status(begin()), 403) << "also when it is done";
    EXPECT_FALSE(fs::exists(place_.www() / ".incoming"));
}

TEST_F(UploadApiTest, TakesNothingForAJobThatWasNotBegunOrIsOver) {
    id_ = jobs::new_job_id();
    auto job = some_job("waits");
    job.id = id_;
    fs::create_directories(place_.www() / id_);
    ASSERT_TRUE(place_.jobs().add(job, at(0)));
    EXPECT_EQ(status(begin()), 503) << "the report that it began may be under way";
    EXPECT_EQ(status(put("/files/manifest.json?offset=0", "{}")), 503);
    EXPECT_EQ(status(publish()), 503);
    place_.give({.id = id_});
    EXPECT_EQ(status(begin()), 200);
    place_.move(id_, jobs::JobEvent::cancel);
    EXPECT_EQ(status(begin()), 409);
    EXPECT_EQ(status(put("/files/manifest.json?offset=0", "{}")), 409);
    EXPECT_EQ(status(publish()), 409);
}

TEST_F(UploadApiTest, WaitsForADatabaseThatIsAway) {
    place_.jobs().is_away = true;
    EXPECT_EQ(upload("{}"), 503);
    place_.jobs().is_away = false;
    EXPECT_EQ(upload("{}"), 200);
}

TEST(WorkerToken, IsOfTheWorkerWhoseNameBeginsItsOwn) {
    using web::is_worker_of;
    EXPECT_TRUE(is_worker_of("rack-0123456789abcdef", "rack"));
    EXPECT_TRUE(is_worker_of("rack-7-0123456789abcdef", "rack-7"));
    EXPECT_TRUE(is_worker_of("rack0123456789abcdef", "rack")) << "--name rack, without a dash";
    EXPECT_TRUE(is_worker_of("rack", "rack"));
    EXPECT_FALSE(is_worker_of("rack-7-0123456789abcdef", "rack")) << "another host";
    EXPECT_FALSE(is_worker_of("rack-0123456789abcdef", "rac"));
    EXPECT_FALSE(is_worker_of("rack-0123456789abcdef", ""));
    EXPECT_FALSE(is_worker_of("0123456789abcdef", ""));
    EXPECT_FALSE(is_worker_of("", ""));
}

TEST_F(UploadApiTest, ThrowsAwayWhatWasDamagedOnItsWay) {
    ASSERT_EQ(status(begin("manifest.json", "{}")), 200);
    ASSERT_EQ(status(put("/files/manifest.json?offset=0", "[]")), 200);
    EXPECT_EQ(status(publish()), 503);
    EXPECT_EQ(begin()->text(), R"({"published":false,"there":{}})");
    EXPECT_FALSE(fs::exists(place_.www() / id_ / "manifest.json"));
}

/// A mount namespace of the test's own, so that nothing of it is left behind.
fs::path small_disk(const fs::path& folder) {
    fs::create_directories(folder);
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("small", folder.c_str(), "tmpfs", 0, "size=4m") != 0) {
        throw std::runtime_error("this test has to be root to make a small disk");
    }
    return folder;
}

TEST(UploadDisk, SaysThatItIsFullAndPublishesNothing) {
    const TempFolder folder;
    UploadPlace place(small_disk(folder.path() / "disk"));
    const jobs::BuildOrder order{.id = jobs::new_job_id()};
    place.add_job(order.id);
    place.give(order);
    const auto out = place.work();
    fs::create_directories(out);
    std::ofstream(out / "debian.raw") << std::string(6 << 20, 'x');
    std::ofstream(out / "manifest.json") << "{}";
    const auto published = place.store().publish(order, out);
    ASSERT_FALSE(published);
    EXPECT_EQ(published.error().fault, Fault::exhausted);
    EXPECT_FALSE(fs::exists(place.www() / order.id / "manifest.json"));
    ::umount2(place.www().c_str(), MNT_DETACH);
}

}  // namespace
}  // namespace img::testing
