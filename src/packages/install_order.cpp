#include "packages/install_order.hpp"

#include <algorithm>
#include <fnmatch.h>
#include <map>

namespace img::packages {
namespace {

/// Who among the packages can serve each relation.
class Graph {
public:
    explicit Graph(std::span<const DebControl> packages) : packages_(packages) {
        for (std::size_t i = 0; i < packages.size(); ++i) {
            servers_[packages[i].name].push_back(i);
            for (const auto& provided : packages[i].provides) {
                servers_[provided].push_back(i);
            }
        }
    }

    /// Empty: nothing selected serves it; the solver knows why that is right.
    std::vector<std::size_t> serving(const Alternatives& relation) const {
        std::vector<std::size_t> found;
        for (const auto& name : relation) {
            if (const auto it = servers_.find(name); it != servers_.end()) {
                found.insert(found.end(), it->second.begin(), it->second.end());
            }
        }
        return found;
    }

    /// Adds to `within` all that `start` depends on, for good or beforehand.
    void close(std::vector<std::size_t> start, std::vector<bool>& within) const {
        while (!start.empty()) {
            const std::size_t package = start.back();
            start.pop_back();
            if (within[package]) {
                continue;
            }
            within[package] = true;
            for (const auto* relations :
                 {&packages_[package].pre_depends, &packages_[package].depends}) {
                for (const auto& relation : *relations) {
                    const auto needed = serving(relation);
                    start.insert(start.end(), needed.begin(), needed.end());
                }
            }
        }
    }

    bool may_unpack(std::size_t package, const std::vector<bool>& configured) const {
        return std::ranges::all_of(packages_[package].pre_depends, [&](const auto& relation) {
            const auto servers = serving(relation);
            return servers.empty() || std::ranges::any_of(servers, [&](std::size_t server) {
                       return configured[server];
                   });
        });
    }

private:
    std::span<const DebControl> packages_;
    std::map<std::string, std::vector<std::size_t>> servers_;
};

std::vector<std::size_t> places(const std::vector<bool>& set) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < set.size(); ++i) {
        if (set[i]) {
            found.push_back(i);
        }
    }
    return found;
}

/// Lays out packages wave by wave, and remembers what is unpacked and configured by then.
class Waves {
public:
    Waves(std::span<const DebControl> packages, const Graph& graph, std::vector<bool> configured)
        : packages_(packages),
          graph_(graph),
          unpacked_(configured),
          configured_(std::move(configured)) {}

    void unpack(const std::vector<bool>& among) {
        while (unpack_a_wave(among)) {
            configure_what_waits_need(among);
        }
    }

    /// Before the next wave.
    void configure(const std::vector<bool>& among) {
        for (std::size_t i = 0; i < packages_.size(); ++i) {
            if (among[i] && unpacked_[i] && !configured_[i]) {
                next_.configured_first.push_back(i);
                configured_[i] = true;
            }
        }
    }

    std::vector<Wave> take() { return std::move(waves_); }

private:
    bool waits(std::size_t i, const std::vector<bool>& among) const {
        return among[i] && !unpacked_[i];
    }

    /// false: all of them are unpacked.
    bool unpack_a_wave(const std::vector<bool>& among) {
        for (std::size_t i = 0; i < packages_.size(); ++i) {
            if (waits(i, among) && graph_.may_unpack(i, configured_)) {
                next_.unpacked.push_back(i);
            }
        }
        if (next_.unpacked.empty()) {  // done, or a circle: dpkg shall say what is wrong with it
            for (std::size_t i = 0; i < packages_.size(); ++i) {
                if (waits(i, among)) {
                    next_.unpacked.push_back(i);
                }
            }
        }
        if (next_.unpacked.empty()) {
            return false;
        }
        for (const std::size_t package : next_.unpacked) {
            unpacked_[package] = true;
        }
        waves_.push_back(std::move(next_));
        next_ = {};
        return true;
    }

    /// What those that wait need beforehand, with all that is needed for it.
    void configure_what_waits_need(const std::vector<bool>& among) {
        std::vector<std::size_t> wanted;
        for (std::size_t i = 0; i < packages_.size(); ++i) {
            for (const auto& relation : packages_[i].pre_depends) {
                const auto servers = graph_.serving(relation);
                if (waits(i, among)) {
                    wanted.insert(wanted.end(), servers.begin(), servers.end());
                }
            }
        }
        std::vector<bool> needed(packages_.size());
        graph_.close(wanted, needed);
        configure(needed);
    }

    std::span<const DebControl> packages_;
    const Graph& graph_;
    std::vector<bool> unpacked_, configured_;
    std::vector<Wave> waves_;
    Wave next_;
};

bool is_one_of(const std::string& name, std::span<const std::string> patterns) {
    return std::ranges::any_of(patterns, [&](const std::string& pattern) {
        return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
    });
}

}  // namespace

InstallOrder install_order(std::span<const DebControl> packages,
                           std::span<const std::string> first) {
    const Graph graph(packages);
    std::vector<std::size_t> essential;
    std::vector<std::size_t> early;
    for (std::size_t i = 0; i < packages.size(); ++i) {
        if (packages[i].essential) {
            essential.push_back(i);
        }
        if (is_one_of(packages[i].name, first)) {
            early.push_back(i);
        }
    }
    std::vector<bool> by_force(packages.size());
    graph.close(essential, by_force);
    std::vector<bool> before(packages.size());
    graph.close(early, before);

    Waves waves(packages, graph, by_force);
    waves.unpack(before);
    waves.configure(before);
    waves.unpack(std::vector<bool>(packages.size(), true));
    return {.essential = places(by_force), .waves = waves.take()};
}

}  // namespace img::packages
