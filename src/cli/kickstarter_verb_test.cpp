#include "base/exit_code.hpp"
#include "cli/recorded_console.hpp"
#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace img::cli {
namespace {

namespace fs = std::filesystem;

class KickstarterVerbTest : public ::testing::Test {
protected:
    KickstarterVerbTest() {
        folder_.write("repos.yaml", "Repositories:\n- {Name: core, Url: 'http://x/'}\n");
        folder_.write("c.yaml", kConfigurations);
        folder_.write("custom/scripts/hello.post", "echo hello\n");
    }

    int run(std::vector<std::string> more = {}, const std::string& configurations = "c.yaml") {
        std::vector<std::string> words{"kickstarter",
                                       "-c",
                                       (folder_.path() / configurations).string(),
                                       "-r",
                                       (folder_.path() / "repos.yaml").string(),
                                       "-o",
                                       out_.string()};
        words.insert(words.end(), more.begin(), more.end());
        return terminal_.run(words);
    }

    static constexpr const char* kConfigurations =
        "Default: {Language: en_US.UTF-8, Keyboard: us, Timezone: UTC, RootPass: r, DefaultUser: "
        "me,"
        " DefaultUserPass: p, SaveRepos: False, PartSize: 900, BootloaderTimeout: 1,"
        " BootloaderAppend: quiet, Repos: [core], PostScripts: [hello]}\n"
        "BOARD:\n"
        "Configurations:\n"
        "- {Name: Board one, FileName: one, Platform: BOARD}\n"
        "- {Name: Board two, FileName: two, Platform: BOARD, Active: False}\n"
        "- {Name: Board three, FileName: three, Platform: BOARD}\n";

    testing::TempFolder folder_;
    fs::path out_ = folder_.path() / "out";
    RecordedConsole terminal_;
};

TEST_F(KickstarterVerbTest, WritesAFileForEachConfigurationAndSaysSo) {
    EXPECT_EQ(run(), kDone) << terminal_.err.str();
    EXPECT_EQ(terminal_.out.str(),
              "Creating Board one (one.ks)\nCreating Board three (three.ks)\n");
    EXPECT_NE(terminal_.err.str().find("c.yaml:5:3: note: Board two is left out: Active is False"),
              std::string::npos)
        << terminal_.err.str();
    EXPECT_NE(testing::read_file(out_ / "one.ks").find("%post\necho hello\n\n\n\n%end\n"),
              std::string::npos);
    EXPECT_TRUE(fs::exists(out_ / "three.ks"));
    EXPECT_EQ(std::distance(fs::directory_iterator(out_), fs::directory_iterator()), 2);
}

TEST_F(KickstarterVerbTest, WritesNothingIfAnythingIsWrong) {
    folder_.write("c.yaml", std::string(kConfigurations) +
                                "- {Name: four, FileName: four, Platform: BORAD, PartSize: x}\n");
    EXPECT_EQ(run(), kRequestWrong);
    EXPECT_EQ(terminal_.out.str(), "");
    const auto file = (folder_.path() / "c.yaml").string();
    EXPECT_NE(
        terminal_.err.str().find(file + ":7:42: error: no platform is called 'BORAD'; did you "
                                        "mean BOARD?\n"),
        std::string::npos)
        << terminal_.err.str();
    EXPECT_NE(
        terminal_.err.str().find(file + ":7:59: error: PartSize is a whole number, not 'x'\n"),
        std::string::npos);
    EXPECT_FALSE(fs::exists(out_));
}

TEST_F(KickstarterVerbTest, TellsAMissingFileByItsCode) {
    EXPECT_EQ(run({}, "none.yaml"), kNotFound);
    EXPECT_NE(terminal_.err.str().find("there is no file '"), std::string::npos);
    EXPECT_EQ(terminal_.run({"kickstarter", "-c", "x"}), kUsage);
}

TEST_F(KickstarterVerbTest, TakesAnotherCustomFolder) {
    folder_.write("mine/scripts/hello.post", "echo mine\n");
    EXPECT_EQ(run({"--custom", (folder_.path() / "mine").string()}), kDone);
    EXPECT_NE(testing::read_file(out_ / "one.ks").find("echo mine"), std::string::npos);
    EXPECT_EQ(run({"--custom", (folder_.path() / "none").string()}), kRequestWrong);
}

TEST_F(KickstarterVerbTest, PrintsJson) {
    EXPECT_EQ(run({"--json"}), kDone);
    const auto said = nlohmann::json::parse(terminal_.out.str());
    EXPECT_EQ(said.at("kickstarts").size(), 2U);
    EXPECT_EQ(said.at("kickstarts")[0].at("file"), "one.ks");
    EXPECT_EQ(said.at("kickstarts")[0].at("platform"), "BOARD");
    EXPECT_EQ(said.at("diagnostics")[0].at("severity"), "note");
}

}  // namespace
}  // namespace img::cli
