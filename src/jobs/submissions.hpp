// What users may do to jobs: submit them and cancel them. Any service may, leading or not.
#pragma once

#include "jobs/job_folders.hpp"
#include "jobs/job_store.hpp"

#include <functional>

namespace img::jobs {

struct Submitted {
    Job job{};
    bool is_joined = false;  ///< It was there already: the same reference, or the same request.
};

class Submissions {
public:
    /// `reuse`: how long a finished job stands in for a new one of the same request.
    Submissions(JobStore& store,
                const JobFolders& folders,
                std::chrono::milliseconds reuse,
                std::function<void(const Error&)> trouble)
        : store_(store), folders_(folders), reuse_(reuse), trouble_(std::move(trouble)) {}

    /// Makes the job's folder with <name>.ks in it, then the row. Fault::invalid: the user has an
    /// unfinished job of this name; Fault::exhausted: there is too little room for images.
    Result<Submitted> submit(JobRequest request, Time now);

    /// Fault::missing: no such job; Fault::invalid: it is finished already.
    Result<Job> cancel(const std::string& id, Time now);

private:
    Result<Job> move_to_cancelled(const std::string& id, Time now);
    void note(const Result<void>& result) const;

    JobStore& store_;
    const JobFolders& folders_;
    const std::chrono::milliseconds reuse_;
    const std::function<void(const Error&)> trouble_;
};

}  // namespace img::jobs
