// The workers that are there, what each can build, and how many slots are free by now.
#pragma once

#include "jobs/job.hpp"
#include "jobs/presence.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace img::jobs {

/// Three presences of one every 10 s that did not come: the worker is gone.
inline constexpr std::chrono::milliseconds kWorkerSilenceMax = std::chrono::seconds(30);

/// A worker's last word, and what it was given since.
struct PoolWorker {
    Presence presence{};
    Time heard{};
    std::set<std::string> jobs{};   ///< Ids of those that are its own, begun or not.
    std::vector<bool> can_build{};  ///< By kind of job; see WorkerPool::kind_of.
    std::size_t free = 0;           ///< Slots that an order could have now.
};

/// Counts slots: a presence says how many are free, and orders that it does not know of yet are
/// taken off that.
class WorkerPool {
public:
    /// A number for each architecture and image type that there has been a job for.
    std::size_t kind_of(const std::string& architecture, const std::string& image_type);
    std::size_t kinds() const { return kinds_.size(); }
    const std::pair<std::string, std::string>& kind(std::size_t number) const {
        return kinds_[number];
    }

    /// What a worker says of itself; its last word takes it out.
    void hear(const Presence& presence, Time now);
    /// Takes out those that have been silent for too long.
    void forget_silent(Time now);

    /// The job is on its way to the worker, or is being built there.
    void place(const std::string& worker, const std::string& id);
    void take_off(const std::string& worker, const std::string& id);
    bool has(const std::string& worker) const { return workers_.contains(worker); }

    /// Kinds that some worker with a free slot could build.
    std::vector<bool> open_kinds() const;
    /// Where a job of that kind goes best: to the worker that can do the least else, and of such
    /// the one with most free slots. Null: nowhere now.
    const PoolWorker* best_for(std::size_t kind) const;

    /// Of all workers, free or in use.
    std::size_t slots() const;
    const std::map<std::string, PoolWorker>& workers() const { return workers_; }

private:
    void count_free(PoolWorker& worker) const;
    void learn_kinds(PoolWorker& worker) const;

    std::vector<std::pair<std::string, std::string>> kinds_;
    std::map<std::pair<std::string, std::string>, std::size_t> kind_numbers_;
    std::map<std::string, PoolWorker> workers_;
};

}  // namespace img::jobs
