#include "rootfs/scripts.hpp"

#include "tests/support/recording_runner.hpp"
#include "tests/support/temp_tree.hpp"
#include "tree/tree.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace img::rootfs {
namespace {

using tree::Tree;

using Words = std::vector<std::string>;

/// Looks at the script's file at the moment of its run, and plays its output into the transcript.
class ScriptWatcher : public testing::RecordingRunner {
public:
    Result<system::Finished> finish(const system::Command& command) override {
        const std::filesystem::path file = command.argv.back();
        const auto seen = command.root.empty() ? file : command.root / file.relative_path();
        std::ifstream stream(seen);
        bodies.emplace_back(std::istreambuf_iterator<char>(stream),
                            std::istreambuf_iterator<char>());
        struct stat info = {};
        modes.push_back(::stat(seen.c_str(), &info) == 0 ? info.st_mode & 07777 : 0);
        if (!command.transcript.empty()) {
            std::ofstream(command.transcript) << "what it said\n";
        }
        return RecordingRunner::finish(command);
    }
    Words bodies;
    std::vector<unsigned> modes;
};

class ScriptsTest : public ::testing::Test {
protected:
    ScriptsTest() {
        std::filesystem::create_directory(scratch);
        temp.put("/bin/sh", "", true);
    }
    static kickstart::Script script(std::string body) {
        return {.body = std::move(body), .where = {"demo.ks", 40, 1}};
    }
    static kickstart::Script script(kickstart::ScriptKind kind, std::string body) {
        return {.kind = kind, .body = std::move(body), .where = {"demo.ks", 40, 1}};
    }
    Tree tree() const { return Tree::open(temp.folder).value(); }
    ScriptSettings settings() const {
        return {.image_name = "demo", .scratch = scratch, .epoch = 7};
    }
    system::LineSink sink() {
        return [this](std::string_view line) { log += line; };
    }
    Result<void> run(const std::vector<kickstart::Script>& scripts) {
        return run_post_scripts(runner, tree(), scripts, settings(), sink());
    }
    unsigned mode_of(const std::filesystem::path& path) const {
        struct stat info = {};
        return ::stat((temp.folder / path).c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
    }

    testing::TempTree temp;
    std::filesystem::path scratch = temp.beside / "scratch";
    ScriptWatcher runner;
    std::string log;
};

TEST_F(ScriptsTest, RunInTheTreeWithTheEnvironmentOfTheOriginal) {
    ASSERT_TRUE(run({script("echo one\r\necho two\r\n")}));
    ASSERT_EQ(runner.commands.size(), 1u);
    const auto& command = runner.commands[0];
    EXPECT_EQ(command.argv, (Words{"/bin/sh", "/tmp/ks-script-40"}));
    EXPECT_EQ(command.root, temp.folder);
    EXPECT_TRUE(command.bare);
    EXPECT_EQ(command.environment,
              (Words{"PATH=/bin:/sbin:/usr/bin:/usr/sbin:/usr/local/bin:/usr/local/sbin",
                     "SOURCE_DATE_EPOCH=7"}));
    EXPECT_EQ(runner.bodies, Words{"echo one\necho two\n"});
    EXPECT_EQ(runner.modes, std::vector<unsigned>{0700});
}

TEST_F(ScriptsTest, LeaveNoFileAndATmpForEveryone) {
    temp.put("/tmp/old");
    ASSERT_TRUE(run({script("true\n")}));
    EXPECT_EQ(Tree::open(temp.folder).value().list("/tmp"), Words{"old"});
    struct stat info = {};
    ASSERT_EQ(::stat((temp.folder / "tmp").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 01777u);
}

TEST_F(ScriptsTest, RunBesideTheTreeWithItsPathAndTheImagesName) {
    auto outside = script("touch $INSTALL_ROOT/x\n");
    outside.in_tree = false;
    ASSERT_TRUE(run({outside}));
    const auto& command = runner.commands[0];
    EXPECT_TRUE(command.root.empty());
    EXPECT_EQ(command.argv[1], (scratch / "ks-script-40").string());
    EXPECT_EQ(command.environment[2], "INSTALL_ROOT=" + temp.folder.string());
    EXPECT_EQ(command.environment[3], "IMG_NAME=demo");
    EXPECT_EQ(runner.bodies, Words{"touch $INSTALL_ROOT/x\n"});
    EXPECT_TRUE(std::filesystem::is_empty(scratch));
}

TEST_F(ScriptsTest, EndTheBuildWithTheirLineAndExitWhenToldTo) {
    auto strict = script("exit 3\n");
    strict.error_on_fail = true;
    runner.answer = system::Finished{.status = 3, .tail = "cp: no such file"};
    const auto done = run({strict, script("never\n")});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().fault, Fault::broken);
    EXPECT_EQ(done.error().message, "%post (demo.ks:40): exit 3\ncp: no such file");
    EXPECT_EQ(runner.commands.size(), 1u);
}

TEST_F(ScriptsTest, OtherwiseFailWithAWarningAndGoOn) {
    runner.answer = system::Finished{.status = 3, .tail = "cp: no such file"};
    ASSERT_TRUE(run({script("exit 3\n"), script("true\n")}));
    EXPECT_TRUE(log.starts_with("warning: %post (demo.ks:40): exit 3")) << log;
    EXPECT_EQ(runner.commands.size(), 2u);
}

TEST_F(ScriptsTest, StopTheBuildWhenTheyCannotBeRunAtAll) {
    runner.answer = fail(Fault::exhausted, "/bin/sh took longer than 3600 s and was ended");
    const auto done = run({script("sleep 9999\n")});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().fault, Fault::exhausted);
    EXPECT_EQ(done.error().message,
              "%post (demo.ks:40): /bin/sh took longer than 3600 s and was ended");
    EXPECT_TRUE(Tree::open(temp.folder).value().list("/tmp").empty());
}

TEST_F(ScriptsTest, SayWhichInterpreterIsMissing) {
    auto python = script("print(1)\n");
    python.interpreter = "/usr/bin/python3";
    python.error_on_fail = true;
    EXPECT_EQ(run({python}).error().message,
              "%post (demo.ks:40): the image has no /usr/bin/python3; add its package to "
              "%packages");
    EXPECT_TRUE(runner.commands.empty());
}

TEST_F(ScriptsTest, BesideTheTreeFailLikeOthersForWantOfAnInterpreter) {
    auto outside = script("print(1)\n");
    outside.in_tree = false;
    runner.answer = fail(Fault::missing, "/usr/bin/python3: no such program");
    ASSERT_TRUE(run({outside}));
    EXPECT_EQ(log, "warning: %post --nochroot (demo.ks:40): /usr/bin/python3: no such program");
    outside.error_on_fail = true;
    EXPECT_EQ(run({outside}).error().fault, Fault::broken);
}

TEST_F(ScriptsTest, KeepWhatTheySaidInTheirLogInTheTree) {
    auto logged = script("echo what it said\n");
    logged.log = "/root/post.log";
    auto outside = logged;
    outside.in_tree = false;
    outside.log = "/mnt/sysimage/root/outside.log";
    ASSERT_TRUE(run({logged, outside}));
    EXPECT_EQ(temp.get("/root/post.log"), "what it said\n");
    EXPECT_EQ(temp.get("/root/outside.log"), "what it said\n");
    EXPECT_TRUE(std::filesystem::is_empty(scratch));
}

TEST_F(ScriptsTest, RunAtTheirOwnMomentAndNoOther) {
    using enum kickstart::ScriptKind;
    const std::vector<kickstart::Script> all{script(pre, "pre\n"),
                                             script(pre_install, "pre-install\n"),
                                             script(post, "post\n"),
                                             script(on_error, "onerror\n"),
                                             script(traceback, "traceback\n"),
                                             script(pack, "pack\n")};
    ASSERT_TRUE(run_pre_install_scripts(runner, tree(), all, settings(), sink()));
    ASSERT_TRUE(run(all));
    run_on_error_scripts(runner, tree(), all, settings(), sink());
    ASSERT_TRUE(run_pack_scripts(runner, tree(), all, settings(), sink()));
    EXPECT_EQ(runner.bodies, (Words{"pre-install\n", "post\n", "onerror\n", "pack\n"}));
    for (const std::size_t beside : {0u, 2u, 3u}) {
        EXPECT_TRUE(runner.commands[beside].root.empty()) << beside;
        EXPECT_EQ(runner.commands[beside].environment[2], "INSTALL_ROOT=" + temp.folder.string());
    }
}

TEST_F(ScriptsTest, BeforeTheInstallationLeaveTheTreeEmpty) {
    std::filesystem::remove_all(temp.folder / "bin");
    ASSERT_TRUE(run_pre_install_scripts(runner, tree(),
                                        {script(kickstart::ScriptKind::pre_install, "true\n")},
                                        settings(), sink()));
    EXPECT_TRUE(std::filesystem::is_empty(temp.folder));
    auto logged = script(kickstart::ScriptKind::pre_install, "true\n");
    logged.log = "/root/before.log";
    ASSERT_TRUE(run_pre_install_scripts(runner, tree(), {logged}, settings(), sink()));
    EXPECT_EQ(temp.get("/root/before.log"), "what it said\n");
    EXPECT_EQ(mode_of("root"), 0700u);
}

TEST_F(ScriptsTest, BeforeTheInstallationEndTheBuildWhenToldTo) {
    auto strict = script(kickstart::ScriptKind::pre_install, "exit 3\n");
    strict.error_on_fail = true;
    runner.answer = system::Finished{.status = 3};
    const auto done = run_pre_install_scripts(runner, tree(), {strict}, settings(), sink());
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message, "%pre-install (demo.ks:40): exit 3");
}

TEST_F(ScriptsTest, AfterAFailureAreAllRunAndFailForThemselvesOnly) {
    auto strict = script(kickstart::ScriptKind::on_error, "exit 3\n");
    strict.error_on_fail = true;
    runner.answer = system::Finished{.status = 3, .tail = "no"};
    run_on_error_scripts(runner, tree(), {strict, strict}, settings(), sink());
    EXPECT_EQ(runner.commands.size(), 2u);
    EXPECT_TRUE(log.starts_with("warning: %onerror (demo.ks:40): exit 3")) << log;
}

TEST_F(ScriptsTest, OfPackKnowWhereTheImageLies) {
    auto told = settings();
    told.out = "/out";
    ASSERT_TRUE(run_pack_scripts(runner, tree(), {script(kickstart::ScriptKind::pack, "true\n")},
                                 told, sink()));
    EXPECT_EQ(runner.commands[0].environment,
              (Words{"PATH=/bin:/sbin:/usr/bin:/usr/sbin:/usr/local/bin:/usr/local/sbin",
                     "SOURCE_DATE_EPOCH=7", "INSTALL_ROOT=" + temp.folder.string(), "IMG_NAME=demo",
                     "IMG_OUT_DIR=/out"}));
}

TEST_F(ScriptsTest, GetTheVariablesOfTheBuildAndThePrefixOfTheirSide) {
    auto told = settings();
    told.live_root = "/live";
    told.variables = {"INSTALLERFW_PART_COUNT=1"};
    auto outside = script("true\n");
    outside.in_tree = false;
    ASSERT_TRUE(run_post_scripts(runner, tree(), {script("true\n"), outside}, told, sink()));
    const auto rest = [](const system::Command& command) {
        return Words(command.environment.begin() + 2, command.environment.end());
    };
    EXPECT_EQ(rest(runner.commands[0]),
              (Words{"INSTALLERFW_PART_COUNT=1", "INSTALLERFW_MOUNT_PREFIX=/"}));
    EXPECT_EQ(rest(runner.commands[1]),
              (Words{"INSTALLERFW_PART_COUNT=1", "INSTALLERFW_MOUNT_PREFIX=" + temp.folder.string(),
                     "INSTALL_ROOT=" + temp.folder.string(), "IMG_NAME=demo", "LIVE_ROOT=/live"}));
}

/// Closes /tmp as a careless script does.
class TmpCloser : public testing::RecordingRunner {
public:
    explicit TmpCloser(std::filesystem::path tmp) : tmp_(std::move(tmp)) {}
    Result<system::Finished> finish(const system::Command& command) override {
        ::chmod(tmp_.c_str(), 0700);
        return RecordingRunner::finish(command);
    }

private:
    std::filesystem::path tmp_;
};

TEST_F(ScriptsTest, MayCloseTmpForNobodyAfterThem) {
    TmpCloser closer(temp.folder / "tmp");
    ASSERT_TRUE(run_post_scripts(closer, tree(), {script("true\n")}, settings(), sink()));
    EXPECT_EQ(mode_of("tmp"), 01777u);
}

TEST_F(ScriptsTest, AreNotWrittenThroughALinkLeftInTmp) {
    const auto victim = temp.beside / "victim";
    std::ofstream(victim) << "ours";
    std::filesystem::create_directory(temp.folder / "tmp");
    std::filesystem::create_symlink(victim, temp.folder / "tmp/ks-script-40");
    ASSERT_TRUE(run({script("true\n")}));
    std::ifstream stream(victim);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}), "ours");
    EXPECT_EQ(runner.bodies, Words{"true\n"});
}

}  // namespace
}  // namespace img::rootfs
