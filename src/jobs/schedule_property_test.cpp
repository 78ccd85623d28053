// What holds of the fair queue whatever happens to it.
#include "jobs/schedule.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <rapidcheck/gtest.h>
#include <set>

namespace img::testing {
namespace {

using jobs::Presence;
using jobs::QueuedJob;
using jobs::Schedule;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr jobs::Time kNoon{std::chrono::hours(500'000)};
using Words = std::vector<std::string>;
const Words kTypes{"raw", "nand", "livecd"};
const std::vector<Words> kArchitectures{{"amd64"}, {"arm64"}, {"amd64", "arm64"}};
const std::vector<Words> kAbilities{{}, {"raw"}, {"nand", "raw"}};

/// Random jobs and workers, and what must be true of them beside the schedule itself.
class World {
public:
    void submit() {
        const auto type = *rc::gen::elementOf(kTypes);
        QueuedJob job{.row = ++row_,
                      .id = fmt::format("{:032x}", row_),
                      .user = fmt::format("user{}", *rc::gen::inRange(0, 5)),
                      .name = *rc::gen::element<std::string>("short", "long", "new"),
                      .image_type = type,
                      .architecture = *rc::gen::element<std::string>("amd64", "arm64"),
                      .priority = *rc::gen::inRange(-10, 11),
                      .created = now_};
        schedule_.add(job);
        waiting_[job.id] = job;
    }
    void bring_worker() {
        const auto name = fmt::format("w{}", *rc::gen::inRange(0, 4));
        auto& worker = workers_[name];
        if (worker.worker.empty()) {
            worker = {.worker = name,
                      .slots = *rc::gen::inRange(1U, 4U),
                      .architectures = *rc::gen::elementOf(kArchitectures),
                      .image_types = *rc::gen::elementOf(kAbilities)};
        }
        say(worker);
    }
    void say(Presence& worker) {
        worker.free = worker.slots - static_cast<unsigned>(worker.building.size());
        schedule_.hear(worker, now_);
    }
    void give_out() {
        while (const auto given = schedule_.next(now_)) {
            auto& worker = workers_.at(given->worker);
            RC_ASSERT(waiting_.erase(given->job.id) == 1U);
            RC_ASSERT(builds(worker, given->job));
            RC_ASSERT(worker.building.size() < worker.slots);
            schedule_.started(given->job, given->worker, now_, now_);
            worker.building.push_back(given->job.id + ".1");
            where_[given->job.id] = given->worker;
        }
    }
    void end_one() {
        if (where_.empty()) {
            return;
        }
        const auto chosen = *rc::gen::inRange<std::size_t>(0, where_.size());
        end(std::next(where_.begin(), static_cast<std::ptrdiff_t>(chosen))->first);
    }
    void end(const std::string id) {  // a copy: where_ may own what the caller has
        auto& worker = workers_.at(where_.at(id));
        std::erase(worker.building, id + ".1");
        where_.erase(id);
        schedule_.remove(id, now_);
        say(worker);
    }
    void pass_time() {
        now_ += seconds(*rc::gen::inRange(0, 1000));
        for (auto& [name, worker] : workers_) {
            say(worker);
        }
        schedule_.settle(now_);
    }
    void learn() {
        for (int i = 0; i < 3; ++i) {
            schedule_.learn({"short", "raw", seconds(30)});
            schedule_.learn({"long", "raw", minutes(20)});
        }
    }
    /// No free slot that a waiting job could use, but the one that is kept for short jobs.
    void check_no_slot_is_wasted() {
        std::size_t wasted = 0;
        for (const auto& [name, worker] : workers_) {
            const bool is_wanted = std::ranges::any_of(
                waiting_, [&](const auto& one) { return builds(worker, one.second); });
            wasted += is_wanted ? worker.slots - worker.building.size() : 0;
        }
        const bool only_long_wait = std::ranges::all_of(waiting_, [&](const auto& one) {
            return one.second.name != "short" || !fits_somewhere(one.second);
        });
        // Where the kept slot is not the only free one, the others are of no use to who waits.
        RC_ASSERT(wasted == 0U || (only_long_wait && long_running_fill_all_but_one()));
    }
    void work_off() {
        for (int round = 0; round < 10'000 && (!waiting_.empty() || !where_.empty()); ++round) {
            now_ += minutes(1);
            for (auto& [name, worker] : workers_) {
                say(worker);
            }
            schedule_.settle(now_);
            give_out();
            if (!where_.empty()) {
                end(where_.begin()->first);
            }
        }
        for (const auto& [id, job] : waiting_) {
            RC_ASSERT(!fits_anyone(job));
        }
    }

private:
    static bool builds(const Presence& worker, const QueuedJob& job) {
        const auto& types = worker.image_types;
        return std::ranges::count(worker.architectures, job.architecture) > 0 &&
               (types.empty() || std::ranges::count(types, job.image_type) > 0);
    }
    bool fits_anyone(const QueuedJob& job) const {
        return std::ranges::any_of(workers_,
                                   [&](const auto& one) { return builds(one.second, job); });
    }
    bool fits_somewhere(const QueuedJob& job) const {
        return std::ranges::any_of(workers_, [&](const auto& one) {
            return one.second.building.size() < one.second.slots && builds(one.second, job);
        });
    }
    /// The reserve binds: one more long build would leave no slot that is not a long one's.
    bool long_running_fill_all_but_one() const {
        std::size_t slots = 0;
        for (const auto& [name, worker] : workers_) {
            slots += worker.slots;
        }
        return slots >= 2 && where_.size() + 1 >= slots;
    }

    jobs::Time now_ = kNoon;
    std::int64_t row_ = 0;
    Schedule schedule_{{.weights = {{"user0", 0.01}, {"user1", 5}}}};
    std::map<std::string, QueuedJob> waiting_;
    std::map<std::string, Presence> workers_;
    std::map<std::string, std::string> where_;
};

RC_GTEST_PROP(ScheduleProperty, WastesNoSlotAndStarvesNobody, ()) {
    World world;
    if (*rc::gen::arbitrary<bool>()) {
        world.learn();
    }
    const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 8));
    for (const int step : steps) {
        switch (step) {
            case 0: world.bring_worker(); break;
            case 1: world.end_one(); break;
            case 2: world.pass_time(); break;
            default: world.submit(); break;
        }
        world.give_out();
        world.check_no_slot_is_wasted();
    }
    world.work_off();
}

}  // namespace
}  // namespace img::testing
