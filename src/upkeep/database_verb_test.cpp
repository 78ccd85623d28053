#include "base/exit_code.hpp"
#include "cli/recorded_console.hpp"
#include "tests/support/backups.hpp"
#include "tests/support/temp_folder.hpp"
#include "upkeep/upkeep.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace img::testing {
namespace {

/// As `img admin …` reaches it.
struct AdminConsole : cli::RecordedConsole {
    int run(const std::vector<std::string>& arguments) { return upkeep::run(arguments, console); }
};

class AdminVerb : public ::testing::Test {
protected:
    std::string url(const std::string& name) const {
        return "sqlite:" + (folder_.path() / name).native();
    }
    std::string file(const std::string& name) const { return (folder_.path() / name).native(); }

    TempFolder folder_;
};

TEST_F(AdminVerb, MigratesADatabase) {
    AdminConsole first, second;
    EXPECT_EQ(first.run({"migrate", "--store", url("jobs.db")}), kDone);
    EXPECT_EQ(first.out.str(), "the tables were of version 0 and are of version 5 now\n");
    EXPECT_EQ(second.run({"migrate", "--store", url("jobs.db")}), kDone);
    EXPECT_EQ(second.out.str(), "the tables are of version 5 already\n");
}

TEST_F(AdminVerb, BacksUpAndRestores) {
    fill_store(url("jobs.db"));
    AdminConsole backup, restore;
    EXPECT_EQ(backup.run({"backup", "--store", url("jobs.db"), file("backup")}), kDone);
    EXPECT_TRUE(backup.out.str().starts_with("backed up 5 jobs, ")) << backup.out.str();
    EXPECT_EQ(restore.run({"restore", "--json", "--store", url("other.db"), file("backup")}),
              kDone);
    const auto json = nlohmann::json::parse(restore.out.str());
    EXPECT_EQ(json.at("jobs"), 5);
    EXPECT_EQ(json.at("schema"), 5);
    EXPECT_EQ(json.at("sha256").get<std::string>().size(), 64u);
    expect_same(url("jobs.db"), url("other.db"));
}

TEST_F(AdminVerb, EndsWithTheCodeOfEachFailure) {
    fill_store(url("jobs.db"));
    AdminConsole away, missing, full, usage;
    EXPECT_EQ(away.run({"migrate", "--store", "postgresql://img@127.0.0.1:1/jobs"}), kTryLater);
    EXPECT_EQ(missing.run({"restore", "--store", url("jobs.db"), file("none")}), kNotFound);
    ASSERT_EQ(full.run({"backup", "--store", url("jobs.db"), file("backup")}), kDone);
    EXPECT_EQ(full.run({"restore", "--store", url("jobs.db"), file("backup")}), kRequestWrong);
    EXPECT_NE(full.err.str().find("--replace"), std::string::npos) << full.err.str();
    EXPECT_EQ(usage.run({"backup", "--store", url("jobs.db")}), kUsage);
    EXPECT_EQ(usage.run({"polish", "--store", url("jobs.db")}), kUsage);
    EXPECT_EQ(usage.run({}), kUsage);
}

TEST_F(AdminVerb, SpeaksOfItselfAsTheVerbThatPeopleTyped) {
    AdminConsole wrong, help;
    EXPECT_EQ(wrong.run({"migrate", "--store", url("jobs.db"), "--jsn"}), kUsage);
    EXPECT_EQ(wrong.err.str(),
              "img: 'admin' has no option '--jsn'; did you mean '--json'?\n"
              "See `img admin --help`.\n");
    EXPECT_EQ(help.run({"--help"}), kDone);
    EXPECT_TRUE(help.out.str().contains("img admin [OPTIONS] action [FILE]")) << help.out.str();
}

}  // namespace
}  // namespace img::testing
