// Whoever stands before the front door: sends a request in the original's words, and asks after it.
#pragma once

#include "base/result.hpp"
#include "broker/original_message.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace img::broker {

struct AmqpUrl;
class Publisher;

/// For programs that are no service: img-client.
class Visitor {
public:
    /// Faults as open_job_queue(), and Fault::transient where the broker is away.
    static Result<Visitor> come_to(const std::string& url);

    Visitor(Visitor&&) noexcept;
    Visitor& operator=(Visitor&&) noexcept;
    ~Visitor();

    /// Success: the broker has it on its disk, in the queue of its kind.
    Result<void> send(const jobs::ForeignRequest& request);

    /// The job's latest status; without one where no job is known by that reference, which its
    /// error says. It is asked of a service, and taken from nobody. Fault::transient: none answers
    /// within `wait`.
    Result<OriginalStatus> ask(const std::string& reference, std::chrono::milliseconds wait);

private:
    explicit Visitor(AmqpUrl url);

    std::unique_ptr<AmqpUrl> url_;
    std::unique_ptr<Publisher> publisher_;
};

}  // namespace img::broker
