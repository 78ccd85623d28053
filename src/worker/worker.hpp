// Takes jobs from the queue, has them built, publishes what they made, and reports.
//
// This room knows executors, heartbeats and cancels. It must never know SQL or HTTP pages: all
// that it tells the service goes through the queue.
#pragma once

#include "artifacts/artifacts.hpp"
#include "base/result.hpp"
#include "jobs/job_queue.hpp"
#include "worker/executor.hpp"
#include "worker/presence_sender.hpp"
#include "worker/reporter.hpp"
#include "worker/reservation.hpp"

#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace img::worker {

struct WorkerOptions {
    /// Another one each time the program starts: the service tells a worker that was killed from
    /// its successor by it.
    std::string name;
    unsigned slots = 1;          ///< Builds at a time.
    std::filesystem::path work;  ///< A folder for each build; for file: on www-root's file system.
    std::chrono::milliseconds beat{10'000};  ///< A third of the service's lease.
    Room per_build{};                        ///< That a build must find free; 0: not looked at.
    Reservations::Measure measure{};         ///< Empty: measure_room() of `work`.
    std::vector<std::string> architectures{"amd64"};  ///< See own_architectures().
    std::vector<std::string> image_types{};           ///< That it builds; empty: all.
    std::string version{};
    /// How long an order may wait for room before it is handed back.
    std::chrono::milliseconds room_wait{60'000};
    /// How long an artefact store may be away before a finished build counts as failed.
    std::chrono::milliseconds publish_patience{15 * 60'000};
    std::function<void(const Error&)> trouble{};  ///< Told of what goes wrong in the background.
    /// Told what becomes of each order: "taken", then "done", "failed" or "stopped".
    std::function<void(const jobs::BuildOrder&, std::string_view)> tell{};
};

/// "local-<16 random digits>": for WorkerOptions::name, by prefix.
std::string new_worker_name(const std::string& prefix);

/// As Debian names them: the one of this machine. Others run here only by an emulator, and whether
/// that one can run all of a build is not known before it was tried.
std::vector<std::string> own_architectures();

/// A thread per slot. Its end stops the builds without a report: whoever stops a worker wants its
/// jobs to be built elsewhere, and its last word, or the end of their leases, says so.
class Worker {
public:
    Worker(jobs::JobQueue& queue,
           Executor& executor,
           artifacts::ArtifactStore& artifacts,
           WorkerOptions options);
    ~Worker();

    /// Takes nothing more and says so; what it has goes on.
    void leave();
    /// Whether nothing is being built, published or reported.
    bool is_idle() const;

private:
    struct Running {
        std::string id;
        unsigned attempt;
        std::stop_source stop;
    };

    void work(const std::stop_token& stop);
    void take(const jobs::BuildOrder& order, const std::stop_token& stop);
    bool enter(const jobs::BuildOrder& order, const std::stop_source& stopped);
    void leave(const jobs::BuildOrder& order);
    void keep(const jobs::BuildOrder& order) const;
    Reporter::What build(const jobs::BuildOrder& order,
                         Reporter& reporter,
                         const std::stop_token& stop);
    Result<Reservations::Held> wait_for_room(Reporter& reporter, const std::stop_token& stop);
    Reporter::What publish(const jobs::BuildOrder& order,
                           const engine::Finished& finished,
                           Reporter& reporter,
                           const std::stop_token& stop);
    Result<artifacts::Published> publish_patiently(const jobs::BuildOrder& order,
                                                   const engine::Finished& finished,
                                                   Reporter& reporter,
                                                   const std::stop_token& stop);
    void cancel(const jobs::CancelOrder& order);
    bool is_cancelled(const jobs::BuildOrder& order) const;
    jobs::Presence presence() const;
    void note(const Error& error) const;
    void tell(const jobs::BuildOrder& order, std::string_view what) const;

    jobs::JobQueue& queue_;
    Executor& executor_;
    artifacts::ArtifactStore& artifacts_;
    const WorkerOptions options_;
    Reservations reservations_;

    mutable std::mutex mutex_;
    std::vector<Running> running_;
    /// Cancels may overtake the orders that they are about.
    std::deque<jobs::CancelOrder> cancelled_;
    bool is_leaving_ = false;

    std::optional<PresenceSender> presences_;
    jobs::JobQueue::Token cancels_;
    std::vector<std::jthread> slots_;  ///< Last: they use all of the above.
};

}  // namespace img::worker
