#include "jobs/job_message.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace img::jobs {
namespace {

using nlohmann::json;

template <typename... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <typename... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

std::string dump(const json& body) {
    return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

json body_of(const Progress& progress) {
    return {{"stage", progress.stage},
            {"done", progress.done},
            {"total", progress.total},
            {"unit", progress.unit},
            {"text", progress.text}};
}

/// What a report of this kind says beside who says it of which job.
json body_of(const Report& report) {
    return std::visit(
        Overloaded{
            [](const Report::Started&) { return json{{"what", "started"}}; },
            [](const Report::Beat& beat) {
                return json{{"what", "beat"}, {"progress", body_of(beat.progress)}};
            },
            [](const Report::Log& log) {
                return json{{"what", "log"}, {"offset", log.offset}, {"text", log.text}};
            },
            [](const Report::Done& done) { return json{{"what", "done"}, {"image", done.image}}; },
            [](const Report::Failed& failed) {
                return json{{"what", "failed"}, {"stage", failed.stage}, {"error", failed.error}};
            },
            [](const Report::Stopped&) { return json{{"what", "stopped"}}; }},
        report.what);
}

// Readers below throw json exceptions, which parsed() turns into a Result. They read field after
// field: g++ 12 leaks the fields of an aggregate whose initializer throws or returns half way.

void read(const json& body, const char* key, std::string& text) {
    text = body.at(key).get<std::string>();
}

Progress progress_from(const json& body) {
    Progress progress;
    read(body, "stage", progress.stage);
    progress.done = body.at("done").get<std::uint64_t>();
    progress.total = body.at("total").get<std::uint64_t>();
    read(body, "unit", progress.unit);
    read(body, "text", progress.text);
    return progress;
}

JobRequest request_from(const json& body) {
    JobRequest request;
    read(body, "name", request.name);
    read(body, "image_type", request.image_type);
    read(body, "kickstart", request.kickstart);
    read(body, "overlay", request.overlay);
    read(body, "email", request.email);
    return request;
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
        Report::Log log{.offset = body.at("offset").get<std::uint64_t>()};
        read(body, "text", log.text);
        return log;
    }
    if (what == "done") {
        return Report::Done{body.at("image").get<std::string>()};
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
    if (body.at("kind").get<std::string>() != kind) {
        return fail(Fault::invalid, fmt::format("message: not of kind \"{}\"", kind));
    }
    Head head;
    read(body, "id", head.id);
    head.attempt = body.at("attempt").get<unsigned>();
    if (!is_job_id(head.id)) {
        return fail(Fault::invalid, "message: the id is not one of a job");
    }
    return head;
}

template <typename Make>
auto parsed(std::string_view text, Make make) -> decltype(make(json())) {
    // Four levels are the deepest message; a parser that counts stops a tower of brackets.
    constexpr int depth_max = 8;
    bool is_too_deep = false;
    const auto count_depth = [&](int depth, json::parse_event_t, json&) {
        is_too_deep = is_too_deep || depth > depth_max;
        return !is_too_deep;
    };
    try {
        const auto body = json::parse(text, count_depth);
        if (is_too_deep) {
            return fail(Fault::invalid, "message: nested too deeply");
        }
        return make(body);
    } catch (const json::exception& error) {
        return fail(Fault::invalid, fmt::format("message: {}", error.what()));
    }
}

/// The first `most` bytes, never ending within a UTF-8 character.
void cut(std::string& text, std::size_t most) {
    if (text.size() <= most) {
        return;
    }
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) {
        --most;
    }
    text.resize(most);
}

void keep_end(std::string& text, std::size_t most) {
    if (text.size() <= most) {
        return;
    }
    auto from = text.size() - most;
    while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xc0) == 0x80) {
        ++from;
    }
    text.replace(0, from, "… ");
}

}  // namespace

std::string to_json(const BuildOrder& order) {
    return dump({{"kind", "build"},
                 {"id", order.id},
                 {"attempt", order.attempt},
                 {"request",
                  {{"name", order.request.name},
                   {"image_type", order.request.image_type},
                   {"kickstart", order.request.kickstart},
                   {"overlay", order.request.overlay},
                   {"email", order.request.email}}}});
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
        order.request = request_from(body.at("request"));
        if (!is_job_name(order.request.name)) {
            return fail(Fault::invalid, "message: the name is not one of an image");
        }
        if (order.request.kickstart.size() > kKickstartMax) {
            return fail(Fault::invalid, fmt::format("message: a kickstart of {} bytes, {} are most",
                                                    order.request.kickstart.size(), kKickstartMax));
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
    }
    return report;
}

}  // namespace img::jobs
