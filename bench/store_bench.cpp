// How fast the stores are: store_bench [--rows N] [--folder DIR] [sqlite|postgresql]…
//
// Both databases synchronise to the disk as in service. PostgreSQL is a server of the bench's own,
// with its default settings, on a socket. Rows of the large table have a kickstart of 2 kB each.
#include "store/store.hpp"
#include "tests/support/postgres_server.hpp"
#include "tests/support/some_job.hpp"
#include "tests/support/temp_folder.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fmt/format.h>
#include <functional>
#include <memory>
#include <random>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <string>
#include <thread>
#include <vector>

namespace img {
namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto kSpell = 3s;  // of each measurement of a rate
constexpr int kCalls = 500;  // of each measurement of a latency
constexpr std::size_t kQueued = 10'000;

/// A database to measure, and how its large table is filled.
struct Subject {
    std::string name{};
    std::function<std::string()> new_url{};
    std::function<void(const std::string& url, long rows)> fill{};
};

void report(const Subject& subject, const std::string& what, const std::string& figure) {
    fmt::print("{:<11} {:<48} {}\n", subject.name, what, figure);
    std::fflush(stdout);
}

/// Ends the bench where a call fails: its figures would mean nothing.
template <typename Value>
Value must(Result<Value> result) {
    if (!result) {
        fmt::print(stderr, "{}\n", result.error().message);
        std::exit(1);
    }
    return *std::move(result);
}

/// Calls of action(thread) in a second, from so many threads at once.
double rate(int threads, const std::function<void(int)>& action) {
    std::atomic<long> calls = 0;
    const auto begin = steady_clock::now();
    {
        std::vector<std::jthread> all;
        for (int i = 0; i < threads; ++i) {
            all.emplace_back([&, i] {
                while (steady_clock::now() < begin + kSpell) {
                    action(i);
                    ++calls;
                }
            });
        }
    }
    return static_cast<double>(calls) /
           std::chrono::duration<double>(steady_clock::now() - begin).count();
}

std::string latency(const std::function<void(int)>& action, int calls = kCalls) {
    std::vector<double> times;
    for (int i = 0; i < calls; ++i) {
        const auto begin = steady_clock::now();
        action(i);
        times.push_back(
            std::chrono::duration<double, std::milli>(steady_clock::now() - begin).count());
    }
    std::ranges::sort(times);
    return fmt::format("p50 {:.2f} ms  p99 {:.2f} ms  most {:.2f} ms", times[times.size() / 2],
                       times[times.size() * 99 / 100], times.back());
}

jobs::Job new_job() {
    auto job = testing::some_job("");
    job.request.name = job.id;
    job.request.kickstart += std::string(2'000, '#');
    return job;
}

void measure_submits(const Subject& subject) {
    const auto store = must(store::open_job_store(subject.new_url()));
    for (const int threads : {1, 16}) {
        const auto submits = rate(threads, [&](int) { must(store->add(new_job(), {})); });
        report(subject, fmt::format("durable submits, {} threads", threads),
               fmt::format("{:.0f}/s", submits));
    }
    const auto some = must(store->list({.limit = 500}));
    for (const int threads : {1, 4}) {
        const auto reads =
            rate(threads, [&](int i) { must(store->find(some[static_cast<std::size_t>(i)].id)); });
        report(subject, fmt::format("status reads, {} threads", threads),
               fmt::format("{:.0f}/s", reads));
    }
}

void measure_claims(const Subject& subject) {
    const auto store = must(store::open_job_store(subject.new_url()));
    std::vector<std::jthread> threads;
    for (int i = 0; i < 16; ++i) {
        threads.emplace_back([&] {
            for (std::size_t j = 0; j < kQueued / 16; ++j) {
                must(store->add(new_job(), {}));
            }
        });
    }
    threads.clear();
    const auto waiting = must(store->queued(0, kQueued));
    report(subject, fmt::format("claim with {} queued", waiting.size()), latency([&](int i) {
               must(store->move({.id = waiting[static_cast<std::size_t>(i)].id,
                                 .event = jobs::JobEvent::start,
                                 .worker = "worker",
                                 .now = testing::at(2'000),
                                 .lease_end = testing::at(32'000)}));
           }));
}

void measure_lists(const Subject& subject, long rows) {
    const auto url = subject.new_url();
    (void)must(store::open_job_store(url));
    subject.fill(url, rows);
    const auto store = must(store::open_job_store(url));
    std::mt19937_64 random(7);
    const auto any_id = [&] {
        return fmt::format("{:032x}", 1 + random() % static_cast<unsigned long>(rows));
    };
    const auto page = [&](const std::string& what, const std::function<jobs::JobFilter()>& filter) {
        report(subject, fmt::format("{} of {} rows", what, rows),
               latency([&](int) { must(store->list(filter())); }));
    };
    page("first page", [] { return jobs::JobFilter{}; });
    page("any page", [&] { return jobs::JobFilter{.before = any_id()}; });
    page("any page of done jobs",
         [&] { return jobs::JobFilter{.state = jobs::JobState::done, .before = any_id()}; });
    report(subject, "five counts", latency([&](int) {
               using enum jobs::JobState;
               for (const auto state : {queued, building, done, error, cancelled}) {
                   must(store->count(state));
               }
           }));
    report(subject, "find", latency([&](int) { must(store->find(any_id())); }));
    report(subject, "queued(), 1000", latency([&](int) { must(store->queued(0, 1'000)); }));
    report(subject, "history(), 1000", latency([&](int) { must(store->history(1'000)); }));
    report(subject, "kept(), 500", latency([&](int) { must(store->kept(any_id(), 500)); }));
    report(subject, "expired()", latency([&](int) { must(store->expired(testing::at(1))); }));
    report(subject, "submit", latency([&](int) { must(store->add(new_job(), {})); }));
}

// One job in a hundred waits, one in a thousand is building, the others are done.
constexpr const char* kColumns =
    "INSERT INTO jobs (id, name, image_type, overlay, email, state, attempt, worker, created, "
    "started, finished, lease_end, image, owner, digest, kickstart) ";
constexpr const char* kValues =
    "'job' || n, 'raw', '', 'a@x', "
    "CASE WHEN n % 100 = 0 THEN 'queued' WHEN n % 1000 = 1 THEN 'building' ELSE 'done' END, 1, "
    "CASE WHEN n % 100 = 0 THEN '' ELSE 'w' END, n, "
    "CASE WHEN n % 100 = 0 THEN 0 ELSE n END, "
    "CASE WHEN n % 100 = 0 OR n % 1000 = 1 THEN 0 ELSE n + 60000 END, "
    "CASE WHEN n % 1000 = 1 THEN 9000000000000 ELSE 0 END, "
    "CASE WHEN n % 100 = 0 OR n % 1000 = 1 THEN '' ELSE 'a.raw' END, 'a@x', ";

void fill_sqlite(const std::string& url, long rows) {
    soci::session sql(soci::sqlite3, url.substr(std::string("sqlite:").size()));
    sql << "BEGIN";
    sql << fmt::format(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM "
        "numbers WHERE n < {}) {} SELECT printf('%032x', n), {} "
        "printf('%064x', n), hex(randomblob(1000)) FROM numbers",
        rows, kColumns, kValues);
    sql << "COMMIT";
}

void fill_postgres(const std::string& url, long rows) {
    soci::session sql(soci::postgresql, url);
    sql << "ALTER TABLE jobs DISABLE TRIGGER jobs_counted";
    sql << fmt::format(
        "{} SELECT lpad(to_hex(n), 32, '0'), {} lpad(to_hex(n), 64, '0'), "
        "convert_to(repeat(md5(CAST(n AS TEXT)), 62), 'UTF8') "
        "FROM generate_series(1, {}) AS n",
        kColumns, kValues, rows);
    sql << "UPDATE job_counts SET jobs = (SELECT count(*) FROM jobs j WHERE j.state = "
           "job_counts.state)";
    sql << "ALTER TABLE jobs ENABLE TRIGGER jobs_counted";
    sql << "ANALYZE";
}

int run(int argc, char** argv) {
    CLI::App app{"How fast the stores are"};
    std::vector<std::string> names{"sqlite", "postgresql"};
    std::string folder = std::filesystem::temp_directory_path().string();
    long rows = 1'000'000;
    app.add_option("stores", names, "sqlite, postgresql")
        ->check(CLI::IsMember({"sqlite", "postgresql"}));
    app.add_option("--folder", folder, "Where the databases are put for the while");
    app.add_option("--rows", rows, "Of the large table");
    CLI11_PARSE(app, argc, argv);

    const testing::TempFolder place(folder);
    std::unique_ptr<testing::PostgresServer> server;
    for (const auto& name : names) {
        Subject subject{.name = name};
        if (name == "sqlite") {
            subject.new_url = [&] {
                return "sqlite:" + (place.path() / (jobs::new_job_id() + ".db")).native();
            };
            subject.fill = fill_sqlite;
        } else {
            ::setenv("TMPDIR", folder.c_str(), 1);
            server = std::make_unique<testing::PostgresServer>(
                testing::PostgresServer::Synchronising::on);
            subject.new_url = [&] { return server->new_database(); };
            subject.fill = fill_postgres;
        }
        measure_submits(subject);
        measure_claims(subject);
        if (rows > 0) {
            measure_lists(subject, rows);
        }
    }
    return 0;
}

}  // namespace
}  // namespace img

int main(int argc, char** argv) {
    return img::run(argc, argv);
}
