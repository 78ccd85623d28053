// The suite of artefact stores on a folder and on a real S3 server; that of imgd's uploads is in
// web/.
#include "artifacts/s3_artifacts.hpp"
#include "artifacts/s3_signature.hpp"
#include "http/client.hpp"
#include "tests/support/artifact_store_suite.hpp"
#include "tests/support/cutting_proxy.hpp"
#include "tests/support/s3_server.hpp"

#include <fmt/format.h>

namespace img::testing {
namespace {

namespace fs = std::filesystem;
using artifacts::Published;
using artifacts::S3ClientOptions;
using namespace std::literals;

class FilePlace : public ArtifactPlace {
public:
    artifacts::ArtifactStore& store() override { return *store_; }
    void add_job(const std::string& id) override { fs::create_directories(www() / id); }
    bool refuses_stale() const override { return true; }
    fs::path work() const override { return folder_.path() / "work"; }
    std::map<std::string, std::string> found(const jobs::BuildOrder& order,
                                             const Published& published) override {
        EXPECT_EQ(published.place, "");
        std::map<std::string, std::string> files;
        for (const auto& entry : fs::directory_iterator(www() / order.id)) {
            if (entry.path().filename() != ".attempt") {
                files[entry.path().filename()] = read_file(entry.path());
            }
        }
        return files;
    }

private:
    fs::path www() const { return folder_.path() / "www"; }

    TempFolder folder_;
    std::unique_ptr<artifacts::ArtifactStore> store_ = artifacts::file_artifacts(www());
};

std::unique_ptr<ArtifactPlace> make_folder() {
    return std::make_unique<FilePlace>();
}

INSTANTIATE_TEST_SUITE_P(File, ArtifactStoreSuite, ::testing::Values(make_folder));

class BucketPlace : public NetworkPlace {
public:
    BucketPlace() : proxy_(server_.port()) { store_ = artifacts::s3_artifacts(options()); }

    artifacts::ArtifactStore& store() override { return *store_; }
    void add_job(const std::string&) override {}  // nothing has to be there
    bool refuses_stale() const override { return false; }
    fs::path work() const override { return folder_.path(); }
    std::map<std::string, std::string> found(const jobs::BuildOrder& order,
                                             const Published& published) override;
    void cut_after(std::int64_t bytes) override { proxy_.cut_after = bytes; }
    unsigned cuts() const override { return proxy_.cuts; }
    std::uint64_t bytes_sent() const override { return proxy_.sent; }
    void crash() override {
        server_.restart();
        proxy_.target = server_.port();
    }

    S3ClientOptions options() const {
        return {.place = {.bucket = S3Server::kBucket,
                          .prefix = "img/",
                          .endpoint = fmt::format("http://127.0.0.1:{}", proxy_.port()),
                          .region = "us-east-1"},
                .credentials = {.key_id = S3Server::kKeyId, .secret = S3Server::kSecret},
                .tries = 5,
                .pause = 50ms};
    }

private:
    TempFolder folder_;
    S3Server server_;
    CuttingProxy proxy_;
    std::unique_ptr<artifacts::ArtifactStore> store_;
};

/// Lists the bucket, and fetches each object by a link that imgd would give.
std::map<std::string, std::string> BucketPlace::found(const jobs::BuildOrder& order,
                                                      const Published& published) {
    const auto prefix = fmt::format("img/{}/{}/", order.id, order.attempt);
    EXPECT_EQ(published.place, fmt::format("s3://images/{}", prefix));
    http::Client client(server_.endpoint(), {.timeout = 60s});
    auto place = options().place;
    place.endpoint = server_.endpoint();
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const auto list = client.get("/images?prefix=" + prefix);
    std::map<std::string, std::string> files;
    std::string_view rest = list->text();
    for (auto at = rest.find("<Key>"); at != std::string_view::npos; at = rest.find("<Key>")) {
        rest.remove_prefix(at + 5 + prefix.size());
        const std::string name(rest.substr(0, rest.find('<')));
        const auto path = artifacts::object_path(place, published.place, name).value();
        const auto url = artifacts::presigned_url(place, options().credentials, path, 1h, now);
        std::string bytes;
        const auto take = [&](std::string_view piece) {
            bytes += piece;
            return true;
        };
        const auto answer = client.follow(url.substr(place.endpoint.size()), take);
        EXPECT_EQ(answer ? answer->status : 0, 200) << url;
        files[name] = std::move(bytes);
    }
    EXPECT_EQ(files["manifest.json"], published.manifest);
    return files;
}

template <typename Place>
std::unique_ptr<Place> make_bucket() {
    return std::make_unique<BucketPlace>();
}

INSTANTIATE_TEST_SUITE_P(S3, ArtifactStoreSuite, ::testing::Values(make_bucket<ArtifactPlace>));
INSTANTIATE_TEST_SUITE_P(S3, NetworkStoreSuite, ::testing::Values(make_bucket<NetworkPlace>));

}  // namespace
}  // namespace img::testing
