#include "intake/intake.hpp"

#include "intake/foreign_request.hpp"
#include "system/kill_point.hpp"

#include <algorithm>
#include <utility>

namespace img::intake {
namespace {

using jobs::ForeignRequest;
using jobs::StatusNotice;
using jobs::Verdict;

Verdict refused(std::string reason) {
    return {.kind = Verdict::Kind::refused, .reason = std::move(reason)};
}

Verdict verdict_on(const ForeignRequest& foreign, const Hall& hall) {
    auto request = request_from(foreign, hall.templates);
    if (!request) {
        return refused(std::move(request.error().message));
    }
    auto submission = check(*std::move(request), hall.rules);
    if (!submission.is_good()) {
        return refused(sentence_of(submission));
    }
    auto submitted = hall.submit(std::move(submission.request));
    if (submitted) {
        system::kill_point("door.job-added");
        return {};
    }
    if (submitted.error().fault == Fault::invalid) {
        return refused(std::move(submitted.error().message));
    }
    // Whatever else it is, the request is good: it waits until somebody has seen to it.
    if (hall.trouble) {
        hall.trouble(submitted.error());
    }
    return {.kind = Verdict::Kind::later, .reason = std::move(submitted.error().message)};
}

/// A request that was refused, as if it had been a job that failed.
Result<std::optional<StatusNotice>> find_refused(jobs::JobStore& store,
                                                 const std::string& reference) {
    constexpr std::size_t all = 1000;  // that the store keeps
    const auto refused = TRY(store.refused(all));
    const auto found = std::ranges::find(refused, reference, &jobs::RefusedMessage::reference);
    if (reference.empty() || found == refused.end()) {
        return std::nullopt;
    }
    return StatusNotice{.job = {.state = jobs::JobState::error, .error = found->reason}};
}

/// A client's own name for the job counts; our id, which is on every page, is understood too.
Result<std::optional<StatusNotice>> find(jobs::JobStore& store, const std::string& reference) {
    auto job = TRY(store.find_reference(reference));
    if (!job && jobs::is_job_id(reference)) {
        job = TRY(store.find(reference));
    }
    return job ? Result<std::optional<StatusNotice>>(StatusNotice{.job = *std::move(job)})
               : find_refused(store, reference);
}

}  // namespace

std::shared_ptr<void> serve(jobs::FrontDoor& door, const Hall& hall) {
    struct Served {
        jobs::FrontDoor::Token requests{}, inquiries{};
    };
    return std::make_shared<Served>(
        Served{.requests = door.on_request(
                   [hall](const ForeignRequest& request) { return verdict_on(request, hall); },
                   [&store = hall.store, trouble = hall.trouble](const jobs::RefusedMessage& said) {
                       const auto noted = store.note(said);
                       if (!noted && trouble) {
                           trouble(noted.error());
                       }
                   }),
               .inquiries = door.on_inquiry([&store = hall.store](const std::string& reference) {
                   return find(store, reference);
               })});
}

}  // namespace img::intake
