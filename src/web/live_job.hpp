// One job as many watch it: looked up once for all of them, sent to each as fast as it reads.
#pragma once

#include "api/api.hpp"
#include "http/stream.hpp"
#include "jobs/dispatcher.hpp"
#include "jobs/job_feed.hpp"
#include "jobs/job_store.hpp"

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace img::web {

/// The job's row and its place in the queue; nothing if there is no such job.
Result<std::optional<api::JobView>> find_view(jobs::JobStore& store,
                                              jobs::Dispatcher& dispatcher,
                                              const std::string& id);

/// The row as it is, with what may be expected of a job that waits.
api::JobView view_with_outlook(jobs::Dispatcher& dispatcher, const jobs::Job& job);

/// What the watchers of one job share: its row, and the piece of log that most of them want next.
class LiveJob {
public:
    LiveJob(jobs::JobStore& store,
            jobs::Dispatcher& dispatcher,
            jobs::JobFeed& feed,
            const jobs::Job& job);

    /// Has the stream woken whenever the job changes.
    void add(const std::shared_ptr<http::Stream>& stream);

    /// The row, at most five seconds old, and younger than the last change that was announced.
    api::JobView view();

    struct LogEvents {
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
        std::string text;  ///< Framed as one event; empty: nothing new.
    };
    LogEvents log_from(std::uint64_t offset, bool is_over);

    const std::filesystem::path& log_file() const { return log_file_; }

private:
    /// What the feed's callback touches; it may outlast the LiveJob by a moment.
    struct Signal {
        std::mutex mutex;
        bool is_stale = true;
        std::vector<std::weak_ptr<http::Stream>> streams;
    };

    jobs::JobStore& store_;
    jobs::Dispatcher& dispatcher_;
    std::string id_;
    std::filesystem::path log_file_;
    std::shared_ptr<Signal> signal_ = std::make_shared<Signal>();
    std::mutex mutex_;
    api::JobView view_;
    std::chrono::steady_clock::time_point looked_{};
    std::optional<LogEvents> piece_;
    std::shared_ptr<void> token_;  ///< Last: gone before what its callback stands for.
};

/// Finds the LiveJob that others watch already, or makes one.
class LiveJobs {
public:
    LiveJobs(jobs::Dispatcher& dispatcher, jobs::JobStore& store, jobs::JobFeed& feed)
        : dispatcher_(dispatcher), store_(store), feed_(feed) {}

    /// Server-Sent Events from a byte of the log on: "log" (its id is the offset behind it),
    /// "state" when the state, attempt or place changes, "progress" for less; the last one is the
    /// "state" that ends the job.
    std::shared_ptr<http::Stream> events(const jobs::Job& job, std::uint64_t offset);

    /// The log's bytes from an offset on, until the job ends.
    std::shared_ptr<http::Stream> log(const jobs::Job& job, std::uint64_t offset);

private:
    std::shared_ptr<LiveJob> find(const jobs::Job& job);

    jobs::Dispatcher& dispatcher_;
    jobs::JobStore& store_;
    jobs::JobFeed& feed_;
    std::mutex mutex_;
    std::map<std::string, std::weak_ptr<LiveJob>> live_;
};

}  // namespace img::web
