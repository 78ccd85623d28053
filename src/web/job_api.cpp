// The REST interface: docs/openapi.yaml describes it, api/ has its words.

#include "api/queue_view.hpp"
#include "base/text.hpp"
#include "http/file_response.hpp"
#include "system/beneath.hpp"
#include "web/artifact_list.hpp"
#include "web/job_filter.hpp"
#include "web/problem_response.hpp"
#include "web/site.hpp"
#include "web/submission.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace img::web {

namespace {

using http::Method;
using http::Parameters;
using http::Request;
using http::Response;

constexpr std::size_t kRefusedMax = 1000;  // as many as the store keeps

Response json_response(int status, std::string json) {
    return http::make_response(status, "application/json", std::move(json));
}

Response refusal_of(const Error& error) {
    return problem_response(problem_of(error));
}

Response show(Site& site, const std::string& id, int status) {
    const auto view = find_view(site.options.store, site.options.dispatcher, id);
    if (!view) {
        return refusal_of(view.error());
    }
    return *view ? json_response(status, api::to_json(**view)) : problem_response(no_such_job());
}

/// Idempotency-Key is another name for the reference: what HTTP clients know. It may stand in
/// quotes, as structured fields do.
Result<void> take_idempotency_key(const Request& request, jobs::JobRequest& asked) {
    auto key = trim(request.headers.get("Idempotency-Key"));
    if (key.size() >= 2 && key.front() == '"' && key.back() == '"') {
        key = key.substr(1, key.size() - 2);
    }
    if (!jobs::is_reference(key)) {
        return fail(Fault::invalid,
                    fmt::format("Idempotency-Key: {} bytes, give at most {} of printable text",
                                key.size(), jobs::kReferenceMax));
    }
    if (!key.empty() && !asked.reference.empty() && key != asked.reference) {
        return fail(Fault::invalid, "Idempotency-Key and reference differ; give one of them");
    }
    asked.reference = key.empty() ? asked.reference : std::string(key);
    return {};
}

/// 201 for a job that was made, 200 for one that was there.
Response answer_to_submit(Site& site, const jobs::Submitted& submitted) {
    // Not a forecast for each submit: the one that there is knows a job that was there already.
    const auto& id = submitted.job.id;
    auto view = api::view_of(submitted.job, site.options.dispatcher.outlooks()->find(id));
    view.is_joined = submitted.is_joined;
    auto response = json_response(submitted.is_joined ? 200 : 201, api::to_json(view));
    response.headers.set("Location", api::job_path(view.id));
    return response;
}

/// Idempotency-Key's draft wants 422 for a key that was another request's.
Response refusal_of_submit(const Error& error) {
    if (error.fault != Fault::invalid) {
        return refusal_of(error);
    }
    // Everything else that may be wrong with it was looked at before.
    if (!error.message.starts_with("reference ")) {
        return problem_response(name_in_use(error));
    }
    return problem_response(
        {.status = 422,
         .code = "reference-in-use",
         .title = "This reference stands for another request",
         .detail = error.message,
         .next = "give a new reference or Idempotency-Key to each request, and the same one only "
                 "to the same request that is sent again",
         .findings = {}});
}

Response submit(Site& site, const Request& request) {
    auto asked = api::request_from_json(request.body);
    if (!asked) {
        return refusal_of(asked.error());
    }
    if (const auto taken = take_idempotency_key(request, *asked); !taken) {
        return refusal_of(taken.error());
    }
    auto submission = check(*std::move(asked), rules_of(site));
    if (!submission.is_good()) {
        return problem_response(problem_of(submission));
    }
    const auto submitted = site.options.dispatcher.submit(std::move(submission.request));
    if (!submitted) {
        return refusal_of_submit(submitted.error());
    }
    return answer_to_submit(site, *submitted);
}

Response list(Site& site, const Request& request) {
    const auto filter = filter_from(request);
    if (!filter) {
        return refusal_of(filter.error());
    }
    const auto jobs = site.options.store.list(*filter);
    if (!jobs) {
        return refusal_of(jobs.error());
    }
    api::JobList answer;
    const auto outlooks = site.options.dispatcher.outlooks();
    for (const auto& job : *jobs) {
        answer.jobs.push_back(api::view_of(job, outlooks->find(job.id)));
    }
    if (jobs->size() == filter->limit) {
        answer.next =
            fmt::format("{}?limit={}&before={}", api::kJobsPath, filter->limit, jobs->back().id);
        answer.next += filter->state ? fmt::format("&state={}", jobs::to_text(*filter->state)) : "";
    }
    return json_response(200, api::to_json(answer));
}

Response cancel(Site& site, const std::string& id) {
    const auto job = site.options.dispatcher.cancel(id);
    if (job) {
        return show(site, id, 202);
    }
    if (job.error().fault == Fault::missing) {
        return problem_response(no_such_job());
    }
    return job.error().fault == Fault::invalid ? problem_response(finished_already(job.error()))
                                               : refusal_of(job.error());
}

Response pin(Site& site, const jobs::Job& job, bool is_pinned) {
    const auto pinned = site.options.store.pin(job.id, is_pinned);
    if (!pinned) {
        return refusal_of(pinned.error());
    }
    return *pinned ? show(site, job.id, 200) : problem_response(images_removed(job));
}

Response refused(Site& site) {
    const auto messages = site.options.store.refused(kRefusedMax);
    return messages ? json_response(200, api::to_json(*messages)) : refusal_of(messages.error());
}

Response workers(Site& site) {
    std::vector<jobs::Presence> present;
    for (auto& worker : site.options.dispatcher.workers()) {
        present.push_back(std::move(worker.presence));
    }
    return json_response(200, api::to_json(present));
}

Response log(Site& site, const Request& request, const jobs::Job& job) {
    constexpr std::string_view kType = "text/plain; charset=utf-8";
    const auto offset = number("offset", request.parameter("offset"));
    if (!offset) {
        return refusal_of(offset.error());
    }
    if (request.has_parameter("follow")) {
        auto response = http::make_response(200, kType, "");
        response.body = site.live_jobs.log(job, offset->value_or(0));
        return response;
    }
    const auto file = site.options.dispatcher.log_file(job);
    auto opened = system::open_beneath(file.parent_path(), file.filename().string());
    if (!opened) {
        return http::make_response(200, kType, "");  // not begun: a log without a line
    }
    auto response = http::serve_file(request, *std::move(opened),
                                     {.content_type = std::string(kType), .attachment = {}});
    if (auto* const body = std::get_if<http::FileBody>(&response.body);
        body != nullptr && response.status == 200) {
        const auto skipped = std::min(offset->value_or(0), body->length);
        body->offset += skipped;
        body->length -= skipped;
    }
    return response;
}

Response events(Site& site, const Request& request, const jobs::Job& job) {
    // A browser that comes back says where it was; that is newer than the page's address.
    const auto last = number("Last-Event-ID", request.headers.get("Last-Event-ID"));
    const auto offset = number("offset", request.parameter("offset"));
    if (!last || !offset) {
        return refusal_of(last ? offset.error() : last.error());
    }
    auto response = http::make_response(200, "text/event-stream", "");
    response.headers.set("Cache-Control", "no-store");
    response.body = site.live_jobs.events(job, last->value_or(offset->value_or(0)));
    return response;
}

/// Looks the job up for handlers that need it.
template <typename Handle>
http::RouteHandler with_job(const std::shared_ptr<Site>& site, Handle handle) {
    return [site, handle](const Request& request, const Parameters& parameters) {
        const auto job = site->options.store.find(parameters.at("id"));
        if (!job) {
            return refusal_of(job.error());
        }
        return *job ? handle(*site, request, **job) : problem_response(no_such_job());
    };
}

}  // namespace

void add_api_routes(http::Router& router, const std::shared_ptr<Site>& site) {
    router.add(Method::post, api::kJobsPath, [site](const Request& request, const Parameters&) {
        return submit(*site, request);
    });
    router.add(Method::get, api::kJobsPath,
               [site](const Request& request, const Parameters&) { return list(*site, request); });
    router.add(Method::get, "/api/v1/jobs/{id}", [site](const Request&, const Parameters& p) {
        return jobs::is_job_id(p.at("id")) ? show(*site, p.at("id"), 200)
                                           : problem_response(no_such_job());
    });
    router.add(Method::del, "/api/v1/jobs/{id}", [site](const Request&, const Parameters& p) {
        return jobs::is_job_id(p.at("id")) ? cancel(*site, p.at("id"))
                                           : problem_response(no_such_job());
    });
    router.add(Method::post, "/api/v1/jobs/{id:hex32}/pin",
               with_job(site, [](Site& s, const Request&, const jobs::Job& job) {
                   return pin(s, job, true);
               }));
    router.add(Method::post, "/api/v1/jobs/{id:hex32}/unpin",
               with_job(site, [](Site& s, const Request&, const jobs::Job& job) {
                   return pin(s, job, false);
               }));
    router.add(Method::get, api::kRefusedPath,
               [site](const Request&, const Parameters&) { return refused(*site); });
    router.add(Method::get, api::kWorkersPath,
               [site](const Request&, const Parameters&) { return workers(*site); });
    router.add(Method::get, "/api/v1/jobs/{id:hex32}/log", with_job(site, log));
    router.add(Method::get, "/api/v1/jobs/{id:hex32}/events", with_job(site, events));
    router.add(Method::get, "/api/v1/jobs/{id:hex32}/artifacts",
               with_job(site, [](Site& s, const Request&, const jobs::Job& job) {
                   return json_response(
                       200, api::to_json(list_artifacts(s.options.dispatcher.folder(job.id), job)));
               }));
    router.add(Method::post, api::kCheckPath, [site](const Request& request, const Parameters&) {
        return json_response(200,
                             api::to_json(findings_of(request.body, "kickstart", rules_of(*site))));
    });
    router.add(Method::get, api::kTypesPath, [site](const Request&, const Parameters&) {
        return json_response(200,
                             nlohmann::json{{"types", site->options.image_types}}.dump() + "\n");
    });
}

}  // namespace img::web
