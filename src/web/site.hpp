// What the pages and the REST interface work with, and the routes that lead to them.
#pragma once

#include "http/router.hpp"
#include "web/live_job.hpp"
#include "web/site_options.hpp"
#include "web/submission.hpp"

#include <memory>

namespace img::web {

/// Lives as long as the handler that make_site() returns.
struct Site {
    explicit Site(SiteOptions site_options)
        : options(std::move(site_options)),
          live_jobs(options.dispatcher, options.store, options.feed) {}

    SiteOptions options;
    LiveJobs live_jobs;
};

inline Rules rules_of(const Site& site) {
    return {.image_types = site.options.image_types,
            .tokens = site.options.tokens,
            .templates = site.options.templates};
}

/// A page for browsers, a problem document for programs.
http::Response refuse_with(const http::Request& request, const api::Problem& problem);

/// A file of a job's folder; text is shown, everything else saved.
http::Response serve_job_file(const Site& site,
                              const http::Request& request,
                              const std::string& id,
                              const std::string& name);

void add_api_routes(http::Router& router, const std::shared_ptr<Site>& site);
void add_page_routes(http::Router& router, const std::shared_ptr<Site>& site);
void add_queue_routes(http::Router& router, const std::shared_ptr<Site>& site);
void add_submit_routes(http::Router& router, const std::shared_ptr<Site>& site);
void add_template_routes(http::Router& router, const std::shared_ptr<Site>& site);

http::Router make_router(const std::shared_ptr<Site>& site);

}  // namespace img::web
