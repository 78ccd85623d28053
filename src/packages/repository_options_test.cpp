// What a repository's options do, by apt itself: two small archives on loopback.
#include "packages/packages.hpp"
#include "tests/support/temp_folder.hpp"

#include <cstdio>
#include <gtest/gtest.h>
#include <memory>
#include <optional>

namespace img::packages {
namespace {

namespace fs = std::filesystem;

/// Serves until its folder goes.
class Archive {
public:
    Archive() : folder_(std::in_place) {
        const std::string command = "python3 " IMG_SOURCE_DIR "/tests/support/debian_archive.py " +
                                    folder_->path().string();
        program_ = ::popen(command.c_str(), "r");
        if (program_ == nullptr || std::fscanf(program_, "%d %d", &port_, &proxy_port_) != 2) {
            throw std::runtime_error("tests/support/debian_archive.py does not start");
        }
    }
    Archive(const Archive&) = delete;
    Archive& operator=(const Archive&) = delete;
    ~Archive() {
        folder_.reset();
        ::pclose(program_);
    }

    std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
    std::string proxy_host() const { return "127.0.0.1:" + std::to_string(proxy_port_); }
    std::string requests() const { return testing::read_file(folder_->path() / "requests"); }
    Repository repository(const std::string& suite) const {
        return {.name = suite,
                .url = "http://" + host() + "/debian",
                .suite = suite,
                .components = {"main"},
                .keyring = (folder_->path() / "web/key").string(),
                .origin = "demo.ks:1"};
    }

private:
    std::optional<testing::TempFolder> folder_;
    std::FILE* program_ = nullptr;
    int port_ = 0;
    int proxy_port_ = 0;
};

class RepositoryOptions : public ::testing::Test {
protected:
    static void SetUpTestSuite() { archive_ = std::make_unique<Archive>(); }
    static void TearDownTestSuite() { archive_.reset(); }

    /// "base 1, tool 2", or what went wrong. All of it is fetched, too.
    std::string take(std::vector<Repository> repositories, std::vector<std::string> names) {
        Selection selection{.core = false};
        for (const auto& name : names) {
            selection.names.push_back({name, "demo.ks:9"});
        }
        const auto system =
            open_debian(std::move(repositories),
                        {.architecture = "amd64",
                         .scratch = work_.path() / "scratch",
                         .cache = work_.path() / "cache",
                         .log = [this](std::string_view line) { log_ += std::string(line) + "\n"; },
                         .stop = {}});
        fs::create_directories(work_.path() / "cache/packages");
        if (const auto read = system->refresh(); !read) {
            return read.error().message;
        }
        const auto solution = system->solve(selection);
        if (!solution) {
            return solution.error().message;
        }
        const auto fetched = system->fetch(*solution, [](auto, auto, const auto&) {});
        if (!fetched) {
            return fetched.error().message;
        }
        std::string text;
        for (const auto& package : solution->packages) {
            text += (text.empty() ? "" : ", ") + package.name + " " + package.version;
        }
        return text;
    }

    static std::unique_ptr<Archive> archive_;
    testing::TempFolder work_;
    std::string log_;
};

std::unique_ptr<Archive> RepositoryOptions::archive_;

TEST_F(RepositoryOptions, WithoutAnyTakeTheNewestVersion) {
    EXPECT_EQ(take({archive_->repository("one"), archive_->repository("two")}, {"tool"}),
              "base 1, tool 2");
}

TEST_F(RepositoryOptions, PriorityOutranksVersions) {
    auto one = archive_->repository("one");
    one.priority = 1;
    EXPECT_EQ(take({one, archive_->repository("two")}, {"tool", "extra"}),
              "base 1, extra 1, tool 1");
    one.priority = 99;
    EXPECT_EQ(take({one, archive_->repository("two")}, {"tool"}), "base 1, tool 2");
}

TEST_F(RepositoryOptions, ExcludedPackagesAreNotTaken) {
    auto two = archive_->repository("two");
    two.exclude_packages = {"to*"};
    EXPECT_EQ(take({archive_->repository("one"), two}, {"tool", "extra"}),
              "base 1, extra 1, tool 1");
}

TEST_F(RepositoryOptions, OnlyIncludedPackagesAreTaken) {
    auto two = archive_->repository("two");
    two.url = "http://localhost" + two.url.substr(std::string_view("http://127.0.0.1").size());
    two.include_packages = {"ext*"};
    EXPECT_EQ(take({archive_->repository("one"), two}, {"tool", "extra"}),
              "base 1, extra 1, tool 1");
    two.include_packages = {"tool"};
    EXPECT_TRUE(take({archive_->repository("one"), two}, {"extra"})
                    .contains("demo.ks:9: no repository has a package or group 'extra'"));
}

TEST_F(RepositoryOptions, CostDecidesBetweenEqualVersions) {
    auto two = archive_->repository("two");
    const auto one = archive_->repository("one");
    EXPECT_EQ(take({one, two}, {"same"}), "base 1, same 1, tool 2");  // one's depends on tool
    two.cost = 500;
    EXPECT_EQ(take({one, two}, {"same"}), "base 1, same 1");
}

TEST_F(RepositoryOptions, PasswordsOpenTheServerAndStayOutOfTheLog) {
    auto one = archive_->repository("one");
    one.url = "http://" + archive_->host() + "/private";
    EXPECT_TRUE(take({one}, {"tool"}).contains("401"));
    one.url = "http://tester:secret@" + archive_->host() + "/private";
    EXPECT_EQ(take({one}, {"tool"}), "base 1, tool 1");
    EXPECT_FALSE(log_.contains("secret")) << log_;
    EXPECT_FALSE(testing::read_file(work_.path() / "scratch/sources.list").contains("tester"));
    EXPECT_EQ(fs::status(work_.path() / "scratch/auth.conf").permissions(), fs::perms(0600));
    EXPECT_EQ(fs::status(work_.path() / "scratch/apt.conf").permissions(), fs::perms(0600));
}

TEST_F(RepositoryOptions, ProxyIsAskedWithItsPassword) {
    auto one = archive_->repository("one");
    one.url = "http://archive.example/debian";  // which only the proxy knows
    one.proxy = "http://tester:secret@" + archive_->proxy_host();
    EXPECT_EQ(take({one, archive_->repository("two")}, {"tool", "same"}), "base 1, same 1, tool 2");
    EXPECT_TRUE(archive_->requests().contains(
        "proxy http://archive.example/debian/dists/one/InRelease Basic dGVzdGVyOnNlY3JldA=="));
    EXPECT_FALSE(archive_->requests().contains("proxy http://127"));
    EXPECT_FALSE(log_.contains("secret")) << log_;
}

TEST_F(RepositoryOptions, MirrorsAreTriedOneAfterTheOther) {
    auto one = archive_->repository("one");
    one.url.clear();
    one.mirrorlist = "http://" + archive_->host() + "/mirrors";
    EXPECT_EQ(take({one}, {"tool"}), "base 1, tool 1");
    // A list has a host to tell it by, as any repository has.
    one.exclude_packages = {"tool"};
    auto two = archive_->repository("two");
    two.url = "http://localhost" + two.url.substr(std::string_view("http://127.0.0.1").size());
    EXPECT_EQ(take({one, two}, {"tool"}), "base 1, tool 2");
}

TEST_F(RepositoryOptions, KeyComesFromAUrl) {
    auto one = archive_->repository("one");
    one.keyring = "http://" + archive_->host() + "/key";
    EXPECT_EQ(take({one}, {"tool"}), "base 1, tool 1");
    one.keyring = "http://" + archive_->host() + "/page";
    EXPECT_TRUE(take({one}, {"tool"}).contains("no OpenPGP public key"));
    one.keyring = "http://" + archive_->host() + "/nothing";
    EXPECT_TRUE(take({one}, {"tool"}).contains("demo.ks:1: the key of repository one: it cannot"));
    one.keyring = "http://archive.example/key";
    EXPECT_TRUE(take({one}, {"tool"}).contains("over plain http it could be anyone's"));
    one.keyring.clear();
    EXPECT_TRUE(take({one}, {"tool"}).contains("signature is not good"));
}

}  // namespace
}  // namespace img::packages
