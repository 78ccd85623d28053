// Many doors, one hall: every request is looked at here, whichever way it came.
//
// This room knows what a request must be like, and how one in the original's words becomes one of
// ours. It must never know HTTP, SQL, or how messages travel.
#pragma once

#include "base/result.hpp"
#include "intake/submission.hpp"
#include "jobs/front_door.hpp"
#include "jobs/job_store.hpp"
#include "jobs/submissions.hpp"

#include <filesystem>
#include <functional>
#include <memory>

namespace img::intake {

/// What strangers are served with; all that it refers to must outlive serve()'s token.
struct Hall {
    Rules rules;
    /// Where kickstarter finds repos.yaml and what configurations include; it may be missing.
    std::filesystem::path templates{};
    std::function<Result<jobs::Submitted>(jobs::JobRequest)> submit{};
    jobs::JobStore& store;
    /// Told of what goes wrong in the background. Empty: nobody is.
    std::function<void(const Error&)> trouble{};
};

/// Strangers' requests become jobs or are refused, and their inquiries are answered, until the
/// token goes.
std::shared_ptr<void> serve(jobs::FrontDoor& door, const Hall& hall);

}  // namespace img::intake
