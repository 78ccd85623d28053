#include "cli/cli.hpp"

#include "base/exit_code.hpp"
#include "cli/recorded_console.hpp"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace img::cli {
namespace {

constexpr const char* kGood = R"(part / --fstype=ext4 --size=500
repo --name=debian --baseurl=http://127.0.0.1/debian --type=deb --suite=bookworm
%packages
bash
%end
)";

std::string folder() {
    return testing::TempDir();
}

std::string file_with(const std::string& name, const std::string& text) {
    const auto path = folder() + name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
}

TEST(ExitCode, FollowsWhatTheCallerCanDo) {
    EXPECT_EQ(exit_code(Fault::invalid), 1);
    EXPECT_EQ(exit_code(Fault::missing), 3);
    EXPECT_EQ(exit_code(Fault::transient), 4);
    EXPECT_EQ(exit_code(Fault::exhausted), 5);
    EXPECT_EQ(exit_code(Fault::broken), 6);
}

TEST(CommandLine, NamesTheVerbThatWasMeant) {
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"chek", "a.ks"}), kUsage);
    EXPECT_EQ(terminal.err.str(),
              "img: there is no command 'chek'; did you mean 'check'?\nSee `img --help`.\n");
}

TEST(CommandLine, NamesTheOptionThatWasMeantEvenIfAnArgumentIsMissingToo) {
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"build", "--ovrlay", "vim", "a.ks"},
          {"build", "--ovrlay=vim"}}) {
        RecordedConsole terminal;
        EXPECT_EQ(terminal.run(words), kUsage);
        EXPECT_EQ(terminal.err.str(),
                  "img: 'build' has no option '--ovrlay'; did you mean '--overlay'?\n"
                  "See `img build --help`.\n");
    }
}

TEST(CommandLine, SaysWhichWordIsTooMany) {
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"check", "a.ks", "b.ks"}), kUsage);
    EXPECT_EQ(terminal.err.str(),
              "img: 'check' has no use for the word 'b.ks'\nSee `img check --help`.\n");
}

TEST(CommandLine, AsksForTheFile) {
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"check"}), kUsage);
    EXPECT_NE(terminal.err.str().find("FILE"), std::string::npos) << terminal.err.str();
}

TEST(CommandLine, ListsEveryVerbInItsHelp) {
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"--help"}), kDone);
    for (const char* verb :
         {"build", "check", "print", "types", "inspect", "convert", "kickstarter", "templates",
          "submit", "list", "status", "log", "cancel", "download", "admin", "Exit codes"}) {
        EXPECT_NE(terminal.out.str().find(verb), std::string::npos) << verb;
    }
    EXPECT_EQ(terminal.err.str(), "");
}

TEST(CommandLine, SpeaksOfTheServiceWhereAVerbAsksIt) {
    RecordedConsole build, list;
    EXPECT_EQ(build.run({"build", "--help"}), kDone);
    EXPECT_NE(build.out.str().find("Exit codes"), std::string::npos) << build.out.str();
    EXPECT_EQ(build.out.str().find("--server"), std::string::npos) << build.out.str();
    EXPECT_EQ(list.run({"list", "--help"}), kDone);
    EXPECT_NE(list.out.str().find("IMG_SERVER"), std::string::npos) << list.out.str();
}

TEST(CommandLine, OffersJsonWithEveryVerb) {
    for (const char* verb :
         {"build", "check", "print", "types", "inspect", "convert", "kickstarter", "templates",
          "submit", "list", "status", "log", "cancel", "download"}) {
        RecordedConsole terminal;
        EXPECT_EQ(terminal.run({"help", verb}), kDone);
        EXPECT_NE(terminal.out.str().find("--json"), std::string::npos) << verb;
    }
}

TEST(CommandLine, LeavesToImgAdminWhateverFollowsItsWord) {
    using Words = std::vector<std::string>;
    for (const auto& words : {Words{}, Words{"build", "--json", "--", "-x", ""}, Words{"--help"}}) {
        RecordedConsole terminal;
        Words all{"admin"}, became{"img-admin"};
        all.insert(all.end(), words.begin(), words.end());
        became.insert(became.end(), words.begin(), words.end());
        EXPECT_EQ(terminal.run(all), kBroken);
        EXPECT_EQ(terminal.became, became);
        EXPECT_EQ(terminal.err.str(), "img: it is not there\n");
        EXPECT_EQ(terminal.out.str().empty(), words.size() < 2) << "JSON where it is asked for";
    }
    RecordedConsole help, check;
    help.run({"help", "admin"});
    EXPECT_EQ(help.became, (Words{"img-admin", "--help"}));
    check.run({"check", "admin"});
    EXPECT_EQ(check.became, Words{});
}

TEST(CommandLine, IsNotUsedWithoutAVerb) {
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({}), kUsage);
    EXPECT_EQ(terminal.out.str(), "");
}

TEST(CommandLine, LetsNoWordMoveTheCursor) {
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"\x1b[2J"}), kUsage);
    EXPECT_EQ(terminal.err.str().find('\x1b'), std::string::npos);
}

TEST(Check, IsSilentAboutAGoodFile) {
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"check", file_with("good.ks", kGood)}), kDone) << terminal.out.str();
    EXPECT_EQ(terminal.out.str(), "");
}

TEST(Check, PrintsEveryErrorWithItsPlace) {
    const auto file = file_with("bad.ks", std::string(kGood) + "prat /home\nlagn de\n");
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"check", file}), kRequestWrong);
    EXPECT_NE(terminal.out.str().find(file + ":6:1: error: "), std::string::npos)
        << terminal.out.str();
    EXPECT_NE(terminal.out.str().find(file + ":7:1: error: "), std::string::npos);
}

TEST(Check, FindsAnEmptyFileWrong) {
    RecordedConsole terminal;
    terminal.in.str("\n");
    EXPECT_EQ(terminal.run({"check", "-"}), kRequestWrong);
    EXPECT_EQ(terminal.err.str(), "");
}

TEST(Check, ReadsStandardInput) {
    RecordedConsole terminal;
    terminal.in.str("prat /home\n");
    EXPECT_EQ(terminal.run({"check", "-"}), kRequestWrong);
    EXPECT_NE(terminal.out.str().find("<stdin>:1:1: error: "), std::string::npos);
}

TEST(Check, CountsAndListsInJson) {
    RecordedConsole terminal;
    terminal.in.str("prat /home\n");
    EXPECT_EQ(terminal.run({"check", "--json", "-"}), kRequestWrong);
    const auto json = nlohmann::json::parse(terminal.out.str());
    EXPECT_GE(json.at("errors").get<int>(), 1);
    EXPECT_EQ(json.at("diagnostics").at(0).at("line"), 1);
    EXPECT_EQ(json.at("diagnostics").at(0).at("severity"), "error");
}

TEST(Check, SaysWhichOfTheFilesOwnOptionsAreIdleForTheType) {
    const std::string options = "# -*-mic2-options-*- --shrink --genchecksum -*-mic2-options-*-\n";
    const auto file = file_with("idle.ks", options + kGood);
    RecordedConsole idle, useful;
    EXPECT_EQ(idle.run({"check", "-t", "tar", file}), kDone) << idle.err.str();
    EXPECT_EQ(idle.out.str(),
              file + ": warning: --shrink changes nothing of an image of type tar\n");
    EXPECT_EQ(useful.run({"check", "-t", "ext4", file}), kDone) << useful.err.str();
    EXPECT_FALSE(useful.out.str().contains("changes nothing")) << useful.out.str();
}

TEST(Check, SaysWhatABuildWouldRefuseOfTheFilesOwnOptions) {
    const auto file =
        file_with("other.ks", "# -*-mic2-options-*- --arch=armv7l -*-mic2-options-*-\n" +
                                  std::string(kGood) + "prat /home\n");
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"check", "-t", "tar", file}), kRequestWrong);
    EXPECT_TRUE(terminal.err.str().contains("--arch=armv7l: this version makes images for amd64"));
    EXPECT_TRUE(terminal.out.str().contains("error: ")) << "the file's own errors, too";
}

TEST(Check, SaysWhatIsNoKickstartFile) {
    RecordedConsole missing;
    EXPECT_EQ(missing.run({"check", folder() + "nowhere.ks"}), kNotFound);
    EXPECT_EQ(missing.err.str(), "img: there is no file '" + folder() + "nowhere.ks'\n");
    RecordedConsole directory;
    EXPECT_EQ(directory.run({"check", folder()}), kRequestWrong);
    EXPECT_NE(directory.err.str().find("is a folder"), std::string::npos);
    RecordedConsole binary;
    EXPECT_EQ(binary.run({"check", file_with("binary.ks", std::string("part\0 /", 7))}),
              kRequestWrong);
    EXPECT_NE(binary.out.str().find("error: "), std::string::npos);
    RecordedConsole large;
    EXPECT_EQ(large.run({"check", "/dev/zero"}), kRequestWrong);
    EXPECT_NE(large.err.str().find("is larger than 16"), std::string::npos) << large.err.str();
}

TEST(Check, GivesItsFailureAsJsonToo) {
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"check", "--json", "/nowhere.ks"}), kNotFound);
    EXPECT_EQ(terminal.out.str(),
              "{\"error\":\"there is no file '/nowhere.ks'\",\"fault\":\"missing\"}\n");
}

TEST(Print, GivesAFileThatPrintsTheSameAgain) {
    RecordedConsole first;
    EXPECT_EQ(first.run({"print", file_with("good.ks", kGood)}), kDone) << first.err.str();
    EXPECT_NE(first.out.str().find("%packages"), std::string::npos);
    RecordedConsole second;
    second.in.str(first.out.str());
    EXPECT_EQ(second.run({"print", "-"}), kDone);
    EXPECT_EQ(second.out.str(), first.out.str());
}

TEST(Print, FillsTokensIn) {
    RecordedConsole terminal;
    terminal.in.str(std::string(kGood) + "network --hostname=@HOST@-@BUILD_ID@\n");
    EXPECT_EQ(terminal.run({"print", "--token", "HOST=box", "-"}), kDone) << terminal.err.str();
    EXPECT_NE(terminal.out.str().find("box-latest"), std::string::npos) << terminal.out.str();
}

TEST(Print, RefusesATokenWithoutAValue) {
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"print", "--token", "HOST", "-"}), kRequestWrong);
    EXPECT_EQ(terminal.err.str(), "img: --token 'HOST' is not of the form KEY=VALUE\n");
}

TEST(Types, ListsRaw) {
    RecordedConsole plain;
    EXPECT_EQ(plain.run({"types"}), kDone);
    EXPECT_TRUE(plain.out.str().starts_with("raw ")) << plain.out.str();
    RecordedConsole json;
    EXPECT_EQ(json.run({"types", "--json"}), kDone);
    EXPECT_EQ(nlohmann::json::parse(json.out.str()).at(0).at("name"), "raw");
}

TEST(Build, RefusesWhatIsWrongBeforeItStarts) {
    const auto file = file_with("good.ks", kGood);
    RecordedConsole size;
    EXPECT_EQ(size.run({"build", file, "--size", "large"}), kRequestWrong);
    RecordedConsole epoch;
    epoch.variables["SOURCE_DATE_EPOCH"] = "yesterday";
    EXPECT_EQ(epoch.run({"build", file}), kRequestWrong);
    EXPECT_NE(epoch.err.str().find("SOURCE_DATE_EPOCH is 'yesterday'"), std::string::npos);
    RecordedConsole work;
    EXPECT_EQ(work.run({"build", file, "--work", "tape"}), kUsage);
    EXPECT_EQ(work.err.str(),
              "img: --work 'tape' is none of auto, memory and disk\nSee `img build --help`.\n");
}

TEST(Build, NamesTheTypeThatWasMeant) {
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"build", file_with("good.ks", kGood), "-t", "rwa"}), kRequestWrong);
    EXPECT_NE(terminal.err.str().find("raw"), std::string::npos) << terminal.err.str();
}

TEST(Build, EndsItsEventsWithTheFailure) {
    const auto file = file_with("bad.ks", "prat /home\n");
    RecordedConsole terminal;
    EXPECT_EQ(terminal.run({"build", file, "--json"}), kRequestWrong);
    const auto text = terminal.out.str();
    const auto last = text.substr(text.rfind('\n', text.size() - 2) + 1);
    const auto json = nlohmann::json::parse(last);
    EXPECT_EQ(json.at("event"), "failed");
    EXPECT_EQ(json.at("stage"), "plan");
    EXPECT_TRUE(terminal.err.str().starts_with(file + ":1:1: error: ")) << terminal.err.str();
}

}  // namespace
}  // namespace img::cli
