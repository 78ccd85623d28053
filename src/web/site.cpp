#include "web/site.hpp"

#include "http/file_response.hpp"
#include "system/beneath.hpp"
#include "web/assets.hpp"
#include "web/page.hpp"
#include "web/problem_response.hpp"

namespace img::web {

http::Response refuse_with(const http::Request& request, const api::Problem& problem) {
    return wants_page(request) ? render_problem(problem) : problem_response(problem);
}

http::Response serve_job_file(const Site& site,
                              const http::Request& request,
                              const std::string& id,
                              const std::string& name) {
    const bool is_hidden = name.starts_with('.');
    auto file = is_hidden ? Result<system::Fd>(fail(Fault::missing, name))
                          : system::open_beneath(site.options.dispatcher.folder(id), name);
    if (!file) {
        return refuse_with(request, {.status = 404,
                                     .code = "no-such-file",
                                     .title = "There is no such file",
                                     .detail = "the job has no file of this name, or not yet",
                                     .next = "see /images/" + id + "/ for those it has",
                                     .findings = {}});
    }
    const auto type = http::content_type_of(name);
    const bool is_shown = type.starts_with("text/plain") || type == "application/json";
    return http::serve_file(request, *std::move(file),
                            {.content_type = is_shown ? type : "application/octet-stream",
                             .attachment = is_shown ? std::string() : name});
}

http::Router make_router(const std::shared_ptr<Site>& site) {
    http::Router router([](const http::Request& request, int status) {
        return refuse_with(request, no_route(request, status));
    });
    add_page_routes(router, site);
    add_submit_routes(router, site);
    add_api_routes(router, site);
    add_template_routes(router, site);
    using http::Method;
    router.add(Method::get, "/static/{file}",
               [](const http::Request& request, const http::Parameters& parameters) {
                   return serve_asset(request, parameters.at("file"));
               });
    router.add(Method::get, "/openapi.yaml", [](const http::Request&, const http::Parameters&) {
        return http::make_response(200, "application/yaml",
                                   std::string(embedded_file("openapi.yaml")));
    });
    router.add(Method::get, "/healthz", [](const http::Request&, const http::Parameters&) {
        return http::make_response(200, "text/plain; charset=utf-8", "ok\n");
    });
    router.add(Method::get, "/readyz", [site](const http::Request&, const http::Parameters&) {
        const auto count = site->options.store.count(jobs::JobState::queued);
        return count ? http::make_response(200, "text/plain; charset=utf-8", "ready\n")
                     : problem_response(problem_of(count.error()));
    });
    return router;
}

}  // namespace img::web
