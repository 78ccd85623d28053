// The pages: start, queue, job, and the files of a job.

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

constexpr std::size_t kRecentJobs = 8;
constexpr std::size_t kQueuePage = 50;
constexpr std::size_t kLogShown = 256UL * 1024;  // the end of the log that a page begins with
constexpr unsigned kRefreshSeconds = 5;

jobs::Time now() {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now());
}

Values job_list(const std::vector<jobs::Job>& jobs) {
    Values list{Values::type::list};
    for (const auto& job : jobs) {
        list.push_back(job_values(api::view_of(job), now()));
    }
    return list;
}

/// A page of the queue with every waiting job's place. One look serves all: between the jobs of a
/// page, newest first, there is no other that waits.
Result<Values> placed_list(jobs::JobStore& store, const std::vector<jobs::Job>& jobs) {
    std::vector<Values> rows;
    std::optional<std::uint64_t> place;
    for (auto job = jobs.rbegin(); job != jobs.rend(); ++job) {
        if (job->state == jobs::JobState::queued) {
            place = place ? *place + 1 : TRY(store.queue_position(job->id));
        }
        rows.push_back(job_values(api::view_of(*job, place), now()));
    }
    Values list{Values::type::list};
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
        list.push_back(*row);
    }
    return list;
}

Response start_page(Site& site) {
    const auto jobs = site.options.store.list({.state = {}, .limit = kRecentJobs, .before = {}});
    const auto queued = site.options.store.count(jobs::JobState::queued);
    const auto building = site.options.store.count(jobs::JobState::building);
    if (!jobs || !queued || !building) {
        const auto& error = !jobs ? jobs.error() : !queued ? queued.error() : building.error();
        return render_problem(problem_of(error));
    }
    Values values;
    values.set("jobs", job_list(*jobs));
    values.set("has_jobs", !jobs->empty());
    values.set("queued", std::to_string(*queued));
    values.set("building", std::to_string(*building));
    Values types{Values::type::list};
    for (const auto& type : site.options.image_types) {
        types.push_back(type);
    }
    values.set("types", types);
    return render(200, {.title = "Image Me Give", .section = {}, .refresh = 0, .script = {}},
                  "start", values);
}

Response queue_page(Site& site, const Request& request) {
    jobs::JobFilter filter{.state = jobs::job_state_from(request.parameter("state")),
                           .limit = kQueuePage,
                           .before = request.parameter("before")};
    if (!jobs::is_job_id(filter.before)) {
        filter.before.clear();
    }
    const auto jobs = site.options.store.list(filter);
    if (!jobs) {
        return render_problem(problem_of(jobs.error()));
    }
    Values values;
    const auto chosen = filter.state ? std::string(jobs::to_text(*filter.state)) : std::string();
    Values filters{Values::type::list};
    for (const auto* state : {"", "queued", "building", "done", "error", "cancelled"}) {
        Values one;
        one.set("label", *state == '\0' ? "all" : state);
        one.set("href",
                *state == '\0' ? std::string("/queue/") : fmt::format("/queue/?state={}", state));
        one.set("is_chosen", chosen == state);
        filters.push_back(one);
    }
    values.set("filters", filters);
    auto rows = placed_list(site.options.store, *jobs);
    if (!rows) {
        return render_problem(problem_of(rows.error()));
    }
    values.set("jobs", *std::move(rows));
    values.set("has_jobs", !jobs->empty());
    values.set("is_filtered", !chosen.empty());
    values.set("is_later_page", !filter.before.empty());
    values.set("has_next", jobs->size() == kQueuePage);
    if (jobs->size() == kQueuePage) {
        values.set("next", fmt::format("/queue/?state={}&before={}", chosen, jobs->back().id));
    }
    return render(200, {.title = "Queue", .section = "queue", .refresh = 0, .script = {}}, "queue",
                  values);
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

Response job_page(Site& site, const Request& request, const std::string& id) {
    const auto view = find_view(site.options.store, id);
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
    values.set("has_request", !asked.template_name.empty() || !asked.overlay.empty());
    values.set("log", plain_log(log.text));
    values.set("log_end", std::to_string(log.end));
    values.set("is_log_cut", log.begin > 0);
    values.set("log_path", api::log_path(id));
    values.set("events_path", api::events_path(id));
    const auto artifacts = list_artifacts(site.options.dispatcher.folder(id));
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

Response images_page(Site& site, const Request& request, const std::string& id) {
    const auto job = site.options.store.find(id);
    if (!job) {
        return render_problem(problem_of(job.error()));
    }
    if (!*job) {
        return refuse_with(request, no_such_job());
    }
    const auto artifacts = list_artifacts(site.options.dispatcher.folder(id));
    auto values = job_values(api::view_of(**job), now());
    values.set("artifacts", artifact_values(id, artifacts, (*job)->image));
    values.set("has_artifacts", !artifacts.empty());
    return render(200,
                  {.title = "Files of " + (*job)->request.name,
                   .section = "queue",
                   .refresh = 0,
                   .script = {}},
                  "images", values);
}

}  // namespace

void add_page_routes(http::Router& router, const std::shared_ptr<Site>& site) {
    router.add(Method::get, "/",
               [site](const Request&, const Parameters&) { return start_page(*site); });
    router.add(Method::get, "/queue/", [site](const Request& request, const Parameters&) {
        return queue_page(*site, request);
    });
    router.add(Method::get, "/job/{id:hex32}", [site](const Request& request, const Parameters& p) {
        return job_page(*site, request, p.at("id"));
    });
    router.add(Method::post, "/job/{id:hex32}/cancel",
               [site](const Request& request, const Parameters& p) {
                   return cancel(*site, request, p.at("id"));
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
