// The door for strangers: requests in the original's words, and the statuses that answer them.
#pragma once

#include "base/result.hpp"
#include "jobs/job.hpp"
#include "jobs/status_notice.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace img::jobs {

/// A body that came to one of the two exchanges, read but not believed: nobody has looked at
/// its values.
struct ForeignRequest {
    JobRequest request{};  ///< reference is the sender's "id"; never empty.
    std::string
        configuration{};  ///< YAML (or the later JSON) where kickstarter is to write the kickstart.
};

/// A message that was no job: who sent it learns of it from the error queue, the operator here.
struct RefusedMessage {
    Time at{};
    std::string queue{};
    std::string reference{};  ///< What the sender called it; may be empty.
    std::string reason{};     ///< A sentence.
    std::string excerpt{};    ///< The first 500 bytes of the body.
};

/// What becomes of a foreign request.
struct Verdict {
    enum class Kind {
        taken,    ///< It is a job now; the message may go.
        refused,  ///< It never will be: dead-lettered, and the sender told why.
        later,    ///< The store is away: the message stays where it is.
    };
    Kind kind = Kind::taken;
    std::string reason{};  ///< A sentence, for refused and later.
};

class FrontDoor {
public:
    virtual ~FrontDoor() = default;

    /// Calls the handler for one request after another until the returned token goes. A body that
    /// cannot be read never gets here; `refused` is told of it.
    using Token = std::shared_ptr<void>;
    virtual Token on_request(std::function<Verdict(const ForeignRequest&)> handler,
                             std::function<void(const RefusedMessage&)> refused) = 0;

    /// Someone asks how the job is that he calls so; nothing: there is none.
    virtual Token on_inquiry(
        std::function<Result<std::optional<StatusNotice>>(const std::string& reference)>
            handler) = 0;

    /// To status_queue for each reference (for the job's own id where there is none); with a link
    /// or an error to their queues too. Fault::transient as JobQueue::send.
    virtual Result<void> send(const StatusNotice& notice) = 0;
};

}  // namespace img::jobs
