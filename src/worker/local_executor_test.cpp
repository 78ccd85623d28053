#include "worker/local_executor.hpp"

#include "tests/support/temp_folder.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace img::worker {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// A shell script stands in for the img program. It is called as
/// `img build KS -t TYPE -n NAME … -o OUT --json` and finds the folder of the build in $PIDS.
class LocalExecutorTest : public ::testing::Test {
protected:
    LocalExecutor executor(const std::string& script,
                           std::chrono::seconds timeout = std::chrono::seconds(60)) {
        const auto program = folder_.path() / "img";
        std::ofstream(program) << "#!/bin/sh\nPIDS=" << pids().native() << "\n" << script;
        fs::permissions(program, fs::perms::owner_all);
        return LocalExecutor({.program = program, .timeout = timeout});
    }
    Outcome build(const std::string& script, std::stop_token stop = {}) {
        return executor(script).build(task(), [this](const engine::Event& e) { hear(e); }, stop);
    }
    BuildTask task() const {
        const auto folder = folder_.path() / "task";
        fs::create_directories(folder);
        return {.order = {.id = jobs::new_job_id(),
                          .request = {.name = "debian",
                                      .image_type = "raw",
                                      .kickstart = "part /\n",
                                      .overlay = "-nano,vim"}},
                .folder = folder};
    }
    void hear(const engine::Event& event) {
        if (const auto* logged = std::get_if<engine::Logged>(&event)) {
            log_ += logged->line + "\n";
        } else if (const auto* progressed = std::get_if<engine::Progressed>(&event)) {
            stages_.emplace_back(engine::to_text(progressed->stage));
        }
    }
    fs::path pids() const { return folder_.path() / "pids"; }

    /// Of the processes that wrote their number down, those that are still there.
    std::vector<pid_t> alive() const {
        std::vector<pid_t> left;
        std::ifstream in(pids());
        for (pid_t pid = 0; in >> pid;) {
            if (::kill(pid, 0) == 0) {
                left.push_back(pid);
            }
        }
        return left;
    }
    std::size_t written() const {
        std::ifstream in(pids());
        return static_cast<std::size_t>(
            std::count(std::istreambuf_iterator(in), std::istreambuf_iterator<char>(), '\n'));
    }
    bool wait_for_pids(std::size_t count) const {
        for (int i = 0; i < 2000 && written() < count; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        return written() >= count;
    }

    testing::TempFolder folder_;
    std::string log_;
    std::vector<std::string> stages_;
};

/// Ignores SIGTERM, and so do a child, a grandchild that forked twice, and one in a session of
/// its own that holds on to standard output.
const std::string kStubborn = R"sh(
trap '' TERM HUP INT
echo $$ >> $PIDS
loop='trap "" TERM HUP INT; echo $$ >> '$PIDS'; while :; do sleep 0.05; done'
sh -c "$loop" &
(setsid sh -c "$loop" &)
sh -c "(sh -c '$loop' &)"
while :; do sleep 0.05; done
)sh";

TEST_F(LocalExecutorTest, PassesOnWhatTheProgramSays) {
    const auto outcome = build(R"sh(
echo '{"event":"progress","stage":"fetch","done":1,"total":2,"unit":"packages","text":"x"}'
echo '{"event":"log","line":"Setting up libc6"}'
echo 'no event at all'
echo 'from standard error' >&2
sleep 0.1
printf '{"event":"finished","image":"debian.raw","folder":"/out"}'
)sh");
    ASSERT_TRUE(std::holds_alternative<engine::Finished>(outcome));
    EXPECT_EQ(std::get<engine::Finished>(outcome).image, "debian.raw");
    EXPECT_EQ(std::get<engine::Finished>(outcome).folder, "/out");
    EXPECT_EQ(stages_, std::vector<std::string>{"fetch"});
    EXPECT_NE(log_.find("Setting up libc6\nno event at all\n"), std::string::npos) << log_;
    EXPECT_NE(log_.find("from standard error\n"), std::string::npos) << log_;
}

TEST_F(LocalExecutorTest, CallsTheProgramWithTheKickstartAndTheWishes) {
    const auto one = task();
    EXPECT_EQ(build_arguments("/usr/bin/img", one),
              (std::vector<std::string>{
                  "/usr/bin/img", "build", (one.folder / "debian.ks").native(), "-t", "raw", "-n",
                  "debian", "--overlay=-nano,vim", "-o", (one.folder / "out").native(), "--json"}));
    build("cat \"$2\"; ls -d \"${9}\"; ls /proc/$$/fd; pwd\n");
    EXPECT_NE(log_.find("part /\n"), std::string::npos);
    EXPECT_NE(log_.find("\nout\n"), std::string::npos) << log_;
}

TEST_F(LocalExecutorTest, LeavesItsOwnFolderOutOfWhatIsSaid) {
    const auto outcome = build(R"sh(
echo "{\"event\":\"log\",\"line\":\"$2:1: note: x\"}"
echo "$2:1: from standard error" >&2
echo "{\"event\":\"failed\",\"stage\":\"plan\",\"fault\":\"invalid\",\"error\":\"$2:1:1: $2\"}"
exit 1
)sh");
    ASSERT_TRUE(std::holds_alternative<engine::Failed>(outcome));
    EXPECT_EQ(std::get<engine::Failed>(outcome).error.message, "debian.ks:1:1: debian.ks");
    EXPECT_NE(log_.find("debian.ks:1: note: x\n"), std::string::npos) << log_;
    EXPECT_NE(log_.find("debian.ks:1: from standard error\n"), std::string::npos) << log_;
    EXPECT_EQ(log_.find(folder_.path().native()), std::string::npos) << log_;
}

TEST_F(LocalExecutorTest, SaysWhyABuildFailed) {
    auto outcome = build(
        R"sh(echo '{"event":"failed","stage":"scripts","fault":"broken","error":"exit 3"}'; exit 6)sh");
    ASSERT_TRUE(std::holds_alternative<engine::Failed>(outcome));
    EXPECT_EQ(std::get<engine::Failed>(outcome).stage, engine::Stage::scripts);
    EXPECT_EQ(std::get<engine::Failed>(outcome).error.message, "exit 3");

    outcome = build("echo 'terminate called' >&2; exit 134\n");
    ASSERT_TRUE(std::holds_alternative<engine::Failed>(outcome));
    EXPECT_NE(std::get<engine::Failed>(outcome).error.message.find("terminate called"),
              std::string::npos);
    outcome = build("exit 0\n");
    EXPECT_NE(std::get<engine::Failed>(outcome).error.message.find("without saying"),
              std::string::npos);
    EXPECT_EQ(std::get<engine::Failed>(
                  LocalExecutor({.program = "/nowhere/img"}).build(task(), [](const auto&) {}, {}))
                  .error.fault,
              Fault::missing);
}

TEST_F(LocalExecutorTest, CallsABuildThatWasKilledStoppedSoThatItIsTriedAgain) {
    EXPECT_TRUE(std::holds_alternative<Stopped>(build("kill -9 $$\n")));
}

TEST_F(LocalExecutorTest, LeavesNoProcessTwoSecondsAfterACancel) {
    std::stop_source stop;
    Clock::time_point asked;
    std::jthread canceller([&] {
        EXPECT_TRUE(wait_for_pids(4));
        asked = Clock::now();
        stop.request_stop();
    });
    const auto outcome = build(kStubborn, stop.get_token());
    const auto took = Clock::now() - asked;
    EXPECT_TRUE(std::holds_alternative<Stopped>(outcome));
    EXPECT_EQ(written(), 4u);
    EXPECT_TRUE(alive().empty());
    EXPECT_LT(took, std::chrono::seconds(2));
    EXPECT_GT(took, std::chrono::milliseconds(500))
        << "it was not stubborn: the test shows nothing";
}

TEST_F(LocalExecutorTest, EndsAPoliteProgramAtOnce) {
    std::stop_source stop;
    Clock::time_point asked;
    std::jthread canceller([&] {
        EXPECT_TRUE(wait_for_pids(1));
        asked = Clock::now();
        stop.request_stop();
    });
    const auto outcome = build("echo $$ >> $PIDS; exec sleep 60\n", stop.get_token());
    EXPECT_TRUE(std::holds_alternative<Stopped>(outcome));
    EXPECT_LT(Clock::now() - asked, std::chrono::milliseconds(500));
}

TEST_F(LocalExecutorTest, TakesWithItWhatAFinishedProgramLeftBehind) {
    const auto outcome = build(R"sh(
(setsid sh -c 'echo $$ >> '$PIDS'; exec sleep 60' &)
while [ ! -s $PIDS ]; do sleep 0.01; done
echo '{"event":"finished","image":"debian.raw","folder":"/out"}'
)sh");
    EXPECT_TRUE(std::holds_alternative<engine::Finished>(outcome));
    EXPECT_EQ(written(), 1u);
    EXPECT_TRUE(alive().empty());
}

TEST_F(LocalExecutorTest, StopsABuildThatTakesTooLong) {
    auto slow = executor(kStubborn, std::chrono::seconds(1));
    const auto outcome = slow.build(task(), [](const auto&) {}, {});
    ASSERT_TRUE(std::holds_alternative<engine::Failed>(outcome));
    EXPECT_EQ(std::get<engine::Failed>(outcome).error.fault, Fault::exhausted);
    EXPECT_TRUE(alive().empty());
}

TEST_F(LocalExecutorTest, TakesEverythingWithItWhenItIsKilled) {
    auto stubborn = executor(kStubborn);
    const auto one = task();
    const pid_t service = ::fork();
    if (service == 0) {
        stubborn.build(one, [](const auto&) {}, {});
        ::_exit(0);
    }
    ASSERT_TRUE(wait_for_pids(4));
    ::kill(service, SIGKILL);
    ::waitpid(service, nullptr, 0);
    for (int i = 0; i < 400 && !alive().empty(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_TRUE(alive().empty());
}

TEST_F(LocalExecutorTest, CutsALineWithoutEnd) {
    build("head -c 200000 /dev/zero | tr '\\0' x\n");
    EXPECT_EQ(std::ranges::count(log_, 'x'), 200000);
    EXPECT_GE(std::ranges::count(log_, '\n'), 3);
}

}  // namespace
}  // namespace img::worker
