#include "web/site.hpp"

#include "http/file_response.hpp"
#include "system/beneath.hpp"
#include "web/assets.hpp"
#include "web/page.hpp"
#include "web/problem_response.hpp"
#include "web/s3_redirect.hpp"

#include <cerrno>
#include <sys/file.h>

namespace img::web {

http::Response refuse_with(const http::Request& request, const api::Problem& problem) {
    return wants_page(request) ? render_problem(problem) : problem_response(problem);
}

namespace {

/// Why a job has no such file, or none any more.
api::Problem no_such_file(const Site& site, const std::string& id, const std::string& name) {
    const auto job = site.options.store.find(id);
    if (job && *job && (*job)->removed != jobs::Time{} && !name.starts_with('.')) {
        return images_removed(**job);
    }
    return {.status = 404,
            .code = "no-such-file",
            .title = "There is no such file",
            .detail = "the job has no file of this name, or not yet",
            .next = "see /images/" + id + "/ for those it has",
            .findings = {}};
}

/// Retention leaves a file that somebody has locked so. The lock goes when the file is closed,
/// which is when it has been sent. False: retention was first.
bool lock_for_reading(const system::Fd& file) {
    return ::flock(file.get(), LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

}  // namespace

http::Response serve_job_file(const Site& site,
                              const http::Request& request,
                              const std::string& id,
                              const std::string& name) {
    const bool is_hidden = name.starts_with('.');
    auto file = is_hidden ? Result<system::Fd>(fail(Fault::missing, name))
                          : system::open_beneath(site.options.dispatcher.folder(id), name);
    if (!file && !is_hidden) {
        const auto job = site.options.store.find(id);
        if (job && *job && !(*job)->place.empty() && (*job)->removed == jobs::Time{}) {
            const auto link = s3_link(site.options.s3_images, (*job)->place, name);
            return link ? lead_to(*link) : refuse_with(request, problem_of(link.error()));
        }
    }
    if (!file || !lock_for_reading(*file)) {
        return refuse_with(request, no_such_file(site, id, name));
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
    add_queue_routes(router, site);
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
        const auto answer = site->options.store.find(std::string(32, '0'));  // any question does
        return answer ? http::make_response(200, "text/plain; charset=utf-8", "ready\n")
                      : problem_response(problem_of(answer.error()));
    });
    return router;
}

}  // namespace img::web
