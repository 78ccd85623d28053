// Presences and status notices as JSON.

#include "jobs/job_message.hpp"
#include "jobs/message_json.hpp"

namespace img::jobs {
namespace {

using nlohmann::json;

constexpr unsigned kSlotsMax = 1024;  // no machine builds more at a time

std::int64_t to_number(Time time) {
    return time.time_since_epoch().count();
}

void read(const json& body, const char* key, Time& time) {
    time = Time(std::chrono::milliseconds(number_at<std::int64_t>(body, key)));
}

json body_of(const Job& job) {
    auto request = body_of(job.request);
    request.erase("kickstart");
    return {{"id", job.id},
            {"request", std::move(request)},
            {"state", to_text(job.state)},
            {"attempt", job.attempt},
            {"worker", job.worker},
            {"progress", body_of(job.progress)},
            {"error", job.error},
            {"error_stage", job.error_stage},
            {"image", job.image},
            {"place", job.place},
            {"size", job.size},
            {"pinned", job.is_pinned},
            {"removed", to_number(job.removed)},
            {"created", to_number(job.created)},
            {"started", to_number(job.started)},
            {"finished", to_number(job.finished)},
            {"lease_end", to_number(job.lease_end)}};
}

/// How far it has come, and what became of it.
void read_course(const json& body, Job& job) {
    using jobs::read;
    read(body, "attempt", job.attempt);
    read(body, "worker", job.worker);
    job.progress = progress_from(body.at("progress"));
    read(body, "error", job.error);
    read(body, "error_stage", job.error_stage);
    read(body, "image", job.image);
    read(body, "place", job.place);
    read(body, "size", job.size);
    read(body, "pinned", job.is_pinned);
}

void read_times(const json& body, Job& job) {
    read(body, "removed", job.removed);
    read(body, "created", job.created);
    read(body, "started", job.started);
    read(body, "finished", job.finished);
    read(body, "lease_end", job.lease_end);
}

Result<Job> job_from(const json& body) {
    Job job;
    jobs::read(body, "id", job.id);
    if (!is_job_id(job.id)) {
        return fail(Fault::invalid, "message: the id is not one of a job");
    }
    const auto state = job_state_from(body.at("state").get<std::string>());
    if (!state) {
        return fail(Fault::invalid, "message: the state is none that a job has");
    }
    job.state = *state;
    auto request = body.at("request");
    request["kickstart"] = "";
    job.request = request_from(request);
    read_course(body, job);
    read_times(body, job);
    cut(job.worker, kWorkerNameMax);
    keep_end(job.error, kErrorTextMax);
    cut(job.image, kFileNameMax);
    cut(job.place, kPlaceMax);
    return job;
}

}  // namespace

std::string to_json(const Presence& presence) {
    return dump({{"kind", "presence"},
                 {"worker", presence.worker},
                 {"host", presence.host},
                 {"version", presence.version},
                 {"slots", presence.slots},
                 {"free", presence.free},
                 {"shortage", presence.shortage},
                 {"architectures", presence.architectures},
                 {"image_types", presence.image_types},
                 {"kvm", presence.has_kvm},
                 {"leaving", presence.is_leaving},
                 {"gone", presence.is_gone},
                 {"building", presence.building}});
}

Result<Presence> presence_from(std::string_view text) {
    return parsed(text, [](const json& body) -> Result<Presence> {
        using jobs::read;
        TRY(check_kind(body, "presence"));
        Presence presence;
        read(body, "worker", presence.worker);
        if (!is_worker_name(presence.worker)) {
            return fail(Fault::invalid, "message: the worker has a name that no worker has");
        }
        read(body, "host", presence.host);
        read(body, "version", presence.version);
        read(body, "slots", presence.slots);
        read(body, "free", presence.free);
        read(body, "shortage", presence.shortage);
        read(body, "architectures", presence.architectures);
        read(body, "image_types", presence.image_types);
        read(body, "kvm", presence.has_kvm);
        read(body, "leaving", presence.is_leaving);
        read(body, "gone", presence.is_gone);
        read(body, "building", presence.building);
        return within_bounds(std::move(presence));
    });
}

Presence within_bounds(Presence presence) {
    cut(presence.host, kWorkerNameMax);
    cut(presence.version, kWorkerNameMax);
    cut(presence.shortage, kProgressTextMax);
    cut(presence.architectures, kListMax, kWorkerNameMax);
    cut(presence.image_types, kListMax, kWorkerNameMax);
    cut(presence.building, kListMax, kWorkerNameMax);
    presence.slots = std::min(presence.slots, kSlotsMax);
    presence.free = std::min(presence.free, presence.slots);
    return presence;
}

std::string to_json(const StatusNotice& notice) {
    return dump(
        {{"kind", "status"}, {"job", body_of(notice.job)}, {"references", notice.references}});
}

Result<StatusNotice> status_notice_from(std::string_view text) {
    return parsed(text, [](const json& body) -> Result<StatusNotice> {
        TRY(check_kind(body, "status"));
        StatusNotice notice;
        notice.job = TRY(job_from(body.at("job")));
        jobs::read(body, "references", notice.references);
        cut(notice.references, kListMax, kReferenceMax);
        return notice;
    });
}

}  // namespace img::jobs
