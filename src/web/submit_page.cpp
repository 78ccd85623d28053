// The page that takes a kickstart or a template; it works without scripting.

#include "base/text.hpp"
#include "http/form.hpp"
#include "http/url.hpp"
#include "web/page.hpp"
#include "web/problem_response.hpp"
#include "web/site.hpp"
#include "web/submission.hpp"

#include <algorithm>

namespace img::web {

namespace {

using http::Method;
using http::Parameters;
using http::Request;
using http::Response;
using kickstarter::Template;

bool makes(const Site& site, const std::string& type) {
    const auto& types = site.options.image_types;
    return std::ranges::find(types, type) != types.end();
}

/// What a form asks for that leaves the type open.
std::string default_type(const Site& site) {
    return makes(site, "raw") ? "raw" : "";
}

Values template_group(const Site& site,
                      const std::vector<Template>& templates,
                      Template::Kind kind,
                      const std::string& chosen) {
    Values list{Values::type::list};
    for (const auto& one : templates) {
        if (one.kind != kind) {
            continue;
        }
        Values values;
        values.set("name", one.name);
        values.set("label", one.platform.empty() ? one.display_name
                                                 : one.display_name + " — " + one.platform);
        values.set("description", one.description);
        const auto type = makes(site, one.image_type) ? one.image_type : std::string();
        values.set("type", type);
        values.set("has_type", !type.empty());
        values.set("is_chosen", one.name == chosen);
        values.set("path", "/submit/?template=" + http::percent_encode(one.name));
        list.push_back(values);
    }
    Values group;
    group.set("label",
              kind == Template::Kind::kickstart ? "Kickstart files" : "Platforms from YAML");
    group.set("templates", list);
    return group;
}

std::vector<Template> templates_of(const Site& site) {
    return site.options.templates == nullptr ? std::vector<Template>()
                                             : site.options.templates->list().templates;
}

void set_templates(Values& values,
                   const Site& site,
                   const std::vector<Template>& templates,
                   const std::string& chosen) {
    Values groups{Values::type::list};
    for (const auto kind : {Template::Kind::kickstart, Template::Kind::configuration}) {
        if (std::ranges::find(templates, kind, &Template::kind) != templates.end()) {
            groups.push_back(template_group(site, templates, kind, chosen));
        }
    }
    values.set("groups", groups);
    values.set("has_templates", !templates.empty());
}

/// The form as it was filled in, with a complaint beside each field that has one.
struct Filled {
    Submission submission{};
    std::string priority{};  ///< As it was typed: it may be no number.
};

Response submit_page(const Site& site,
                     int status,
                     const Filled& filled,
                     const std::vector<Template>& templates) {
    const auto& submission = filled.submission;
    const auto& request = submission.request;
    Values values;
    values.set("name", request.name);
    values.set("kickstart", request.kickstart);
    values.set("overlay", request.overlay);
    values.set("email", request.email);
    values.set("priority", filled.priority);
    values.set("is_fresh", request.is_fresh);
    values.set("default_type", default_type(site));
    set_templates(values, site, templates, request.template_name);
    Values types{Values::type::list};
    for (const auto& type : site.options.image_types) {
        Values one;
        one.set("type", type);
        one.set("is_chosen", type == request.image_type);
        types.push_back(one);
    }
    values.set("types", types);
    for (const auto& complaint : submission.complaints) {
        values.set(complaint.field + "_complaint", complaint.text);
    }
    values.set("has_complaints", !submission.complaints.empty());
    values.set("findings", finding_values(submission.findings));
    values.set("has_findings", !submission.findings.empty());
    return render(
        status,
        {.title = "Submit a kickstart", .section = "submit", .refresh = 0, .script = "submit.js"},
        "submit", values);
}

/// The empty form, or the one of a template that a link names.
Response new_page(const Site& site, const std::string& name) {
    const auto templates = templates_of(site);
    Filled empty;
    auto& asked = empty.submission.request;
    // With templates the type is left open: theirs counts, else the default.
    asked.image_type = templates.empty() ? default_type(site) : "";
    const auto found = std::ranges::find(templates, name, &Template::name);
    if (name.empty()) {
        return submit_page(site, 200, empty, templates);
    }
    if (found == templates.end()) {
        empty.submission.complaints.push_back({.field = "template",
                                               .code = "unknown-template",
                                               .text = "there is no template of that name"});
        return submit_page(site, 404, empty, templates);
    }
    asked.template_name = found->name;
    asked.image_type = makes(site, found->image_type) ? found->image_type : "";
    return submit_page(site, 200, empty, templates);
}

Response submit(Site& site, const Request& request) {
    const auto form = http::parse_form(request);
    if (!form) {
        return refuse_with(request, problem_of(form.error()));
    }
    const auto asked = request_from_form(*form);
    auto rules = rules_of(site);
    rules.default_type = default_type(site);
    auto submission = check(asked, rules);
    const std::string typed_priority(trim(form->get("priority")));
    if (const auto priority = priority_from(typed_priority); priority) {
        submission.request.priority = *priority;
    } else {
        submission.complaints.push_back(
            {.field = "priority", .code = "bad-priority", .text = priority.error().message});
    }
    if (submission.is_good()) {
        const auto submitted = site.options.dispatcher.submit(submission.request);
        if (submitted) {
            return http::see_other(api::page_path(submitted->job.id) +
                                   (submitted->is_joined ? "?joined=1" : ""));
        }
        if (submitted.error().fault != Fault::invalid) {
            return refuse_with(request, problem_of(submitted.error()));
        }
        submission.complaints.push_back(
            {.field = "name", .code = "name-in-use", .text = submitted.error().message});
    }
    const int status = submission.complaints.front().code == "name-in-use" ? 409 : 400;
    submission.request = asked;  // as it was typed, without what was filled in here
    return submit_page(site, status,
                       {.submission = std::move(submission), .priority = typed_priority},
                       templates_of(site));
}

}  // namespace

void add_submit_routes(http::Router& router, const std::shared_ptr<Site>& site) {
    router.add(Method::get, "/submit/", [site](const Request& request, const Parameters&) {
        return new_page(*site, request.parameter("template"));
    });
    router.add(Method::post, "/submit/", [site](const Request& request, const Parameters&) {
        return submit(*site, request);
    });
}

}  // namespace img::web
