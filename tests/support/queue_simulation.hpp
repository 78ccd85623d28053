// Users, workers and a virtual clock around a jobs::Schedule: the same run every time.
#pragma once

#include "jobs/schedule.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <map>
#include <queue>
#include <random>
#include <string>
#include <vector>

namespace img::testing {

/// How one user behaves.
struct SimulatedUser {
    std::string name{};
    double weight = 1;
    std::chrono::seconds build{};  ///< How long his builds take, more or less.
    std::size_t backlog = 0;       ///< So many jobs always wait; 0: see `every`.
    std::chrono::seconds every{};  ///< Between two single jobs.
};

struct SimulationResult {
    std::uint64_t events = 0;
    std::uint64_t builds = 0;
    /// Jain's index of the weighted service of those with a backlog, of the worst six hours.
    double worst_index = 1;
    /// The longest that a single job of a user without a backlog has waited.
    std::chrono::milliseconds longest_single_wait{};
};

/// (Σx)² / (n·Σx²): 1 where all have the same, 1/n where one has everything.
inline double jain_index(const std::vector<double>& shares) {
    double sum = 0;
    double squares = 0;
    for (const auto share : shares) {
        sum += share;
        squares += share * share;
    }
    return squares == 0 ? 1 : sum * sum / (static_cast<double>(shares.size()) * squares);
}

class QueueSimulation {
public:
    QueueSimulation(std::vector<SimulatedUser> users, unsigned workers, unsigned slots)
        : users_(std::move(users)), slots_(slots), schedule_(options(users_)) {
        for (unsigned i = 0; i < workers; ++i) {
            push(kBegin, {.kind = Event::presence, .number = i});
            building_.emplace_back();
        }
        for (std::size_t i = 0; i < users_.size(); ++i) {
            push(kBegin, {.kind = Event::arrival, .number = i});
        }
    }

    SimulationResult run(std::uint64_t events_max) {
        auto window_end = kBegin + kWindow;
        while (result_.events < events_max) {
            const auto [time, order, event] = events_.top();
            events_.pop();
            now_ = time;
            ++result_.events;
            handle(event);
            give_out();
            if (now_ >= window_end) {
                close_window();
                window_end += kWindow;
            }
        }
        return result_;
    }

private:
    struct Event {
        enum Kind { presence, arrival, end };
        Kind kind = presence;
        std::size_t number = 0;  ///< Of the worker or the user.
        std::string id{};
        std::chrono::milliseconds took{};
    };
    using Timed = std::tuple<jobs::Time, std::uint64_t, Event>;
    struct Later {
        bool operator()(const Timed& a, const Timed& b) const {
            return std::tie(std::get<0>(a), std::get<1>(a)) >
                   std::tie(std::get<0>(b), std::get<1>(b));
        }
    };

    static constexpr jobs::Time kBegin{std::chrono::hours(1000)};
    static constexpr auto kWindow = std::chrono::hours(6);

    static jobs::ScheduleOptions options(const std::vector<SimulatedUser>& users) {
        jobs::ScheduleOptions options{.short_job = std::chrono::minutes(2)};
        for (const auto& user : users) {
            options.weights[user.name] = user.weight;
        }
        return options;
    }
    void push(jobs::Time time, Event event) {
        events_.emplace(time, ++last_order_, std::move(event));
    }
    void handle(const Event& event) {
        switch (event.kind) {
            case Event::presence:
                say_presence(event.number);
                schedule_.settle(now_);
                push(now_ + std::chrono::seconds(10), event);
                return;
            case Event::arrival: arrive(event.number); return;
            case Event::end: end(event); return;
        }
    }
    void say_presence(std::size_t worker) {
        schedule_.hear({.worker = fmt::format("w{}", worker),
                        .slots = slots_,
                        .free = slots_ - static_cast<unsigned>(building_[worker].size()),
                        .building = building_[worker]},
                       now_);
    }
    void arrive(std::size_t number) {
        const auto& user = users_[number];
        submit(number);
        if (user.backlog == 0) {
            push(now_ + user.every, {.kind = Event::arrival, .number = number});
            return;
        }
        for (std::size_t i = 1; i < user.backlog; ++i) {
            submit(number);
        }
    }
    void submit(std::size_t number) {
        const auto& user = users_[number];
        const auto id = fmt::format("{:032x}", ++last_row_);
        owners_[id] = number;
        schedule_.add({.row = last_row_,
                       .id = id,
                       .user = user.name,
                       .name = user.name,
                       .image_type = "raw",
                       .architecture = "amd64",
                       .created = now_});
    }
    void give_out() {
        while (const auto given = schedule_.next(now_)) {
            const auto number = owners_.at(given->job.id);
            const auto& user = users_[number];
            schedule_.started(given->job, given->worker, now_, now_);
            std::uniform_int_distribution<std::int64_t> spread(500, 1500);
            const std::chrono::milliseconds took(user.build.count() * spread(random_));
            const auto worker = static_cast<std::size_t>(std::stoul(given->worker.substr(1)));
            building_[worker].push_back(given->job.id + ".1");
            say_presence(worker);
            if (user.backlog == 0) {
                result_.longest_single_wait =
                    std::max(result_.longest_single_wait, now_ - given->job.created);
            } else {
                submit(number);
            }
            push(now_ + took,
                 {.kind = Event::end, .number = worker, .id = given->job.id, .took = took});
        }
    }
    void end(const Event& event) {
        const auto number = owners_.at(event.id);
        schedule_.remove(event.id, now_);
        schedule_.learn({users_[number].name, "raw", event.took});
        std::erase(building_[event.number], event.id + ".1");
        say_presence(event.number);
        served_[number] += static_cast<double>(event.took.count()) / users_[number].weight;
        owners_.erase(event.id);
        ++result_.builds;
    }
    void close_window() {
        std::vector<double> shares;
        for (std::size_t i = 0; i < users_.size(); ++i) {
            if (users_[i].backlog > 0) {
                shares.push_back(served_[i]);
            }
        }
        served_.clear();
        result_.worst_index = std::min(result_.worst_index, jain_index(shares));
    }

    std::vector<SimulatedUser> users_;
    unsigned slots_;
    jobs::Schedule schedule_;
    jobs::Time now_ = kBegin;
    std::priority_queue<Timed, std::vector<Timed>, Later> events_;
    std::uint64_t last_order_ = 0;
    std::int64_t last_row_ = 0;
    std::map<std::string, std::size_t> owners_;
    std::vector<std::vector<std::string>> building_;  ///< By worker.
    std::map<std::size_t, double> served_;            ///< In this window, by user.
    SimulationResult result_;
    std::mt19937_64 random_{20261122};  ///< Any seed; always the same.
};

/// Users of very different loads: some fill the queue, some send one job now and then.
inline std::vector<SimulatedUser> unequal_users() {
    using std::chrono::minutes;
    using std::chrono::seconds;
    std::vector<SimulatedUser> users{
        {.name = "flood", .build = minutes(5), .backlog = 100},
        {.name = "heavy", .weight = 2, .build = minutes(5), .backlog = 20},
        {.name = "light-weight", .weight = 0.5, .build = minutes(3), .backlog = 10},
        {.name = "long", .build = minutes(30), .backlog = 3},
        {.name = "quick", .build = seconds(40), .backlog = 5},
        {.name = "one-after-another", .build = minutes(4), .backlog = 2},
    };
    for (int i = 0; i < 10; ++i) {
        users.push_back({.name = fmt::format("single-{}", i),
                         .build = minutes(4),
                         .every = minutes(60 + 7 * i)});
    }
    return users;
}

}  // namespace img::testing
