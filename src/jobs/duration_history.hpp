// How long builds took, and so how long the next one will probably take.
#pragma once

#include "jobs/job_store.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>

namespace img::jobs {

/// Of ten builds like this one, one was quicker than `low` and one slower than `high`.
struct Estimate {
    std::chrono::milliseconds low{};
    std::chrono::milliseconds likely{};  ///< The median.
    std::chrono::milliseconds high{};
};

/// The last builds by name, by image type, and all together.
class DurationHistory {
public:
    void add(const BuildTime& build);

    /// From builds of the same name, else of the same type (three at least), else from all;
    /// nothing where nothing has ever been built.
    std::optional<Estimate> estimate(const std::string& name, const std::string& image_type) const;

    bool is_empty() const { return all_.times.empty(); }

private:
    /// The newest durations of one sort.
    struct Sample {
        std::deque<std::chrono::milliseconds> times{};
        mutable std::optional<Estimate> estimate{};  ///< Made when it is asked for.

        void add(std::chrono::milliseconds took, std::size_t count_max);
        const Estimate& summary() const;
    };

    std::map<std::string, Sample> by_name_;
    std::deque<std::string> names_;  ///< In the order of their coming, so that the oldest go.
    std::map<std::string, Sample> by_type_;
    Sample all_;
};

}  // namespace img::jobs
