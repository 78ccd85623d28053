#include "system/process_runner.hpp"

#include <chrono>
#include <csignal>
#include <fstream>
#include <gtest/gtest.h>
#include <thread>

namespace img::system {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> sh(const char* script) {
    return {"/bin/sh", "-c", script};
}

TEST(ProcessRunner, ReturnsWhatACommandSaysAndKeepsItOutOfTheLog) {
    std::string log;
    ProcessRunner runner([&](std::string_view line) { log += line; });
    EXPECT_EQ(runner.run({.argv = {"echo", "a b"}, .captured = true}).value(), "a b\n");
    EXPECT_EQ(log, "");
}

TEST(ProcessRunner, LogsLineByLineWhatIsNotCaptured) {
    std::vector<std::string> log;
    ProcessRunner runner([&](std::string_view line) { log.emplace_back(line); });
    ASSERT_TRUE(runner.run({.argv = sh("echo one; printf 'two\\rthree\\nlast'")}));
    EXPECT_EQ(log, (std::vector<std::string>{"one", "two", "three", "last"}));
}

TEST(ProcessRunner, KeepsATranscriptOfBothStreamsBesideTheLog) {
    const auto file =
        std::filesystem::temp_directory_path() / ("img-transcript-" + std::to_string(::getpid()));
    std::string log;
    ProcessRunner runner([&](std::string_view line) { log += line; });
    ASSERT_TRUE(runner.finish(
        {.argv = sh("echo one; sleep 0.1; echo two >&2; exit 3"), .transcript = file}));
    std::ifstream stream(file);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}), "one\ntwo\n");
    EXPECT_EQ(log, "onetwo");
    std::filesystem::remove(file);
    EXPECT_EQ(
        runner.finish({.argv = sh("true"), .transcript = "/no/such/folder/x"}).error().message,
        "/bin/sh: cannot write its transcript /no/such/folder/x");
}

TEST(ProcessRunner, SaysHowACommandFailedWithItsLastWords) {
    ProcessRunner runner;
    const auto failed = runner.run({.argv = sh("echo out; echo no such disk >&2; exit 3")});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().fault, Fault::broken);
    EXPECT_TRUE(failed.error().message.starts_with("/bin/sh: exit 3: ")) << failed.error().message;
    EXPECT_TRUE(failed.error().message.contains("no such disk"));
    EXPECT_EQ(runner.finish({.argv = sh("kill -TERM $$")}).value().status, 128 + SIGTERM);
}

TEST(ProcessRunner, NamesAProgramThatIsNotThere) {
    ProcessRunner runner;
    const auto failed = runner.run({.argv = {"img-no-such-program"}});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().fault, Fault::missing);
    EXPECT_TRUE(failed.error().message.starts_with("img-no-such-program: no such program"));
}

TEST(ProcessRunner, FeedsStandardInputLargerThanAPipe) {
    ProcessRunner runner;
    const std::string input(1 << 20, 'x');
    const Command count{.argv = {"wc", "-c"}, .input = input, .captured = true};
    EXPECT_EQ(runner.run(count).value(), "1048576\n");
}

TEST(ProcessRunner, PassesOnlyTheEnvironmentItWasGiven) {
    ::setenv("IMG_TEST_SECRET", "leaks", 1);
    ProcessRunner runner;
    Command print{.argv = {"env"}, .environment = {"A=1", "LC_ALL=de_DE.UTF-8"}, .captured = true};
    const std::string environment = runner.run(print).value();
    EXPECT_FALSE(environment.contains("IMG_TEST_SECRET"));
    EXPECT_TRUE(environment.contains("A=1\n"));
    EXPECT_TRUE(environment.contains("LC_ALL=de_DE.UTF-8\n"));
    EXPECT_FALSE(environment.contains("C.UTF-8"));
    print.bare = true;
    EXPECT_EQ(runner.run(print).value(), "A=1\nLC_ALL=de_DE.UTF-8\n");
}

TEST(ProcessRunner, GivesEveryCommandItsOwnWordsUnderThoseOfTheCommand) {
    ProcessRunner runner({}, {}, {"WHEN=1", "WHO=all"});
    Command print{.argv = {"env"}, .environment = {"WHO=me"}, .captured = true};
    const std::string environment = runner.run(print).value();
    EXPECT_TRUE(environment.contains("WHEN=1\n")) << environment;
    EXPECT_TRUE(environment.contains("WHO=me\n")) << environment;
    EXPECT_FALSE(environment.contains("WHO=all")) << environment;
    print.bare = true;
    EXPECT_FALSE(runner.run(print).value().contains("WHEN"));
}

TEST(ProcessRunner, EndsACommandPastItsTimeout) {
    ProcessRunner runner;
    const auto failed = runner.run({.argv = {"sleep", "60"}, .timeout = 1s});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().fault, Fault::exhausted);
}

TEST(ProcessRunner, DoesNotWaitForADaemonThatHoldsItsOutputOpen) {
    ProcessRunner runner;
    const auto begin = std::chrono::steady_clock::now();
    ASSERT_TRUE(runner.run({.argv = sh("sleep 60 & echo done")}));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

TEST(ProcessRunner, KillsTheWholeGroupWhenItIsStopped) {
    std::stop_source stop;
    std::string child;
    ProcessRunner runner(
        [&](std::string_view line) {
            child = line;
            stop.request_stop();
        },
        stop.get_token());
    const auto failed = runner.run({.argv = sh("sleep 60 & echo $!; wait")});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().message, "/bin/sh was stopped");
    const pid_t pid = std::stoi(child);
    const auto gone = [&] {
        std::ifstream status("/proc/" + std::to_string(pid) + "/stat");
        std::string line;
        return !std::getline(status, line) || line.contains(") Z ");
    };
    for (int i = 0; i < 100 && !gone(); ++i) {
        std::this_thread::sleep_for(20ms);
    }
    EXPECT_TRUE(gone()) << "process " << pid << " is still there";
}

}  // namespace
}  // namespace img::system
