#include "store/migration.hpp"

#include "store/sqlite_dialect.hpp"
#include "store/store.hpp"
#include "tests/support/some_job.hpp"
#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>
#include <soci/soci.h>

namespace img::testing {
namespace {

using jobs::Job;
using jobs::JobState;

/// A database of version 2, as the service on one machine had it, with a job in each state.
void make_version_2(const std::string& path, const std::vector<std::string>& ids) {
    const auto dialect = store::sqlite_dialect(path).value();
    store::Connection connection(*dialect);
    ASSERT_EQ(store::migrate(connection, *dialect, 2).value().to, 2);
    const std::string columns =
        "INSERT INTO jobs (id, name, image_type, overlay, email, state, attempt, worker, created, "
        "started, finished, lease_end, image, error, kickstart, template) VALUES ('";
    const std::vector<std::string> rows = {
        "', 'a', 'raw', '', 'Anna@X.org', 'queued', 1, '', 1, 0, 0, 0, '', '', 'part /', 'board')",
        "', 'b', 'raw', 'vim', '', 'building', 2, 'w', 2, 3, 0, 4, '', '', 'k', '')",
        "', 'c', 'raw', '', 'b@x.org', 'done', 1, 'w', 5, 6, 7, 0, 'c.raw', '', 'k', '')",
        "', 'd', 'raw', '', 'b@x.org', 'error', 1, 'w', 8, 9, 10, 0, '', 'no room', 'k', '')"};
    ASSERT_TRUE(connection.transact(store::Durability::synced, [&](store::Session& sql) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            sql << columns + ids[i] + rows[i];
        }
        sql << "INSERT INTO outbox (kind, job, attempt) VALUES ('build', '" + ids[0] + "', 1)";
        return Result<void>();
    }));
}

TEST(Migration, TakesTheJobsOfTheServiceOnOneMachineAlong) {
    const TempFolder folder;
    const auto path = (folder.path() / "jobs.db").native();
    const std::vector ids{jobs::new_job_id(), jobs::new_job_id(), jobs::new_job_id(),
                          jobs::new_job_id()};
    make_version_2(path, ids);
    const auto store = store::open_job_store("sqlite:" + path).value();

    const auto waiting = store->find(ids[0]).value().value();
    EXPECT_EQ(waiting.state, JobState::queued);
    EXPECT_EQ(waiting.request.kickstart, "part /");
    EXPECT_EQ(waiting.request.template_name, "board");
    EXPECT_EQ(waiting.request.email, "Anna@X.org");
    const auto building = store->find(ids[1]).value().value();
    EXPECT_EQ(building.attempt, 2u);
    EXPECT_EQ(building.losses, 1u);
    EXPECT_EQ(building.worker, "w");
    EXPECT_EQ(building.lease_end, at(4));
    EXPECT_EQ(store->find(ids[2]).value()->image, "c.raw");
    EXPECT_EQ(store->find(ids[3]).value()->error, "no room");
    for (const auto state :
         {JobState::queued, JobState::building, JobState::done, JobState::error}) {
        EXPECT_EQ(store->count(state).value(), 1u) << to_text(state);
    }
    EXPECT_EQ(store->queued(0, 10).value().front().user, "anna@x.org");
    EXPECT_EQ(store->kept({}, 10).value().front().user, "b@x.org");
    EXPECT_TRUE(store->outbox(10).value().empty()) << "orders to build are no messages any more";
}

TEST(Migration, NumbersNewJobsAfterTheOldOnes) {
    const TempFolder folder;
    const auto path = (folder.path() / "jobs.db").native();
    make_version_2(
        path, {jobs::new_job_id(), jobs::new_job_id(), jobs::new_job_id(), jobs::new_job_id()});
    const auto store = store::open_job_store("sqlite:" + path).value();
    const auto job = some_job("new");
    ASSERT_TRUE(store->add(job, at(0)));
    EXPECT_EQ(store->list({}).value().front().id, job.id);
    const auto waiting = store->queued(0, 10).value();
    ASSERT_EQ(waiting.size(), 2u);
    EXPECT_EQ(waiting[1].id, job.id);
    EXPECT_EQ(waiting[1].row, 5);
    EXPECT_EQ(store->count(JobState::queued).value(), 2u) << "the triggers are there again";
}

TEST(Migration, NeverJoinsAJobWhoseDigestNobodyKnows) {
    const TempFolder folder;
    const auto path = (folder.path() / "jobs.db").native();
    const auto id = jobs::new_job_id();
    make_version_2(path, {jobs::new_job_id(), jobs::new_job_id(), id, jobs::new_job_id()});
    const auto store = store::open_job_store("sqlite:" + path).value();
    Job same{.id = jobs::new_job_id(), .request = {.name = "c", .image_type = "raw"}};
    same.request.kickstart = "k";
    same.created = at(20);
    EXPECT_FALSE(store->add(same, at(0)).value().is_joined);
}

TEST(Migration, FindsOutWhoseTheReferencesAre) {
    const TempFolder folder;
    const auto path = (folder.path() / "jobs.db").native();
    auto job = some_job("debian");
    job.request.reference = "hers";
    {
        const auto dialect = store::sqlite_dialect(path).value();
        store::Connection connection(*dialect);
        ASSERT_EQ(store::migrate(connection, *dialect, 3).value().to, 3);
        ASSERT_TRUE(connection.transact(store::Durability::synced, [&](store::Session& sql) {
            sql << "INSERT INTO jobs (id, name, image_type, overlay, email, state, attempt, "
                   "created, owner, reference, digest, kickstart) VALUES ('" +
                       job.id +
                       "', 'debian', 'raw', '', '', 'queued', 1, 1, 'anna@example.org', 'hers', '" +
                       jobs::digest_of(job.request) + "', 'k')";
            sql << "INSERT INTO job_references (reference, job) VALUES ('hers', 1), ('joined', 1)";
            return Result<void>();
        }));
    }
    const auto store = store::open_job_store("sqlite:" + path).value();
    const auto ask = [&](const std::string& reference, const std::string& email) {
        auto again = job;
        again.id = jobs::new_job_id();
        again.request.reference = reference;
        again.request.email = email;
        return store->add(again, at(0));
    };
    EXPECT_EQ(ask("hers", "anna@example.org").value().id, job.id);
    EXPECT_FALSE(ask("hers", "bert@example.org"));
    EXPECT_EQ(ask("joined", "bert@example.org").value().id, job.id) << "nobody knows whose it is";
}

TEST(Migration, FindsNothingToDoTheSecondTime) {
    const TempFolder folder;
    const auto dialect = store::sqlite_dialect((folder.path() / "jobs.db").native()).value();
    store::Connection connection(*dialect);
    const auto first = store::migrate(connection, *dialect).value();
    EXPECT_EQ(first.from, 0);
    EXPECT_EQ(first.to, store::current_version());
    EXPECT_EQ(store::migrate(connection, *dialect).value().from, store::current_version());
}

}  // namespace
}  // namespace img::testing
