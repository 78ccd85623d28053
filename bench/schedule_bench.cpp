// The fair queue with a hundred thousand jobs of a thousand users, and how fair it is over a
// million events:
//
//     cmake --build --preset release --target schedule_bench && build/release/bin/schedule_bench
#include "jobs/schedule.hpp"
#include "tests/support/queue_simulation.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

namespace {

using namespace img;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr jobs::Time kNoon{std::chrono::hours(500'000)};
constexpr int kUsers = 1'000;
constexpr int kJobs = 100'000;
constexpr unsigned kWorkers = 50;
constexpr unsigned kSlots = 4;

jobs::QueuedJob job(int number) {
    const auto* type = number % 3 == 0 ? "raw" : number % 3 == 1 ? "qcow2" : "livecd";
    return {.row = number + 1,
            .id = fmt::format("{:032x}", number),
            .user = fmt::format("user{}@example.org", number % kUsers),
            .name = fmt::format("image-{}", number % 500),
            .image_type = type,
            .architecture = number % 10 == 0 ? "arm64" : "amd64",
            .priority = number % 5 - 2,
            .created = kNoon + std::chrono::milliseconds(number)};
}

jobs::Schedule full_schedule() {
    jobs::Schedule schedule({});
    for (int i = 0; i < 1'000; ++i) {
        schedule.learn({fmt::format("image-{}", i % 500), "raw", seconds(30 + i)});
    }
    for (int i = 0; i < kJobs; ++i) {
        schedule.add(job(i));
    }
    for (unsigned i = 0; i < kWorkers; ++i) {
        schedule.hear({.worker = fmt::format("w{}", i),
                       .slots = kSlots,
                       .free = kSlots,
                       .architectures = {i % 5 == 0 ? "arm64" : "amd64"}},
                      kNoon);
    }
    return schedule;
}

/// One job goes, one comes: the queue stays as long as it is.
void next_job(benchmark::State& state) {
    auto schedule = full_schedule();
    auto now = kNoon + minutes(5);
    int number = kJobs;
    for (auto _ : state) {
        now += std::chrono::milliseconds(1);
        const auto given = schedule.next(now);
        if (!given) {
            state.SkipWithError("no job goes");
            return;
        }
        schedule.remove(given->job.id, now);
        schedule.add(job(number++));
    }
}
BENCHMARK(next_job)->Unit(benchmark::kMicrosecond);

void all_outlooks(benchmark::State& state) {
    auto schedule = full_schedule();
    for (auto _ : state) {
        benchmark::DoNotOptimize(schedule.outlooks(kNoon).size());
    }
}
BENCHMARK(all_outlooks)->Unit(benchmark::kMillisecond);

void million_events(benchmark::State& state) {
    for (auto _ : state) {
        const auto result = testing::QueueSimulation(testing::unequal_users(), 3, 4).run(1'000'000);
        state.counters["worst_index"] = result.worst_index;
        state.counters["builds"] = static_cast<double>(result.builds);
        if (result.worst_index < 0.9) {
            state.SkipWithError("not fair: Jain's index is below 0.9");
        }
    }
}
BENCHMARK(million_events)->Unit(benchmark::kSecond)->Iterations(1);

}  // namespace

BENCHMARK_MAIN();
