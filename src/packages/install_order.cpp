#include "packages/install_order.hpp"

#include <algorithm>
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

}  // namespace

InstallOrder install_order(std::span<const DebControl> packages) {
    const Graph graph(packages);
    std::vector<std::size_t> start;
    for (std::size_t i = 0; i < packages.size(); ++i) {
        if (packages[i].essential) {
            start.push_back(i);
        }
    }
    std::vector<bool> configured(packages.size());
    graph.close(start, configured);

    InstallOrder order{.essential = places(configured), .waves = {}};
    std::vector<bool> unpacked = configured;
    Wave wave;
    for (std::size_t left = packages.size() - order.essential.size(); left > 0;) {
        for (std::size_t i = 0; i < packages.size(); ++i) {
            if (!unpacked[i] && graph.may_unpack(i, configured)) {
                wave.unpacked.push_back(i);
            }
        }
        if (wave.unpacked.empty()) {  // a circle: dpkg shall say what is wrong with it
            for (std::size_t i = 0; i < packages.size(); ++i) {
                if (!unpacked[i]) {
                    wave.unpacked.push_back(i);
                }
            }
        }
        for (const std::size_t package : wave.unpacked) {
            unpacked[package] = true;
        }
        left -= wave.unpacked.size();
        order.waves.push_back(std::move(wave));
        wave = {};

        // What those that wait need beforehand, with all that is needed for it.
        std::vector<std::size_t> wanted;
        for (std::size_t i = 0; i < packages.size(); ++i) {
            for (const auto& relation : packages[i].pre_depends) {
                const auto servers = graph.serving(relation);
                if (!unpacked[i]) {
                    wanted.insert(wanted.end(), servers.begin(), servers.end());
                }
            }
        }
        std::vector<bool> needed(packages.size());
        graph.close(wanted, needed);
        for (std::size_t i = 0; i < packages.size(); ++i) {
            if (needed[i] && unpacked[i] && !configured[i]) {
                wave.configured_first.push_back(i);
                configured[i] = true;
            }
        }
    }
    return order;
}

}  // namespace img::packages
