// The store on a PostgreSQL that this program starts: one server for all tests, a database for
// each.
#include "store/admin.hpp"
#include "store/postgres_dialect.hpp"
#include "store/session.hpp"
#include "store/store.hpp"
#include "tests/support/backups.hpp"
#include "tests/support/job_store_suite.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/shared_store_suite.hpp"
#include "tests/support/store_crash.hpp"
#include "tests/support/temp_folder.hpp"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

namespace img::testing {
namespace {

/// Starts with the first test that asks, ends with the program.
PostgresServer& server() {
    static PostgresServer one;
    return one;
}

std::string new_database() {
    return server().new_database();
}

INSTANTIATE_TEST_SUITE_P(Postgres, JobStoreSuite, ::testing::Values(OpenStore([] {
                             return store::open_job_store(new_database()).value();
                         })));
INSTANTIATE_TEST_SUITE_P(Postgres, SharedStoreSuite, ::testing::Values(MakeDatabase(new_database)));

TEST(PostgresStore, LosesAndDoublesNothingThatItConfirmedWhenItsProgramIsKilled) {
    expect_nothing_lost_by_kills(new_database());
}

TEST(PostgresStore, HoldsTheRulesAsASecondNet) {
    const auto url = new_database();
    const auto store = store::open_job_store(url).value();
    ASSERT_TRUE(store->add(some_job("debian"), at(0)));
    for (const std::string& change :
         std::vector<std::string>{"state = 'lost'", "state = 'done'", "state = 'building'",
                                  "state = 'error'", "finished = 5", "attempt = 0", "image = 'x'",
                                  "worker = 'x'", "id = 'short'", "lease_end = 5", "removed = 5"}) {
        soci::session sql(soci::postgresql, url);
        EXPECT_THROW(sql << "UPDATE jobs SET " + change, soci::soci_error) << change;
    }
    soci::session sql(soci::postgresql, url);
    EXPECT_NO_THROW(sql << "UPDATE jobs SET stage = 'plan'");
}

TEST(PostgresStore, NamesTheServerButNoPasswordWhereItIsAway) {
    const auto store =
        store::open_job_store("postgresql://img:secret@127.0.0.1:1/jobs?application_name=test");
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().fault, Fault::transient);
    EXPECT_NE(store.error().message.find("postgresql://img@127.0.0.1:1/jobs"), std::string::npos)
        << store.error().message;
    EXPECT_EQ(store.error().message.find("secret"), std::string::npos) << store.error().message;
    EXPECT_EQ(store.error().message.find('\n'), std::string::npos) << store.error().message;
}

TEST(PostgresStore, RefusesAUrlThatLibpqCannotRead) {
    const auto store = store::open_job_store("postgresql://host:port:more/x?what=1");
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().fault, Fault::invalid);
}

TEST(PostgresStore, GoesOnWhenTheServerWasRestarted) {
    const auto store = store::open_job_store(new_database()).value();
    const auto job = some_job("debian");
    ASSERT_TRUE(store->add(job, at(0)));
    for (const int signal : {SIGINT, SIGQUIT, SIGKILL}) {
        server().stop(signal);
        server().start();
        EXPECT_TRUE(store->find(job.id).value()) << "a connection that was lost while idle";
        EXPECT_TRUE(store->add(some_job(std::to_string(signal)), at(0)));
        EXPECT_FALSE(store->beat(job.id, 1, {}, at(5)).value());
    }
    EXPECT_EQ(store->count(jobs::JobState::queued).value(), 4u);
}

TEST(PostgresStore, SaysThatTheServerIsAwayAndIsBackWithIt) {
    const auto store = store::open_job_store(new_database()).value();
    server().stop(SIGINT);
    const auto job = some_job("debian");
    for (const auto& fault : {store->add(job, at(0)).error().fault,
                              store->find(job.id).error().fault, store->sent(1).error().fault}) {
        EXPECT_EQ(fault, Fault::transient);
    }
    server().start();
    EXPECT_TRUE(store->add(job, at(0)));
    EXPECT_TRUE(store->find(job.id).value());
}

/// Adds jobs until it is told to stop, each until it is there: as a client that tries again.
std::vector<std::string> add_patiently(jobs::JobStore& store, const std::stop_token& stop) {
    std::vector<std::string> added;
    while (!stop.stop_requested()) {
        const auto job = some_job("job" + jobs::new_job_id());
        for (auto result = store.add(job, at(0)); !result; result = store.add(job, at(0))) {
            EXPECT_EQ(result.error().fault, Fault::transient) << result.error().message;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        added.push_back(job.id);
    }
    return added;
}

TEST(PostgresStore, LosesAndDoublesNothingWhenItsServerIsKilledUnderLoad) {
    const auto store = store::open_job_store(new_database()).value();
    std::vector<std::string> added;
    std::mutex mutex;
    std::vector<std::jthread> clients;
    for (int i = 0; i < 4; ++i) {
        clients.emplace_back([&](const std::stop_token& stop) {
            const auto mine = add_patiently(*store, stop);
            const std::lock_guard lock(mutex);
            added.insert(added.end(), mine.begin(), mine.end());
        });
    }
    for (const int signal : {SIGQUIT, SIGKILL, SIGINT, SIGQUIT, SIGKILL, SIGQUIT}) {
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        server().stop(signal);
        server().start();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    clients.clear();
    std::set<std::string> there;
    const auto waiting = store->queued(0, 100'000).value();
    for (const auto& job : waiting) {
        there.insert(job.id);
    }
    EXPECT_EQ(there, std::set(added.begin(), added.end()));
    EXPECT_GT(added.size(), 100u) << "the clients hardly ran: the test shows nothing";
    EXPECT_EQ(store->count(jobs::JobState::queued).value(), added.size());
    std::size_t notices = 0;
    for (auto rows = store->outbox(500).value(); !rows.empty(); rows = store->outbox(500).value()) {
        notices += rows.size();
        ASSERT_TRUE(store->sent(rows.back().row));
    }
    EXPECT_EQ(notices, added.size());
}

TEST(PostgresStore, CanTellWhatBecameOfACommitThatWasNotAnswered) {
    const auto dialect = store::postgres_dialect(new_database()).value();
    store::Session first, second;
    dialect->connect(first);
    dialect->connect(second);
    for (const auto& [end, outcome] :
         {std::pair("COMMIT", store::Outcome::committed), {"ROLLBACK", store::Outcome::undone}}) {
        const auto transaction = dialect->begin(first, store::Durability::synced);
        ASSERT_FALSE(transaction.empty());
        EXPECT_EQ(dialect->outcome_of(second, transaction), store::Outcome::open);
        first << end;
        EXPECT_EQ(dialect->outcome_of(second, transaction), outcome) << end;
    }
}

TEST(PostgresStore, RestoresABackupOfSqliteAndTheOtherWayRound) {
    const TempFolder folder;
    const auto first = "sqlite:" + (folder.path() / "first.db").native();
    const auto second = new_database();
    const auto third = "sqlite:" + (folder.path() / "third.db").native();
    fill_store(first);
    const auto there = folder.path() / "there", back = folder.path() / "back";
    ASSERT_TRUE(store::back_up(first, there, at(77)));
    ASSERT_TRUE(store::restore(second, there, {.now = at(0)}));
    expect_same(first, second);
    ASSERT_TRUE(store::back_up(second, back, at(77)));
    EXPECT_EQ(read_file(there), read_file(back)) << "byte by byte";
    ASSERT_TRUE(store::restore(third, back, {.now = at(0)}));
    expect_same(first, third);
    expect_new_jobs_last(second);
    ASSERT_TRUE(store::restore(second, there, {.replace = true, .now = at(0)}));
    expect_same(first, second);
}

TEST(PostgresStore, RefusesToRestoreUnderAServiceThatRuns) {
    const TempFolder folder;
    const auto url = new_database();
    fill_store(url);
    const auto file = folder.path() / "backup";
    ASSERT_TRUE(store::back_up(url, file, at(77)));
    const auto store = store::open_job_store(url).value();
    ASSERT_TRUE(store->hold("dispatcher", "imgd", at(0), at(1'000)).value());
    EXPECT_EQ(store::restore(url, file, {.replace = true, .now = at(5)}).error().fault,
              Fault::transient);
    ASSERT_TRUE(store->let_go("dispatcher", "imgd"));
    EXPECT_EQ(store::restore(url, file, {.now = at(5)}).error().fault, Fault::invalid);
    EXPECT_EQ(store->count(jobs::JobState::queued).value(), 1u) << "nothing was changed";
    EXPECT_TRUE(store::restore(url, file, {.replace = true, .now = at(5)}));
}

TEST(PostgresStore, WaitsNoLongerThanSecondsForAProgramThatStoppedHalfWay) {
    const auto url = new_database();
    const auto store = store::open_job_store(url).value();
    soci::session other(soci::postgresql, url);
    other << "BEGIN; SELECT pg_advisory_xact_lock(4803911)";
    const auto added = store->add(some_job("debian"), at(0));
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().fault, Fault::transient);
    other << "ROLLBACK";
    EXPECT_TRUE(store->add(some_job("debian"), at(0)));
}

}  // namespace
}  // namespace img::testing
