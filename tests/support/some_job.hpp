// Jobs and times for tests of stores.
#pragma once

#include "jobs/job.hpp"

#include <string>

namespace img::testing {

/// So many milliseconds after the beginning of 1970.
inline jobs::Time at(std::int64_t ms) {
    return jobs::Time(std::chrono::milliseconds(ms));
}

/// A queued job that no other one resembles.
inline jobs::Job some_job(const std::string& name) {
    const auto id = jobs::new_job_id();
    return {.id = id,
            .request = {.name = name,
                        .image_type = "raw",
                        .kickstart = "part / --size 1\n# ü \"' --\n# " + id,
                        .overlay = "vim,-nano",
                        .email = "Anna@Example.org",
                        .template_name = "board",
                        .architecture = "arm64",
                        .priority = -3},
            .created = at(1'000)};
}

}  // namespace img::testing
