// The pages of one job: how it goes, and its files.

#include "base/byte_size.hpp"
#include "web/artifact_list.hpp"
#include "web/log_text.hpp"
#include "web/page.hpp"
#include "web/problem_response.hpp"
#include "web/site.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>

namespace img::web {

namespace {

using http::Method;
using http::Parameters;
using http::Request;
using http::Response;

constexpr std::size_t kLogShown = 256UL * 1024;  // the end of the log that a page begins with
constexpr unsigned kRefreshSeconds = 5;
constexpr std::size_t kRefusedSearched = 200;  // the newest, among which a job's are looked for

jobs::Time now() {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now());
}

Values artifact_values(const std::string& id,
                       std::vector<api::Artifact> artifacts,
                       const std::string& image) {
    // What people come for stands first.
    std::ranges::stable_partition(
        artifacts, [&](const api::Artifact& artifact) { return artifact.name == image; });
    Values list{Values::type::list};
    for (const auto& artifact : artifacts) {
        Values one;
        one.set("name", artifact.name);
        one.set("path", api::image_path(id, artifact.name));
        one.set("size", human_size(artifact.size));
        one.set("type", artifact.type);
        one.set("sha256", artifact.sha256);
        one.set("has_sha256", !artifact.sha256.empty());
        one.set("is_image", artifact.name == image);
        list.push_back(one);
    }
    return list;
}

/// Messages that came under the name that the job's client gave it, and were refused.
Values refused_of(Site& site, const std::string& reference) {
    std::vector<jobs::RefusedMessage> of_job;
    const auto messages = reference.empty() ? Result<std::vector<jobs::RefusedMessage>>()
                                            : site.options.store.refused(kRefusedSearched);
    if (messages) {  // a store that is away must not keep the rest of the page from being shown
        std::ranges::copy_if(*messages, std::back_inserter(of_job),
                             [&](const auto& one) { return one.reference == reference; });
    }
    return refused_values(of_job, now());
}

Response job_page(Site& site, const Request& request, const std::string& id) {
    const auto view = find_view(site.options.store, site.options.dispatcher, id);
    const auto job = site.options.store.find(id);
    if (!view || !job) {
        return render_problem(problem_of(!view ? view.error() : job.error()));
    }
    if (!*view || !*job) {
        return refuse_with(request, no_such_job());
    }
    const bool is_over = jobs::is_finished((*view)->state);
    const auto log = read_log_end(site.options.dispatcher.log_file(**job), kLogShown, is_over);
    auto values = job_values(**view, now());
    const auto& asked = (*job)->request;
    values.set("template", asked.template_name);
    values.set("has_template", !asked.template_name.empty());
    values.set("overlay", asked.overlay);
    values.set("has_overlay", !asked.overlay.empty());
    values.set("priority", std::to_string(asked.priority));
    values.set("has_priority", asked.priority != 0);
    values.set("is_fresh", asked.is_fresh);
    values.set("has_request", !asked.template_name.empty() || !asked.overlay.empty() ||
                                  asked.priority != 0 || asked.is_fresh);
    values.set("log", plain_log(log.text));
    values.set("log_end", std::to_string(log.end));
    values.set("is_log_cut", log.begin > 0);
    values.set("log_path", api::log_path(id));
    values.set("events_path", api::events_path(id));
    values.set("is_joined", request.parameter("joined") == "1");
    auto refused = refused_of(site, asked.reference);
    values.set("has_refused", refused.is_non_empty_list());
    values.set("refused", std::move(refused));
    const auto artifacts = list_artifacts(site.options.dispatcher.folder(id), **job);
    values.set("artifacts", artifact_values(id, artifacts, (*view)->image));
    values.set("has_artifacts", !artifacts.empty());
    if (is_over) {
        return render(
            200, {.title = (*view)->name, .section = "queue", .refresh = 0, .script = "job.js"},
            "job", values);
    }
    return render(200,
                  {.title = (*view)->name,
                   .section = "queue",
                   .refresh = kRefreshSeconds,
                   .script = "job.js"},
                  "job", values);
}

Response cancel(Site& site, const Request& request, const std::string& id) {
    const auto job = site.options.dispatcher.cancel(id);
    if (job || job.error().fault == Fault::invalid) {
        return http::see_other(api::page_path(id));  // over by itself meanwhile: the page says how
    }
    return refuse_with(
        request, job.error().fault == Fault::missing ? no_such_job() : problem_of(job.error()));
}

Response pin(Site& site, const Request& request, const std::string& id, bool is_pinned) {
    const auto pinned = site.options.store.pin(id, is_pinned);
    if (!pinned) {
        return refuse_with(request, problem_of(pinned.error()));
    }
    // False: no such job, or retention was quicker; the page says which.
    return http::see_other(api::page_path(id));
}

Response images_page(Site& site, const Request& request, const std::string& id) {
    const auto job = site.options.store.find(id);
    if (!job) {
        return render_problem(problem_of(job.error()));
    }
    if (!*job) {
        return refuse_with(request, no_such_job());
    }
    const auto artifacts = list_artifacts(site.options.dispatcher.folder(id), **job);
    auto values = job_values(api::view_of(**job), now());
    values.set("artifacts", artifact_values(id, artifacts, (*job)->image));
    values.set("has_artifacts", !artifacts.empty());
    values.set("has_sums", std::ranges::any_of(artifacts, [](const api::Artifact& artifact) {
                   return artifact.name == "SHA256SUMS";
               }));
    return render(200,
                  {.title = "Files of " + (*job)->request.name,
                   .section = "queue",
                   .refresh = 0,
                   .script = {}},
                  "images", values);
}

}  // namespace

void add_page_routes(http::Router& router, const std::shared_ptr<Site>& site) {
    router.add(Method::get, "/job/{id:hex32}", [site](const Request& request, const Parameters& p) {
        return job_page(*site, request, p.at("id"));
    });
    router.add(Method::post, "/job/{id:hex32}/cancel",
               [site](const Request& request, const Parameters& p) {
                   return cancel(*site, request, p.at("id"));
               });
    router.add(Method::post, "/job/{id:hex32}/pin",
               [site](const Request& request, const Parameters& p) {
                   return pin(*site, request, p.at("id"), true);
               });
    router.add(Method::post, "/job/{id:hex32}/unpin",
               [site](const Request& request, const Parameters& p) {
                   return pin(*site, request, p.at("id"), false);
               });
    router.add(Method::get, "/images/{id:hex32}/",
               [site](const Request& request, const Parameters& p) {
                   return images_page(*site, request, p.at("id"));
               });
    router.add(Method::get, "/images/{id:hex32}/{file}",
               [site](const Request& request, const Parameters& p) {
                   return serve_job_file(*site, request, p.at("id"), p.at("file"));
               });
}

}  // namespace img::web
