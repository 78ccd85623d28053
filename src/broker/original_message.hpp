// The bodies of the original's messages (IMG of July 2010): what strangers send and are sent.
#pragma once

#include "base/result.hpp"
#include "jobs/front_door.hpp"
#include "jobs/status_notice.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace img::broker {

/// Larger ones are not looked at: a kickstart of 4 MiB may be three times as long in JSON.
inline constexpr std::size_t kRequestBodyMax = 16 << 20;

/// What a request can be called back by, as far as it can be read.
struct RequestBody {
    std::string reference{};  ///< Of "id", else the message's own id; empty where neither will do.
    Result<jobs::ForeignRequest>
        request;  ///< Fault::invalid: a sentence says what is wrong with it.
};

/// {"ksfile": "…", "email": "…", "imagetype": "…", "id": "…"}. Ours beside them, all optional:
/// "name", "overlay", "arch", "priority", "template", "fresh". Keys that later versions of the
/// original sent and nobody needs any more are passed over.
RequestBody kickstart_request_from(std::string_view body, const std::string& message_id);

/// {"config": "…", …}: YAML, or what came later, an object, which stays JSON in `configuration`.
RequestBody configuration_request_from(std::string_view body, const std::string& message_id);

/// The body of one of the two, by whether it has a configuration.
std::string to_original(const jobs::ForeignRequest& request);

/// What is sent to the queues of results, in this order.
struct Answer {
    std::string key{};  ///< "status", "link" or "err".
    std::string body{};
};

/// Where things are, for "url", "log" and "image"; no slash at the end.
using PublicUrl = std::string;

/// Of one of a job's clients: {"status", "id", "url"}, with "log" once it is built, with "image"
/// shortly before it is DONE, with "error" where it is ERROR; then link or err.
std::vector<Answer> answers_to(const jobs::Job& job,
                               const std::string& reference,
                               const PublicUrl& url);

/// To the sender of a request that is no job; without a reference only err is sent.
std::vector<Answer> refusals(const std::string& reference,
                             const std::string& reason,
                             const PublicUrl& url);

/// A status as whoever asked for it reads it: empty is what the body has not.
struct OriginalStatus {
    std::string id{}, status{}, url{}, log{}, image{}, error{};
};
/// The whole of what is known of a job, in one status.
OriginalStatus status_of(const jobs::Job& job, const std::string& reference, const PublicUrl& url);
std::string to_json(const OriginalStatus& status);
Result<OriginalStatus> original_status_from(std::string_view body);

}  // namespace img::broker
