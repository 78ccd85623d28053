#include "base/exit_code.hpp"
#include "cli/cli.hpp"
#include "cli/recorded_console.hpp"
#include "tests/support/backups.hpp"
#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace img::testing {
namespace {

using cli::RecordedConsole;

class AdminVerb : public ::testing::Test {
protected:
    std::string url(const std::string& name) const {
        return "sqlite:" + (folder_.path() / name).native();
    }
    std::string file(const std::string& name) const { return (folder_.path() / name).native(); }

    TempFolder folder_;
};

TEST_F(AdminVerb, MigratesADatabase) {
    RecordedConsole first, second;
    EXPECT_EQ(first.run({"admin", "migrate", "--store", url("jobs.db")}), kDone);
    EXPECT_EQ(first.out.str(), "the tables were of version 0 and are of version 3 now\n");
    EXPECT_EQ(second.run({"admin", "migrate", "--store", url("jobs.db")}), kDone);
    EXPECT_EQ(second.out.str(), "the tables are of version 3 already\n");
}

TEST_F(AdminVerb, BacksUpAndRestores) {
    fill_store(url("jobs.db"));
    RecordedConsole backup, restore;
    EXPECT_EQ(backup.run({"admin", "backup", "--store", url("jobs.db"), file("backup")}), kDone);
    EXPECT_TRUE(backup.out.str().starts_with("backed up 5 jobs, ")) << backup.out.str();
    EXPECT_EQ(
        restore.run({"admin", "restore", "--json", "--store", url("other.db"), file("backup")}),
        kDone);
    const auto json = nlohmann::json::parse(restore.out.str());
    EXPECT_EQ(json.at("jobs"), 5);
    EXPECT_EQ(json.at("schema"), 3);
    EXPECT_EQ(json.at("sha256").get<std::string>().size(), 64u);
    expect_same(url("jobs.db"), url("other.db"));
}

TEST_F(AdminVerb, EndsWithTheCodeOfEachFailure) {
    fill_store(url("jobs.db"));
    RecordedConsole away, missing, full, usage;
    EXPECT_EQ(away.run({"admin", "migrate", "--store", "postgresql://img@127.0.0.1:1/jobs"}),
              kTryLater);
    EXPECT_EQ(missing.run({"admin", "restore", "--store", url("jobs.db"), file("none")}),
              kNotFound);
    ASSERT_EQ(full.run({"admin", "backup", "--store", url("jobs.db"), file("backup")}), kDone);
    EXPECT_EQ(full.run({"admin", "restore", "--store", url("jobs.db"), file("backup")}),
              kRequestWrong);
    EXPECT_NE(full.err.str().find("--replace"), std::string::npos) << full.err.str();
    EXPECT_EQ(usage.run({"admin", "backup", "--store", url("jobs.db")}), kUsage);
    EXPECT_EQ(usage.run({"admin", "polish", "--store", url("jobs.db")}), kUsage);
}

}  // namespace
}  // namespace img::testing
