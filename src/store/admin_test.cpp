#include "store/admin.hpp"

#include "store/store.hpp"
#include "tests/support/backups.hpp"
#include "tests/support/temp_folder.hpp"

namespace img::testing {
namespace {

class Admin : public ::testing::Test {
protected:
    std::string url(const std::string& name) const {
        return "sqlite:" + (folder_.path() / name).native();
    }
    std::filesystem::path backup() const { return folder_.path() / "jobs.backup"; }

    TempFolder folder_;
    std::string full_ = url("full.db");
    std::string empty_ = url("empty.db");
};

TEST_F(Admin, MigratesAndSaysFromWhereToWhere) {
    const auto first = store::migrate_store(empty_).value();
    EXPECT_EQ(first.from, 0);
    EXPECT_EQ(first.to, 5);
    EXPECT_EQ(store::migrate_store(empty_).value().from, 5);
}

TEST_F(Admin, RestoresWhatWasBackedUp) {
    fill_store(full_);
    const auto made = store::back_up(full_, backup(), at(77)).value();
    EXPECT_EQ(made.jobs, 5u);
    const auto restored = store::restore(empty_, backup(), {.now = at(0)}).value();
    EXPECT_EQ(restored.jobs, 5u);
    EXPECT_EQ(restored.made, at(77));
    EXPECT_EQ(restored.sha256, made.sha256);
    expect_same(full_, empty_);
    const auto again = folder_.path() / "again.backup";
    ASSERT_TRUE(store::back_up(empty_, again, at(77)));
    EXPECT_EQ(read_file(again), read_file(backup()));
}

TEST_F(Admin, NumbersJobsAfterThoseThatWereRestored) {
    fill_store(full_);
    ASSERT_TRUE(store::back_up(full_, backup(), at(77)));
    ASSERT_TRUE(store::restore(empty_, backup(), {.now = at(0)}));
    expect_new_jobs_last(empty_);
}

TEST_F(Admin, BacksUpOneStateWhileAServiceGoesOn) {
    const auto store = store::open_job_store(full_).value();
    std::jthread service([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            auto job = some_job(jobs::new_job_id());
            job.request.reference = job.id;
            EXPECT_TRUE(store->add(job, at(0)));
        }
    });
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(store::back_up(full_, backup(), at(i)));
        const auto restored =
            store::restore(empty_, backup(), {.replace = true, .now = at(0)}).value();
        EXPECT_EQ(restored.rows, 3 * restored.jobs) << "each job with its reference and its notice";
    }
}

TEST_F(Admin, RefusesABackupThatIsCutShortWhereverThatIs) {
    fill_store(full_);
    ASSERT_TRUE(store::back_up(full_, backup(), at(77)));
    const auto text = read_file(backup());
    for (std::size_t size = 0; size < text.size(); size += text.size() / 40) {
        folder_.write("short.backup", text.substr(0, size));
        const auto restored =
            store::restore(empty_, folder_.path() / "short.backup", {.now = at(0)});
        ASSERT_FALSE(restored) << size;
        EXPECT_TRUE(restored.error().fault == Fault::broken ||
                    restored.error().fault == Fault::invalid)
            << restored.error().message;
    }
    folder_.write("short.backup", text.substr(0, text.size() - 1));
    EXPECT_FALSE(store::restore(empty_, folder_.path() / "short.backup", {.now = at(0)}));
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "empty.db")) << "it was not touched";
}

TEST_F(Admin, RefusesABackupInWhichAByteIsAnother) {
    fill_store(full_);
    ASSERT_TRUE(store::back_up(full_, backup(), at(77)));
    auto text = read_file(backup());
    const auto place = text.find("debian");
    text[place] = 'D';
    folder_.write("damaged.backup", text);
    const auto restored = store::restore(empty_, folder_.path() / "damaged.backup", {.now = at(0)});
    ASSERT_FALSE(restored);
    EXPECT_EQ(restored.error().fault, Fault::broken);
    EXPECT_NE(restored.error().message.find("damaged"), std::string::npos);
}

TEST_F(Admin, RefusesABackupOfANewerImg) {
    fill_store(full_);
    ASSERT_TRUE(store::back_up(full_, backup(), at(77)));
    auto text = read_file(backup());
    text.replace(text.find("\"schema\":5"), 10, "\"schema\":6");
    folder_.write("newer.backup", text);
    const auto restored = store::restore(empty_, folder_.path() / "newer.backup", {.now = at(0)});
    ASSERT_FALSE(restored);
    EXPECT_EQ(restored.error().fault, Fault::invalid);
    EXPECT_NE(restored.error().message.find("newer"), std::string::npos);
}

TEST_F(Admin, RefusesAFileThatIsNoBackupOrIsNotThere) {
    const auto other = folder_.write("other", "part / --size 1\n");
    EXPECT_EQ(store::restore(empty_, other, {}).error().fault, Fault::invalid);
    EXPECT_EQ(store::restore(empty_, backup(), {}).error().fault, Fault::missing);
}

TEST_F(Admin, RefusesAFirstLineThatSaysAnythingElse) {
    for (const auto* line :
         {R"({"format":1})", R"({"format":"img backup"})",
          R"({"format":"img backup","format_version":"1","schema":5,"made":1,"rows":{}})",
          R"({"format":"img backup","format_version":1,"schema":[3],"made":1,"rows":{}})",
          R"({"format":"img backup","format_version":1,"schema":5,"made":1e99,"rows":{}})",
          R"({"format":"img backup","format_version":1,"schema":5,"made":1,"rows":5})",
          R"({"format":"img backup","format_version":1,"schema":5,"made":1,"rows":{"jobs":-1}})"}) {
        const auto file = folder_.write("odd.backup", std::string(line) + "\n{\"sha256\":5}\n");
        const auto restored = store::restore(empty_, file, {});
        ASSERT_FALSE(restored) << line;
        EXPECT_TRUE(restored.error().message.starts_with(file.native() + ": ")) << line;
    }
    const auto end = folder_.write(
        "end.backup", R"({"format":"img backup","format_version":1,"schema":5,"made":1,"rows":{}})"
                      "\n{\"sha256\":5}\n");
    EXPECT_EQ(store::restore(empty_, end, {}).error().fault, Fault::broken);
}

TEST_F(Admin, RefusesToLoseJobsUnlessItIsTold) {
    fill_store(full_);
    ASSERT_TRUE(store::back_up(full_, backup(), at(77)));
    {
        const auto store = store::open_job_store(empty_).value();
        ASSERT_TRUE(store->add(some_job("precious"), at(0)));
    }
    const auto refused = store::restore(empty_, backup(), {.now = at(0)});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::invalid);
    EXPECT_NE(refused.error().message.find("--replace"), std::string::npos);
    EXPECT_EQ(store::open_job_store(empty_).value()->count(jobs::JobState::queued).value(), 1u);
    ASSERT_TRUE(store::restore(empty_, backup(), {.replace = true, .now = at(0)}));
    expect_same(full_, empty_);
}

TEST_F(Admin, RefusesToRestoreUnderAServiceThatRuns) {
    fill_store(full_);
    ASSERT_TRUE(store::back_up(full_, backup(), at(77)));
    ASSERT_TRUE(store::open_job_store(empty_).value()->hold("dispatcher", "imgd on anna", at(0),
                                                            at(1'000)));
    const auto refused = store::restore(empty_, backup(), {.now = at(999)});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::transient);
    EXPECT_NE(refused.error().message.find("imgd on anna"), std::string::npos);
    EXPECT_TRUE(store::restore(empty_, backup(), {.now = at(1'000)}));
}

TEST_F(Admin, LeavesNothingHalfWrittenBehind) {
    fill_store(full_);
    const auto nowhere = folder_.path() / "no folder" / "jobs.backup";
    const auto made = store::back_up(full_, nowhere, at(77));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().fault, Fault::broken);
    EXPECT_NE(made.error().message.find("No such file"), std::string::npos) << made.error().message;
    ASSERT_TRUE(store::back_up(full_, backup(), at(77)));
    EXPECT_FALSE(std::filesystem::exists(backup().native() + ".part"));
}

TEST_F(Admin, BacksUpNoDatabaseThatIsNotThereOrIsOlder) {
    const auto made = store::back_up(empty_, backup(), at(77));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().fault, Fault::missing);
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "empty.db"));
    folder_.write("empty.db", "");  // which SQLite takes for a database without tables
    const auto older = store::back_up(empty_, backup(), at(77));
    ASSERT_FALSE(older);
    EXPECT_EQ(older.error().fault, Fault::invalid);
    EXPECT_NE(older.error().message.find("img admin migrate"), std::string::npos);
}

}  // namespace
}  // namespace img::testing
