#include "jobs/schedule.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>

namespace img::jobs {
namespace {

// What a build is charged at first where nothing is known of any; its end puts that right.
constexpr std::chrono::milliseconds kUnknownBuild = std::chrono::minutes(5);

const std::string kDefaultArchitecture = "amd64";  // as JobRequest::architecture has it

std::string_view host_of(const PoolWorker& worker) {
    return worker.presence.host.empty() ? worker.presence.worker : worker.presence.host;
}

/// "nand", "nand for arm64"
std::string product(const std::pair<std::string, std::string>& kind) {
    return kind.first == kDefaultArchitecture ? kind.second
                                              : fmt::format("{} for {}", kind.second, kind.first);
}

/// "2 of 3 workers are busy and the third does not build nand"
std::string busy_sentence(std::size_t fitting, std::size_t all, const std::string& what) {
    if (all == 1) {
        return "the only worker is busy";
    }
    if (fitting == all) {
        return fmt::format("all {} workers are busy", all);
    }
    if (fitting == 1) {
        return fmt::format("the only worker that builds {} is busy", what);
    }
    return all == 3
               ? fmt::format("2 of 3 workers are busy and the third does not build {}", what)
               : fmt::format("the {} of {} workers that build {} are busy", fitting, all, what);
}

/// Open where the past says nothing, or where it takes longer than nearly all before it did.
Interval end_of_build(Time since, const std::optional<Estimate>& estimate, Time now) {
    const auto low = estimate ? since + estimate->low : now;
    const auto high = estimate ? since + estimate->high : now;
    return {.from = std::max(now, low), .to = high > now ? high : kOpenEnd};
}

}  // namespace

Schedule::Schedule(ScheduleOptions options)
    : options_(std::move(options)), share_(options_.weights) {}

void Schedule::learn(const BuildTime& build) {
    history_.add(build);
}

void Schedule::charge(const std::string& user,
                      std::chrono::milliseconds took,
                      Time begun,
                      Time now) {
    charge_now(user, took, std::min(begun + took, now));
    if (now - begun < std::chrono::hours(1)) {
        share_.count_build(user, begun);
    }
}

// --- Who waits ---

Schedule::Lane Schedule::lane_of(const QueuedJob& job, const std::optional<Estimate>& estimate) {
    const bool counts_as_short =
        options_.short_job.count() == 0 || !estimate || estimate->likely <= options_.short_job;
    const auto& architecture = job.architecture.empty() ? kDefaultArchitecture : job.architecture;
    return pool_.kind_of(architecture, job.image_type) * 2 + (counts_as_short ? 1 : 0);
}

Schedule::Waiting Schedule::described(const QueuedJob& job) {
    const auto estimate = history_.estimate(job.name, job.image_type);
    return {.job = job, .lane = lane_of(job, estimate), .estimate = estimate};
}

Schedule::Rank Schedule::rank(const QueuedJob& job) {
    return {.due = job.created - job.priority * kPriorityStep, .row = job.row};
}

void Schedule::add(const QueuedJob& job) {
    if (const auto known = waiting_.find(job.id);
        known != waiting_.end() && known->second.job.attempt >= job.attempt) {
        return;
    }
    if (const auto busy = busy_.find(job.id);
        busy != busy_.end() && busy->second.job.attempt >= job.attempt) {
        return;
    }
    (void)leave(job.id);
    enter(described(job));
}

void Schedule::enter(Waiting entering) {
    const auto id = entering.job.id;
    const auto& waiting = waiting_.insert_or_assign(id, std::move(entering)).first->second;
    const auto& job = waiting.job;
    auto [place, is_new] = users_.try_emplace(job.user);
    auto& user = place->second;
    if (is_new) {
        user.name = job.user;
        user.number = ++last_number_;
        user.standing = share_.standing(job.user);
        user.waits_since = job.created;
    }
    auto& lane = user.lanes[waiting.lane];
    lane.emplace(rank(job), &waiting);
    if (lane.size() == 1) {
        line_up(user, waiting.lane);
    }
}

std::optional<Schedule::Waiting> Schedule::leave(const std::string& id) {
    const auto found = waiting_.find(id);
    if (found == waiting_.end()) {
        return std::nullopt;
    }
    auto waiting = std::move(found->second);
    auto& user = users_.at(waiting.job.user);
    auto& lane = user.lanes.at(waiting.lane);
    lane.erase(rank(waiting.job));
    waiting_.erase(found);
    if (lane.empty()) {
        step_out(user, waiting.lane);
        user.lanes.erase(waiting.lane);
    }
    if (user.lanes.empty()) {
        users_.erase(waiting.job.user);
    }
    return waiting;
}

void Schedule::line_up(User& user, Lane lane) {
    lines_.resize(std::max(lines_.size(), pool_.kinds() * 2));
    lines_[lane].by_standing.emplace(user.standing, user.number, &user);
    lines_[lane].by_wait.emplace(user.waits_since, user.number, &user);
}

void Schedule::step_out(User& user, Lane lane) {
    lines_[lane].by_standing.erase({user.standing, user.number, &user});
    lines_[lane].by_wait.erase({user.waits_since, user.number, &user});
}

/// After a charge, or after one of the user's jobs began.
void Schedule::reorder(const std::string& name, Time waits_since) {
    const auto found = users_.find(name);
    if (found == users_.end()) {
        return;
    }
    auto& user = found->second;
    for (const auto& [lane, jobs] : user.lanes) {
        step_out(user, lane);
    }
    user.standing = share_.standing(name);
    user.waits_since = std::max(user.waits_since, waits_since);
    for (const auto& [lane, jobs] : user.lanes) {
        line_up(user, lane);
    }
}

void Schedule::charge_now(const std::string& user, std::chrono::milliseconds time, Time now) {
    share_.charge(user, time, now);
    reorder(user, {});
}

// --- Who builds ---

void Schedule::occupy(Busy busy, Time now) {
    const auto id = busy.job.id;
    const auto user = busy.job.user;
    busy.charged = busy.estimate ? busy.estimate->likely : kUnknownBuild;
    charge_now(user, busy.charged, now);
    reorder(user, now);
    pool_.place(busy.worker, id);
    busy_.insert_or_assign(id, std::move(busy));
}

std::optional<Schedule::Busy> Schedule::release(const std::string& id, Time now) {
    const auto found = busy_.find(id);
    if (found == busy_.end()) {
        return std::nullopt;
    }
    auto busy = std::move(found->second);
    busy_.erase(found);
    pool_.take_off(busy.worker, id);
    const auto took = busy.is_begun ? now - busy.since : std::chrono::milliseconds(0);
    charge_now(busy.job.user, took - busy.charged, now);
    return busy;
}

void Schedule::remove(const std::string& id, Time now) {
    (void)leave(id);
    (void)release(id, now);
}

void Schedule::started(const QueuedJob& job, const std::string& worker, Time begun, Time now) {
    auto known = busy_.find(job.id);
    if (known == busy_.end() || known->second.worker != worker) {
        remove(job.id, now);
        auto waiting = described(job);
        occupy({.job = job, .lane = waiting.lane, .estimate = waiting.estimate, .worker = worker},
               now);
        known = busy_.find(job.id);
    }
    if (!known->second.is_begun) {
        share_.count_build(job.user, begun);
    }
    known->second.job.attempt = job.attempt;
    known->second.since = begun;
    known->second.is_begun = true;
}

void Schedule::give_back(const std::string& id, Time now) {
    if (const auto busy = release(id, now)) {
        auto waiting = described(busy->job);
        waiting.was_sent = busy->was_sent;
        enter(std::move(waiting));
    }
}

void Schedule::give_as(const std::string& id, unsigned attempt) {
    if (const auto busy = busy_.find(id); busy != busy_.end()) {
        busy->second.job.attempt = attempt;
        busy->second.was_sent = false;
    }
}

void Schedule::hear(const Presence& presence, Time now) {
    const bool is_new = !pool_.has(presence.worker);
    pool_.hear(presence, now);
    if (!is_new) {
        return;
    }
    for (const auto& [id, busy] : busy_) {
        if (busy.worker == presence.worker) {
            pool_.place(busy.worker, id);
        }
    }
}

void Schedule::settle(Time now, Time heard_since) {
    pool_.forget_silent(now);
    give_back_unbegun(now, heard_since);
    overrun(now);
    if (share_.is_rebase_due(now)) {
        rebase(now);
    }
}

void Schedule::give_back_unbegun(Time now, Time heard_since) {
    if (now - heard_since < kAssignmentPatience) {
        return;  // that it was begun may still be on its way
    }
    std::vector<std::string> again;
    for (auto& [id, busy] : busy_) {
        if (!busy.is_begun &&
            (now - busy.since >= kAssignmentPatience || !pool_.has(busy.worker))) {
            busy.was_sent = true;
            again.push_back(id);
        }
    }
    for (const auto& id : again) {
        give_back(id, now);
    }
}

/// Charges builds for what they take beyond what they were charged for.
void Schedule::overrun(Time now) {
    for (auto& [id, busy] : busy_) {
        const auto took = now - busy.since;
        if (busy.is_begun && took > busy.charged) {
            charge_now(busy.job.user, took - busy.charged, now);
            busy.charged = took;
        }
    }
}

void Schedule::rebase(Time now) {
    for (auto& line : lines_) {
        line = {};
    }
    share_.rebase(now);
    for (auto& [name, user] : users_) {
        user.standing = share_.standing(name);
        for (const auto& [lane, jobs] : user.lanes) {
            line_up(user, lane);
        }
    }
}

// --- Whose turn it is ---

bool Schedule::may_begin_long() const {
    const auto slots = pool_.slots();
    const auto long_ones = std::ranges::count_if(busy_, [this](const auto& one) {
        return !is_short(one.second.lane) && pool_.has(one.second.worker);
    });
    return slots < 2 || static_cast<std::size_t>(long_ones) + 2 <= slots;
}

std::vector<bool> Schedule::open_lanes() const {
    const auto kinds = pool_.open_kinds();
    const bool long_too = may_begin_long();
    std::vector<bool> open(lines_.size(), false);
    for (Lane lane = 0; lane < open.size(); ++lane) {
        open[lane] = kinds[kind(lane)] && (long_too || is_short(lane));
    }
    return open;
}

/// The overdue user, if there is one, that has waited longest of all.
Schedule::User* Schedule::longest_waiting(const std::vector<bool>& open, Time now) const {
    const std::tuple<Time, std::uint64_t, User*>* first = nullptr;
    for (Lane lane = 0; lane < open.size(); ++lane) {
        const auto& line = lines_[lane].by_wait;
        if (open[lane] && !line.empty() && (first == nullptr || *line.begin() < *first)) {
            first = &*line.begin();
        }
    }
    return first != nullptr && now - std::get<Time>(*first) >= kOverdue ? std::get<User*>(*first)
                                                                        : nullptr;
}

Schedule::User* Schedule::next_user(const std::vector<bool>& open, Time now) {
    if (turns_ + 1 >= kOverdueTurn) {
        if (auto* const overdue = longest_waiting(open, now)) {
            turns_ = 0;
            return overdue;
        }
    }
    const std::tuple<double, std::uint64_t, User*>* first = nullptr;
    for (Lane lane = 0; lane < open.size(); ++lane) {
        const auto& line = lines_[lane].by_standing;
        if (open[lane] && !line.empty() && (first == nullptr || *line.begin() < *first)) {
            first = &*line.begin();
        }
    }
    turns_ = std::min(turns_ + 1, kOverdueTurn);
    return first != nullptr ? std::get<User*>(*first) : nullptr;
}

const Schedule::Waiting& Schedule::first_of(const User& user, const std::vector<bool>& open) {
    const std::pair<const Rank, const Waiting*>* first = nullptr;
    for (const auto& [lane, jobs] : user.lanes) {
        if (open[lane] && (first == nullptr || jobs.begin()->first < first->first)) {
            first = &*jobs.begin();
        }
    }
    return *first->second;
}

std::optional<Assignment> Schedule::next(Time now) {
    if (waiting_.empty()) {
        return std::nullopt;
    }
    const auto open = open_lanes();
    const auto* user = next_user(open, now);
    if (user == nullptr) {
        return std::nullopt;
    }
    const auto id = first_of(*user, open).job.id;  // a copy: what it names goes in a moment
    auto waiting = *leave(id);
    const auto worker = pool_.best_for(kind(waiting.lane))->presence.worker;
    Assignment assignment{.job = waiting.job, .was_sent = waiting.was_sent, .worker = worker};
    occupy({.job = std::move(waiting.job),
            .lane = waiting.lane,
            .estimate = waiting.estimate,
            .worker = worker,
            .since = now,
            .was_sent = waiting.was_sent},
           now);
    return assignment;
}

// --- What those that wait may expect ---

bool Schedule::is_stuck(Lane lane) const {
    return std::ranges::none_of(pool_.workers(), [&](const auto& one) {
        return !one.second.presence.is_leaving && one.second.can_build[kind(lane)];
    });
}

std::string Schedule::why(Lane lane) const {
    std::size_t staying = 0;
    std::vector<const PoolWorker*> fitting;
    for (const auto& [name, worker] : pool_.workers()) {
        staying += worker.presence.is_leaving ? 0 : 1;
        if (!worker.presence.is_leaving && worker.can_build[kind(lane)]) {
            fitting.push_back(&worker);
        }
    }
    const auto what = product(pool_.kind(kind(lane)));
    if (staying == 0) {
        return pool_.workers().empty() ? "no worker is there: start img-worker"
                                       : "every worker is about to stop: start img-worker";
    }
    if (fitting.empty()) {
        return fmt::format("no worker builds {}: start one that does", what);
    }
    if (std::ranges::any_of(fitting, [](const auto* worker) { return worker->free > 0; })) {
        return is_short(lane) || may_begin_long()
                   ? "a worker is free: it begins in a moment"
                   : fmt::format("the last free slot is kept for short jobs, of at most {} s",
                                 options_.short_job.count() / 1000);
    }
    for (const auto* worker : fitting) {
        if (!worker->presence.shortage.empty()) {
            return fmt::format("worker {} has no room: {}", host_of(*worker),
                               worker->presence.shortage);
        }
    }
    return busy_sentence(fitting.size(), staying, what);
}

/// Workers that can build the same are one group.
std::vector<SlotGroup> Schedule::slot_groups(Time now) const {
    std::map<std::vector<bool>, SlotGroup> groups;
    for (const auto& [name, worker] : pool_.workers()) {
        if (worker.presence.is_leaving) {
            continue;
        }
        auto& group = groups[worker.can_build];
        group.can_build = worker.can_build;
        group.free.insert(group.free.end(), worker.free, {.from = now, .to = now});
        for (const auto& id : worker.jobs) {
            const auto& busy = busy_.at(id);
            // Asked for again: when it began there may have been no past to judge by.
            const auto estimate = history_.estimate(busy.job.name, busy.job.image_type);
            group.free.push_back(end_of_build(busy.since, estimate, now));
        }
    }
    std::vector<SlotGroup> all;
    for (auto& [can_build, group] : groups) {
        std::ranges::sort(group.free, {}, &Interval::from);
        all.push_back(std::move(group));
    }
    const auto largest =
        std::ranges::max_element(all, {}, [](const SlotGroup& one) { return one.free.size(); });
    if (options_.short_job.count() > 0 && pool_.slots() >= 2 && largest != all.end()) {
        largest->kept = 1;
    }
    return all;
}

/// The user's jobs in his order, each with what he will have been charged when it is its turn.
void Schedule::expect_jobs_of(const User& user, std::size_t number, Forecast& forecast) const {
    std::vector<std::pair<Rank, const Waiting*>> in_order;
    for (const auto& [lane, jobs] : user.lanes) {
        in_order.insert(in_order.end(), jobs.begin(), jobs.end());
    }
    std::ranges::sort(in_order);
    const double unit = share_.weighted(user.name, std::chrono::milliseconds(1), forecast.now);
    double turn = user.standing;
    for (const auto& [rank, waiting] : in_order) {
        const auto& job = waiting->job;
        const auto estimate =
            waiting->estimate ? waiting->estimate : history_.estimate(job.name, job.image_type);
        forecast.jobs.push_back({.id = job.id,
                                 .user = number,
                                 .lane = waiting->lane,
                                 .turn = turn,
                                 .estimate = estimate});
        const auto likely = estimate ? estimate->likely : kUnknownBuild;
        turn += static_cast<double>(likely.count()) * unit;
    }
}

Outlooks Schedule::outlooks(Time now) const {
    Forecast forecast{.now = now, .slots = slot_groups(now)};
    for (Lane lane = 0; lane < lines_.size(); ++lane) {
        forecast.lanes.push_back({.kind = kind(lane),
                                  .is_short = is_short(lane),
                                  .is_stuck = is_stuck(lane),
                                  .why = why(lane)});
    }
    forecast.jobs.reserve(waiting_.size());
    std::vector<const User*> users;  // in the order that decides between equals
    for (const auto& [name, user] : users_) {
        users.push_back(&user);
    }
    std::ranges::sort(users, {}, &User::number);
    for (const auto* user : users) {
        forecast.users.push_back({.builds_lately = share_.builds_lately(user->name, now)});
        expect_jobs_of(*user, forecast.users.size() - 1, forecast);
    }
    return Outlooks(std::move(forecast));
}

}  // namespace img::jobs
