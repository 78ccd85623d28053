// The pages of all jobs: start and queue, with the workers and the messages that were refused.

#include "web/job_filter.hpp"
#include "web/page.hpp"
#include "web/problem_response.hpp"
#include "web/site.hpp"

#include <fmt/format.h>

namespace img::web {

namespace {

using http::Method;
using http::Parameters;
using http::Request;
using http::Response;

constexpr std::size_t kRecentJobs = 8;
constexpr std::size_t kQueuePage = 50;
constexpr std::size_t kRefusedShown = 5;

jobs::Time now() {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now());
}

/// Rows with every waiting job's outlook: one forecast serves them all.
Values job_list(Site& site, const std::vector<jobs::Job>& jobs) {
    const auto outlooks = site.options.dispatcher.outlooks();
    Values list{Values::type::list};
    for (const auto& job : jobs) {
        list.push_back(job_values(api::view_of(job, outlooks->find(job.id)), now()));
    }
    return list;
}

Response start_page(Site& site) {
    const auto jobs = site.options.store.list({.state = {}, .limit = kRecentJobs, .before = {}});
    if (!jobs) {
        return render_problem(problem_of(jobs.error()));
    }
    Values values;
    values.set("jobs", job_list(site, *jobs));
    values.set("has_jobs", !jobs->empty());
    values.set("queued", std::to_string(site.options.dispatcher.waiting()));
    values.set("building", std::to_string(site.options.dispatcher.building()));
    Values types{Values::type::list};
    for (const auto& type : site.options.image_types) {
        types.push_back(type);
    }
    values.set("types", types);
    return render(200, {.title = "Image Me Give", .section = {}, .refresh = 0, .script = {}},
                  "start", values);
}

Values filter_values(const std::string& chosen) {
    Values filters{Values::type::list};
    for (const auto* state : {"", "queued", "building", "done", "error", "cancelled"}) {
        Values one;
        one.set("label", *state == '\0' ? "all" : state);
        one.set("href",
                *state == '\0' ? std::string("/queue/") : fmt::format("/queue/?state={}", state));
        one.set("is_chosen", chosen == state);
        filters.push_back(one);
    }
    return filters;
}

Values worker_values(const jobs::PoolWorker& worker) {
    const auto& said = worker.presence;
    Values values;
    values.set("name", said.host.empty() ? said.worker : said.host);
    values.set("worker", said.worker);
    values.set("busy", std::to_string(worker.jobs.size()));
    values.set("slots", std::to_string(said.slots));
    const auto* state = said.is_leaving          ? "leaving"
                        : worker.free > 0        ? "free"
                        : !said.shortage.empty() ? "short"
                                                 : "busy";
    values.set("state", state);
    values.set("shortage", said.shortage);
    values.set("has_shortage", !said.shortage.empty());
    values.set("architectures", fmt::format("{}", fmt::join(said.architectures, ", ")));
    values.set("types", said.image_types.empty()
                            ? std::string("all types")
                            : fmt::format("{}", fmt::join(said.image_types, ", ")));
    return values;
}

void set_workers(Values& values, Site& site) {
    Values list{Values::type::list};
    const auto workers = site.options.dispatcher.workers();
    for (const auto& worker : workers) {
        list.push_back(worker_values(worker));
    }
    values.set("workers", list);
    values.set("has_workers", !workers.empty());
}

Response queue_page(Site& site, const Request& request) {
    auto asked = filter_from(request);
    if (!asked) {
        return refuse_with(request, problem_of(asked.error()));
    }
    auto& filter = *asked;
    filter.limit = kQueuePage;
    const auto jobs = site.options.store.list(filter);
    const auto refused = site.options.store.refused(kRefusedShown);
    if (!jobs || !refused) {
        return render_problem(problem_of(!jobs ? jobs.error() : refused.error()));
    }
    Values values;
    const auto chosen = filter.state ? std::string(jobs::to_text(*filter.state)) : std::string();
    values.set("filters", filter_values(chosen));
    values.set("jobs", job_list(site, *jobs));
    values.set("has_jobs", !jobs->empty());
    values.set("is_filtered", !chosen.empty());
    values.set("is_later_page", !filter.before.empty());
    values.set("has_next", jobs->size() == kQueuePage);
    if (jobs->size() == kQueuePage) {
        values.set("next", fmt::format("/queue/?state={}&before={}", chosen, jobs->back().id));
    }
    set_workers(values, site);
    values.set("refused", refused_values(*refused, now()));
    values.set("has_refused", !refused->empty());
    return render(200, {.title = "Queue", .section = "queue", .refresh = 0, .script = {}}, "queue",
                  values);
}

}  // namespace

void add_queue_routes(http::Router& router, const std::shared_ptr<Site>& site) {
    router.add(Method::get, "/",
               [site](const Request&, const Parameters&) { return start_page(*site); });
    router.add(Method::get, "/queue/", [site](const Request& request, const Parameters&) {
        return queue_page(*site, request);
    });
}

}  // namespace img::web
