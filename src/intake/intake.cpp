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

/// The request is good whatever this is: it waits until somebody has seen to it.
Verdict later(Error trouble, const Hall& hall) {
    if (hall.trouble) {
        hall.trouble(trouble);
    }
    return {.kind = Verdict::Kind::later, .reason = std::move(trouble.message)};
}

/// A job that was there already says nothing of its own accord: it may be done since an hour.
Result<void> tell_joined(jobs::FrontDoor& door, jobs::Job job, const std::string& reference) {
    StatusNotice notice;
    notice.job = std::move(job);
    notice.references.push_back(reference);
    return door.send(notice);
}

Verdict verdict_on(const ForeignRequest& foreign, const Hall& hall, jobs::FrontDoor& door) {
    auto request = request_from(foreign, hall.templates);
    if (!request) {
        return refused(std::move(request.error().message));
    }
    auto submission = check(*std::move(request), hall.rules);
    if (!submission.is_good()) {
        return refused(sentence_of(submission));
    }
    auto submitted = hall.submit(std::move(submission.request));
    if (!submitted) {
        return submitted.error().fault == Fault::invalid
                   ? refused(std::move(submitted.error().message))
                   : later(std::move(submitted.error()), hall);
    }
    system::kill_point("door.job-added");
    if (submitted->is_joined) {
        auto told = tell_joined(door, std::move(submitted->job), foreign.request.reference);
        if (!told) {
            return later(std::move(told.error()), hall);
        }
    }
    return {};
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
    StatusNotice notice;
    notice.job.state = jobs::JobState::error;
    notice.job.error = found->reason;
    return notice;
}

/// A client's own name for the job counts; our id, which is on every page, is understood too.
Result<std::optional<StatusNotice>> find(jobs::JobStore& store, const std::string& reference) {
    auto job = TRY(store.find_reference(reference));
    if (!job && jobs::is_job_id(reference)) {
        job = TRY(store.find(reference));
    }
    if (!job) {
        return find_refused(store, reference);
    }
    StatusNotice notice;
    notice.job = *std::move(job);
    return notice;
}

}  // namespace

std::shared_ptr<void> serve(jobs::FrontDoor& door, const Hall& hall) {
    struct Served {
        jobs::FrontDoor::Token requests{}, inquiries{};
    };
    return std::make_shared<Served>(
        Served{.requests = door.on_request(
                   [hall, &door](const ForeignRequest& request) {
                       return verdict_on(request, hall, door);
                   },
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
