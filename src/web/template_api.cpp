// Templates over REST: the list of them, and one with its kickstart.

#include "api/template_view.hpp"
#include "web/problem_response.hpp"
#include "web/site.hpp"

namespace img::web {

namespace {

using http::Method;
using http::Parameters;
using http::Request;
using http::Response;
using kickstarter::Template;

api::TemplateView view_of(const Template& one) {
    return {.name = one.name,
            .kind = one.kind == Template::Kind::kickstart ? "kickstart" : "configuration",
            .display_name = one.display_name,
            .description = one.description,
            .image_type = one.image_type,
            .architecture = one.architecture,
            .platform = one.platform,
            .kickstart = one.text};
}

Response list(const Site& site) {
    api::TemplateViews views;
    if (site.options.templates != nullptr) {
        auto found = site.options.templates->list();
        for (const auto& one : found.templates) {
            views.templates.push_back(view_of(one));
        }
        views.faults = std::move(found.faults);
    }
    return http::make_response(200, "application/json", api::to_json(views));
}

Response show(const Site& site, const std::string& name) {
    const auto found = site.options.templates == nullptr
                           ? Result<Template>(fail(Fault::missing, "this service has no templates"))
                           : site.options.templates->find(name);
    if (!found) {
        return problem_response(
            {.status = 404,
             .code = "no-such-template",
             .title = "There is no such template",
             .detail = found.error().message,
             .next = "compare the name with " + std::string(api::kTemplatesPath),
             .findings = {}});
    }
    return http::make_response(200, "application/json", api::to_json(view_of(*found)));
}

}  // namespace

void add_template_routes(http::Router& router, const std::shared_ptr<Site>& site) {
    router.add(Method::get, api::kTemplatesPath,
               [site](const Request&, const Parameters&) { return list(*site); });
    router.add(Method::get, "/api/v1/templates/{name}",
               [site](const Request&, const Parameters& p) { return show(*site, p.at("name")); });
}

}  // namespace img::web
