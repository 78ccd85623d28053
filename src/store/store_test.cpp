#include "store/store.hpp"

#include "tests/support/job_store_suite.hpp"
#include "tests/support/shared_store_suite.hpp"
#include "tests/support/temp_folder.hpp"

#include <csignal>
#include <fstream>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/resource.h>

namespace img::testing {
namespace {

/// A fresh file each time; the folder goes with the test program.
OpenStore in_file() {
    return [folder = std::make_shared<TempFolder>()] {
        const auto path = folder->path() / (jobs::new_job_id() + ".db");
        return store::open_job_store("sqlite:" + path.native()).value();
    };
}

OpenStore in_memory() {
    return [] { return store::open_job_store("sqlite::memory:").value(); };
}

INSTANTIATE_TEST_SUITE_P(Sqlite, JobStoreSuite, ::testing::Values(in_file()));
INSTANTIATE_TEST_SUITE_P(SqliteInMemory, JobStoreSuite, ::testing::Values(in_memory()));

/// Programs that share one file.
std::string new_file() {
    static const TempFolder folder;
    return "sqlite:" + (folder.path() / (jobs::new_job_id() + ".db")).native();
}

INSTANTIATE_TEST_SUITE_P(Sqlite, SharedStoreSuite, ::testing::Values(MakeDatabase(new_file)));

std::string url_in(const TempFolder& folder) {
    return "sqlite:" + (folder.path() / "jobs.db").native();
}

TEST(OpenJobStore, RefusesAnUnknownKindOfUrl) {
    for (const std::string& url :
         std::vector<std::string>{"", "sqlite:", "mysql:x", "postgresql:", "/tmp/jobs.db"}) {
        const auto store = store::open_job_store(url);
        ASSERT_FALSE(store) << url;
        EXPECT_EQ(store.error().fault, Fault::invalid);
        EXPECT_EQ(store::check_url(url).error().message, store.error().message);
    }
    for (const std::string& url :
         std::vector<std::string>{"sqlite:/nowhere/jobs.db", "postgresql://nobody.example/img"}) {
        EXPECT_TRUE(store::check_url(url)) << url;
    }
}

TEST(OpenJobStore, SaysWhereAFolderIsMissing) {
    const auto store = store::open_job_store("sqlite:/nowhere/at/all/jobs.db");
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().fault, Fault::broken);
    EXPECT_NE(store.error().message.find("/nowhere/at/all/jobs.db"), std::string::npos);
    EXPECT_NE(store.error().message.find("folder"), std::string::npos) << store.error().message;
}

TEST(OpenJobStore, SaysThatAFileIsNoDatabase) {
    const TempFolder folder;
    std::ofstream(folder.path() / "jobs.db") << std::string(4096, 'x');
    const auto store = store::open_job_store(url_in(folder));
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().fault, Fault::broken);
    EXPECT_NE(store.error().message.find("backup"), std::string::npos) << store.error().message;
}

TEST(OpenJobStore, FindsWhatTheOneBeforeLeft) {
    const TempFolder folder;
    const auto job = some_job("debian");
    ASSERT_TRUE(store::open_job_store(url_in(folder)).value()->add(job, at(0)));
    const auto store = store::open_job_store(url_in(folder)).value();
    EXPECT_TRUE(store->find(job.id).value());
    EXPECT_EQ(store->outbox(10).value().size(), 1u);
}

TEST(OpenJobStore, RefusesADatabaseOfANewerImg) {
    const TempFolder folder;
    ASSERT_TRUE(store::open_job_store(url_in(folder)));
    {
        soci::session sql(soci::sqlite3, (folder.path() / "jobs.db").native());
        sql << "INSERT INTO schema_version (version) VALUES (99)";
    }
    const auto store = store::open_job_store(url_in(folder));
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().fault, Fault::invalid);
    EXPECT_NE(store.error().message.find("99"), std::string::npos);
}

TEST(OpenJobStore, TakesAPathWithABlankInIt) {
    const TempFolder folder;
    const auto path = folder.path() / "my jobs.db";
    ASSERT_TRUE(store::open_job_store("sqlite:" + path.native()));
    EXPECT_TRUE(std::filesystem::exists(path));
}

TEST(Schema, HoldsTheRulesAsASecondNet) {
    const TempFolder folder;
    const auto store = store::open_job_store(url_in(folder)).value();
    const auto job = some_job("debian");
    ASSERT_TRUE(store->add(job, at(0)));
    soci::session sql(soci::sqlite3, (folder.path() / "jobs.db").native());
    for (const std::string& change :
         std::vector<std::string>{"state = 'lost'", "state = 'done'", "state = 'building'",
                                  "state = 'error'", "finished = 5", "attempt = 0", "image = 'x'",
                                  "worker = 'x'", "id = 'short'", "lease_end = 5", "removed = 5"}) {
        EXPECT_THROW(sql << "UPDATE jobs SET " + change, soci::soci_error) << change;
    }
    EXPECT_NO_THROW(sql << "UPDATE jobs SET stage = 'plan'");
}

TEST(JobStore, SaysThatTheDiskIsFullAndChangesNothing) {
    const TempFolder folder;
    const auto store = store::open_job_store(url_in(folder)).value();
    // A limit on the size of files this process may write stands in for a full disk.
    auto big = some_job("big");
    big.request.kickstart.assign(3'000'000, 'x');
    struct rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = before;
    small.rlim_cur = 1'000'000;
    const auto ignored = ::signal(SIGXFSZ, SIG_IGN);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto added = store->add(big, at(0));
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    ::signal(SIGXFSZ, ignored);
    ASSERT_FALSE(added);
    EXPECT_EQ(store->find(big.id).value(), std::nullopt);
    EXPECT_TRUE(store->add(some_job("small"), at(0))) << "it goes on once there is room";
}

}  // namespace
}  // namespace img::testing
