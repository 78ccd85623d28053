#include "system/sandbox.hpp"

#include "system/process_runner.hpp"

#include <chrono>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace img::system {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

std::string read_all(const Fd& fd) {
    std::string text;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(fd.get(), buffer, sizeof buffer)) > 0;) {
        text.append(buffer, static_cast<std::size_t>(got));
    }
    return text;
}

void say(const Fd& channel, const std::string& text) {
    (void)!::write(channel.get(), text.data(), text.size());
}

/// What `script` prints when a shell inside runs it.
std::string inside(const SandboxOptions& options, const char* script) {
    auto sandbox = Sandbox::start(options, [&](Fd channel) {
        ProcessRunner runner;
        const auto said = runner.run({.argv = {"/bin/sh", "-c", script}, .captured = true});
        say(channel, said ? *said : said.error().message);
        return 0;
    });
    if (!sandbox) {
        return sandbox.error().message;
    }
    const std::string text = read_all(sandbox->output());
    EXPECT_EQ(sandbox->wait(), 0);
    return text;
}

TEST(Sandbox, IsProcessOneAndRootOfItsNamespaces) {
    auto sandbox = Sandbox::start({}, [](Fd channel) {
        say(channel, ::getpid() == 1 && ::getuid() == 0 ? "yes" : "no");
        return 7;
    });
    ASSERT_TRUE(sandbox) << sandbox.error().message;
    EXPECT_EQ(read_all(sandbox->output()), "yes");
    EXPECT_EQ(sandbox->wait(), 7);
}

TEST(Sandbox, SeesNothingOfTheMachineButWhatIsShared) {
    const auto folder = fs::temp_directory_path() / "img-sandbox-test";
    fs::create_directories(folder);
    std::ofstream(folder / "file") << "shared";
    EXPECT_EQ(
        inside({.shared = {{folder, "/given"}}}, "cat /given/file; ls -A /root /tmp /home 2>&1; :"),
        "sharedls: cannot access '/home': No such file or directory\n/root:\n\n/tmp:\n");
    EXPECT_TRUE(inside({.shared = {{folder, "/given"}}}, "exec 2>&1; touch /given/x /usr/x; :")
                    .contains("Read-only file system"));
    EXPECT_EQ(inside({.shared = {{folder, "/given", true}}}, "touch /given/made; echo done"),
              "done\n");
    EXPECT_TRUE(fs::exists(folder / "made"));
    fs::remove_all(folder);
}

TEST(Sandbox, HasTheDevicesAndProcThatProgramsExpect) {
    EXPECT_EQ(
        inside({},
               "echo x > /dev/null; head -c2 /dev/zero | wc -c; test -e /proc/1/stat && echo proc"),
        "2\nproc\n");
}

TEST(Sandbox, GivesAFolderInMemoryOfTheSizeThatWasAsked) {
    const SandboxOptions options{.shared = {}, .memory_folder = "/build", .memory_bytes = 8 << 20};
    EXPECT_TRUE(inside(options, "exec 2>&1; head -c 9000000 /dev/zero > /build/f; :")
                    .contains("No space left"));
}

TEST(Sandbox, LeavesTheNetworkForGood) {
    auto sandbox = Sandbox::start({}, [](Fd channel) {
        const auto left = leave_network();
        std::ifstream devices("/proc/self/net/dev");
        std::ostringstream text;
        text << devices.rdbuf();
        say(channel, left ? text.str() : left.error().message);
        return 0;
    });
    ASSERT_TRUE(sandbox) << sandbox.error().message;
    const std::string devices = read_all(sandbox->output());
    EXPECT_TRUE(devices.contains("lo:"));
    EXPECT_FALSE(devices.contains("eth0"));
}

TEST(Sandbox, TakesEveryProcessAlongWhenItIsKilled) {
    const std::string mark = "61.0" + std::to_string(::getpid());  // finds our sleepers again
    auto sandbox = Sandbox::start({}, [&](Fd channel) {
        ProcessRunner runner([&](std::string_view) { say(channel, "!"); });
        (void)runner.run(
            {.argv = {"/bin/sh", "-c",
                      "setsid sleep " + mark + " & sleep " + mark + " & echo go; wait"}});
        return 0;
    });
    ASSERT_TRUE(sandbox) << sandbox.error().message;
    char go = 0;
    ASSERT_EQ(::read(sandbox->output().get(), &go, 1), 1);
    const auto sleepers = [&] {
        ProcessRunner runner;
        const auto found =
            runner.finish({.argv = {"pgrep", "-cf", "^sleep " + mark}, .captured = true});
        return std::stoi(found.value().output);
    };
    EXPECT_EQ(sleepers(), 2);
    const auto begin = std::chrono::steady_clock::now();
    sandbox->kill();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
    EXPECT_EQ(sleepers(), 0);
}

TEST(Sandbox, SaysWhichSharedFolderIsNotThere) {
    const auto sandbox =
        Sandbox::start({.shared = {{"/no/such/folder", "/x"}}}, [](Fd) { return 0; });
    ASSERT_FALSE(sandbox);
    EXPECT_EQ(sandbox.error().fault, Fault::missing);
    EXPECT_TRUE(sandbox.error().message.contains("/no/such/folder"));
}

}  // namespace
}  // namespace img::system
