// The messages between the service and its workers, and the queue that carries them.
#pragma once

#include "base/result.hpp"
#include "jobs/job.hpp"
#include "jobs/presence.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <variant>

namespace img::jobs {

/// To one worker: build this. Sent again with a higher attempt when a worker was lost.
struct BuildOrder {
    std::string id{};
    unsigned attempt = 1;
    std::string worker{};  ///< Whose turn it is.
    JobRequest request{};
};

/// To every worker: stop this job, whichever of you has it.
struct CancelOrder {
    std::string id{};
    unsigned attempt = 0;  ///< Only this one; 0: whichever it is.
    std::string worker{};  ///< Only this one, because the job is another's by now; empty: all.
};

/// From a worker: what it says of one attempt. Every report renews the lease.
struct Report {
    /// I have it.
    struct Started {};
    /// Still at it; every 10 s, and when a stage changes.
    struct Beat {
        Progress progress;
    };
    /// A piece of the build log, at most 64 KiB, and where in the attempt's log it belongs.
    struct Log {
        std::uint64_t offset = 0;
        std::string text{};
    };
    /// Artefacts are published; `image` is the main one.
    struct Done {
        std::string image;
        std::uint64_t size = 0;  ///< Of all artefacts, in bytes.
        std::string place{};     ///< As Job::place.
        std::string manifest{};  ///< manifest.json itself, where the service cannot read it there.
    };
    struct Failed {
        std::string stage{}, error{};
    };
    /// Every process of it is gone, after a cancel.
    struct Stopped {};

    std::string id{};
    unsigned attempt = 1;
    std::string worker{};
    std::variant<Started, Beat, Log, Done, Failed, Stopped> what{};
};

/// Delivers each order to its worker and each report to the service, at least once, in the order
/// of sending for any one sender. Handlers are called from threads of the queue's own.
class JobQueue {
public:
    virtual ~JobQueue() = default;

    /// Fault::transient from any of these: full, or out of reach; try again later. When one has
    /// returned success, the message outlives whatever carries it, where that outlives a restart.
    virtual Result<void> send(const BuildOrder& order) = 0;   ///< Fault::missing: no such worker.
    virtual Result<void> send(const CancelOrder& order) = 0;  ///< Fanned out to all workers.
    virtual Result<void> send(const Report& report) = 0;
    virtual Result<void> send(const Presence& presence) = 0;  ///< May be lost; another comes.

    /// The next order for this worker, or nothing when `wait` has passed. An order that was taken
    /// is delivered again, to this worker or to nobody, until keep() says that it has been begun.
    virtual Result<std::optional<BuildOrder>> take(const std::string& worker,
                                                   std::chrono::milliseconds wait) = 0;
    /// The order is the worker's own from now on: its Started report has been sent. RabbitMQ closes
    /// a consumer that keeps a message for half an hour, and builds may take longer.
    virtual Result<void> keep(const BuildOrder& order) = 0;

    /// From now on; the handler goes when the returned token does, and is not running after that.
    using Token = std::shared_ptr<void>;
    virtual Token on_cancel(std::function<void(const CancelOrder&)> handler) = 0;
    /// Says that a report need not come again; may be called later, from any thread. One that
    /// this was not called for comes again when the connection or this program ends, where the
    /// queue outlives that.
    using Receipt = std::function<void()>;
    /// Of several services that listen on one broker one at a time hears reports; all hear
    /// presences.
    virtual Token on_report(std::function<void(const Report&, const Receipt&)> handler) = 0;
    /// For a handler that is done with a report when it returns.
    Token on_report(const std::function<void(const Report&)>& handler) {
        return on_report([handler](const Report& report, const Receipt& receipt) {
            handler(report);
            receipt();
        });
    }
    /// Whether reports can reach on_report's handlers now. While a broker is away, that nothing is
    /// heard of a worker means nothing.
    virtual bool hears_reports() = 0;
    virtual Token on_presence(std::function<void(const Presence&)> handler) = 0;
};

}  // namespace img::jobs
