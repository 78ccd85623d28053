#include "artifacts/artifacts.hpp"
#include "jobs/attempt_fence.hpp"
#include "tests/support/temp_folder.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <iterator>

namespace img::artifacts {
namespace {

namespace fs = std::filesystem;

class FileArtifactsTest : public ::testing::Test {
protected:
    FileArtifactsTest() {
        fs::create_directories(target());
        write(target() / "debian.log", "the log");
        write(target() / "debian.ks", "the kickstart");
    }

    static void write(const fs::path& path, const std::string& text) {
        fs::create_directories(path.parent_path());
        std::ofstream(path) << text;
    }
    static std::string read(const fs::path& path) {
        std::ifstream in(path);
        return {std::istreambuf_iterator(in), {}};
    }
    fs::path target() const { return folder_.path() / "www" / order_.id; }
    fs::path made(const std::string& text) const {
        const auto out = folder_.path() / "work" / text;
        write(out / "debian.raw", text);
        write(out / "manifest.json", "{" + text + "}");
        return out;
    }

    testing::TempFolder folder_;
    jobs::BuildOrder order_{.id = jobs::new_job_id(), .request = {.name = "debian"}};
    std::unique_ptr<ArtifactStore> store_ = file_artifacts(folder_.path() / "www");
};

TEST_F(FileArtifactsTest, PublishesWhatTheBuildMade) {
    ASSERT_TRUE(store_->publish(order_, made("one")));
    EXPECT_EQ(read(target() / "debian.raw"), "one");
    EXPECT_EQ(read(target() / "manifest.json"), "{one}");
}

TEST_F(FileArtifactsTest, RefusesAnAttemptThatIsOver) {
    ASSERT_TRUE(jobs::AttemptFence::enter(target(), 2));
    const auto published = store_->publish(order_, made("stale"));
    ASSERT_FALSE(published);
    EXPECT_EQ(published.error().fault, Fault::invalid);
    EXPECT_FALSE(fs::exists(target() / "debian.raw"));
    order_.attempt = 2;
    EXPECT_TRUE(store_->publish(order_, made("good")));
    EXPECT_EQ(read(target() / "debian.raw"), "good");
}

TEST_F(FileArtifactsTest, LeavesTheServicesOwnFilesAndAllButPlainFilesAlone) {
    const auto out = made("one");
    write(out / "debian.log", "forged");
    write(out / "debian.ks", "forged");
    write(out / ".attempt", "9999999999");
    write(out / "sub" / "file", "x");
    fs::create_symlink("/etc/passwd", out / "link.raw");
    ASSERT_TRUE(store_->publish(order_, out));
    EXPECT_EQ(read(target() / "debian.log"), "the log");
    EXPECT_EQ(read(target() / "debian.ks"), "the kickstart");
    EXPECT_FALSE(fs::exists(target() / "sub"));
    EXPECT_FALSE(fs::exists(fs::symlink_status(target() / "link.raw")));
    EXPECT_TRUE(jobs::AttemptFence::enter(target(), 1));
}

TEST_F(FileArtifactsTest, SaysThatTheFolderIsOnAnotherFileSystem) {
    const fs::path memory = "/dev/shm";
    char name[] = "/dev/shm/img-test-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr) << "this test wants a second file system at " << memory;
    write(fs::path(name) / "manifest.json", "{}");
    const auto published = store_->publish(order_, name);
    fs::remove_all(name);
    ASSERT_FALSE(published);
    EXPECT_NE(published.error().message.find("another file system"), std::string::npos);
}

}  // namespace
}  // namespace img::artifacts
