#include "jobs/worker_pool.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>

namespace img::jobs {
namespace {

bool can_build(const Presence& presence, const std::pair<std::string, std::string>& kind) {
    const auto& types = presence.image_types;
    return std::ranges::find(presence.architectures, kind.first) != presence.architectures.end() &&
           (types.empty() || std::ranges::find(types, kind.second) != types.end());
}

/// Whether the worker knows that it builds this job: `building` has <id>.<attempt>.
bool names(const std::vector<std::string>& building, const std::string& id) {
    return std::ranges::any_of(building, [&id](const std::string& one) {
        return std::string_view(one).substr(0, one.find('.')) == id;
    });
}

}  // namespace

std::size_t WorkerPool::kind_of(const std::string& architecture, const std::string& image_type) {
    const auto [place, is_new] =
        kind_numbers_.try_emplace({architecture, image_type}, kinds_.size());
    if (is_new) {
        kinds_.emplace_back(architecture, image_type);
        for (auto& [name, worker] : workers_) {
            worker.can_build.push_back(can_build(worker.presence, kinds_.back()));
        }
    }
    return place->second;
}

void WorkerPool::learn_kinds(PoolWorker& worker) const {
    worker.can_build.clear();
    for (const auto& kind : kinds_) {
        worker.can_build.push_back(can_build(worker.presence, kind));
    }
}

void WorkerPool::count_free(PoolWorker& worker) const {
    const auto unknown = static_cast<std::size_t>(std::ranges::count_if(
        worker.jobs,
        [&worker](const std::string& id) { return !names(worker.presence.building, id); }));
    const std::size_t said = worker.presence.is_leaving ? 0 : worker.presence.free;
    worker.free = said > unknown ? said - unknown : 0;
}

void WorkerPool::hear(const Presence& presence, Time now) {
    if (presence.is_gone) {
        workers_.erase(presence.worker);
        return;
    }
    auto& worker = workers_[presence.worker];
    worker.presence = presence;
    worker.heard = now;
    learn_kinds(worker);
    count_free(worker);
}

void WorkerPool::forget_silent(Time now) {
    std::erase_if(workers_, [now](const auto& worker) {
        return now - worker.second.heard > kWorkerSilenceMax;
    });
}

void WorkerPool::place(const std::string& worker, const std::string& id) {
    const auto found = workers_.find(worker);
    if (found != workers_.end()) {
        found->second.jobs.insert(id);
        count_free(found->second);
    }
}

void WorkerPool::take_off(const std::string& worker, const std::string& id) {
    const auto found = workers_.find(worker);
    if (found != workers_.end()) {
        found->second.jobs.erase(id);
        count_free(found->second);
    }
}

std::vector<bool> WorkerPool::open_kinds() const {
    std::vector<bool> open(kinds_.size(), false);
    for (const auto& [name, worker] : workers_) {
        for (std::size_t kind = 0; worker.free > 0 && kind < open.size(); ++kind) {
            open[kind] = open[kind] || worker.can_build[kind];
        }
    }
    return open;
}

const PoolWorker* WorkerPool::best_for(std::size_t kind) const {
    const PoolWorker* best = nullptr;
    const auto rank = [](const PoolWorker& worker) {
        return std::tuple(std::ranges::count(worker.can_build, true),
                          -static_cast<std::ptrdiff_t>(worker.free));
    };
    for (const auto& [name, worker] : workers_) {
        if (worker.free > 0 && worker.can_build[kind] &&
            (best == nullptr || rank(worker) < rank(*best))) {
            best = &worker;
        }
    }
    return best;
}

std::size_t WorkerPool::slots() const {
    std::size_t count = 0;
    for (const auto& [name, worker] : workers_) {
        count += worker.free + worker.jobs.size();
    }
    return count;
}

}  // namespace img::jobs
