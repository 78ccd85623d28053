#include "jobs/job_message.hpp"

#include "jobs/message_json.hpp"

namespace img::jobs {
namespace {

using nlohmann::json;

template <typename... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <typename... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

/// What a report of this kind says beside who says it of which job.
json body_of(const Report& report) {
    return std::visit(
        Overloaded{[](const Report::Started&) { return json{{"what", "started"}}; },
                   [](const Report::Beat& beat) {
                       return json{{"what", "beat"}, {"progress", body_of(beat.progress)}};
                   },
                   [](const Report::Log& log) {
                       return json{{"what", "log"}, {"offset", log.offset}, {"text", log.text}};
                   },
                   [](const Report::Done& done) {
                       return json{{"what", "done"},
                                   {"image", done.image},
                                   {"size", done.size},
                                   {"place", done.place},
                                   {"manifest", done.manifest}};
                   },
                   [](const Report::Failed& failed) {
                       return json{
                           {"what", "failed"}, {"stage", failed.stage}, {"error", failed.error}};
                   },
                   [](const Report::Stopped&) { return json{{"what", "stopped"}}; }},
        report.what);
}

Report::Done done_from(const json& body) {
    Report::Done done;
    read(body, "image", done.image);
    read_if_there(body, "size", done.size);
    read_if_there(body, "place", done.place);
    read_if_there(body, "manifest", done.manifest);
    return done;
}

Result<decltype(Report::what)> what_from(const json& body) {
    const auto what = body.at("what").get<std::string>();
    if (what == "started") {
        return Report::Started{};
    }
    if (what == "beat") {
        return Report::Beat{progress_from(body.at("progress"))};
    }
    if (what == "log") {
        Report::Log log;
        read(body, "offset", log.offset);
        read(body, "text", log.text);
        return log;
    }
    if (what == "done") {
        return done_from(body);
    }
    if (what == "failed") {
        Report::Failed failed;
        read(body, "stage", failed.stage);
        read(body, "error", failed.error);
        return failed;
    }
    if (what == "stopped") {
        return Report::Stopped{};
    }
    return fail(Fault::invalid, fmt::format("message: unknown report \"{:.40}\"", what));
}

/// What every message begins with.
struct Head {
    std::string id{};
    unsigned attempt = 0;
};

Result<Head> head_from(const json& body, std::string_view kind) {
    TRY(check_kind(body, kind));
    Head head;
    read(body, "id", head.id);
    read(body, "attempt", head.attempt);
    if (!is_job_id(head.id)) {
        return fail(Fault::invalid, "message: the id is not one of a job");
    }
    return head;
}

/// A worker's name is part of its queue's name, and stands on pages and in logs.
Result<void> check_worker(const std::string& worker) {
    if (!is_worker_name(worker)) {
        return fail(Fault::invalid, "message: the worker has a name that no worker has");
    }
    return {};
}

Result<void> check_request(const JobRequest& request) {
    if (const auto checked = check(request); !checked) {
        return fail(Fault::invalid, "message: " + checked.error().message);
    }
    return {};
}

}  // namespace

bool is_worker_name(std::string_view text) {
    // The letters of an image's name, in more of them.
    return text.size() <= kWorkerNameMax && is_job_name(text.substr(0, 1)) &&
           std::ranges::all_of(text, [](char c) { return is_job_name(std::string{'a', c}); });
}

std::string to_json(const BuildOrder& order) {
    return dump({{"kind", "build"},
                 {"id", order.id},
                 {"attempt", order.attempt},
                 {"worker", order.worker},
                 {"request", body_of(order.request)}});
}

std::string to_json(const CancelOrder& order) {
    return dump({{"kind", "cancel"},
                 {"id", order.id},
                 {"attempt", order.attempt},
                 {"worker", order.worker}});
}

std::string to_json(const Report& report) {
    auto body = body_of(report);
    body["kind"] = "report";
    body["id"] = report.id;
    body["attempt"] = report.attempt;
    body["worker"] = report.worker;
    return dump(body);
}

Result<BuildOrder> build_order_from(std::string_view text) {
    return parsed(text, [](const json& body) -> Result<BuildOrder> {
        auto head = TRY(head_from(body, "build"));
        BuildOrder order;
        order.id = std::move(head.id);
        order.attempt = head.attempt;
        read_if_there(body, "worker", order.worker);
        order.request = request_from(body.at("request"));
        TRY(check_request(order.request));
        if (!order.worker.empty()) {
            TRY(check_worker(order.worker));
        }
        return order;
    });
}

Result<CancelOrder> cancel_order_from(std::string_view text) {
    return parsed(text, [](const json& body) -> Result<CancelOrder> {
        auto head = TRY(head_from(body, "cancel"));
        CancelOrder order;
        order.id = std::move(head.id);
        order.attempt = head.attempt;
        read(body, "worker", order.worker);
        return order;
    });
}

Result<Report> report_from(std::string_view text) {
    return parsed(text, [](const json& body) -> Result<Report> {
        auto head = TRY(head_from(body, "report"));
        Report report;
        report.id = std::move(head.id);
        report.attempt = head.attempt;
        read(body, "worker", report.worker);
        report.what = TRY(what_from(body));
        return within_bounds(std::move(report));
    });
}

Report within_bounds(Report report) {
    cut(report.worker, kWorkerNameMax);
    if (auto* beat = std::get_if<Report::Beat>(&report.what)) {
        cut(beat->progress.stage, kWorkerNameMax);
        cut(beat->progress.unit, kWorkerNameMax);
        cut(beat->progress.text, kProgressTextMax);
    } else if (auto* log = std::get_if<Report::Log>(&report.what)) {
        log->text.resize(std::min(log->text.size(), kLogTextMax));
    } else if (auto* failed = std::get_if<Report::Failed>(&report.what)) {
        cut(failed->stage, kWorkerNameMax);
        keep_end(failed->error, kErrorTextMax);
    } else if (auto* done = std::get_if<Report::Done>(&report.what)) {
        cut(done->image, kFileNameMax);
        cut(done->place, kPlaceMax);
        if (done->manifest.size() > kManifestMax) {
            done->manifest.clear();  // half of a JSON text is none
        }
    }
    return report;
}

}  // namespace img::jobs
