// Pages from templates: every value is escaped, whatever it is.
#pragma once

#include "api/api.hpp"
#include "http/http.hpp"
#include "jobs/front_door.hpp"

#include <kainjow/mustache.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace img::web {

using Values = kainjow::mustache::data;

struct Page {
    std::string title;
    std::string section;   ///< "submit", "queue": the link that is marked in the head.
    unsigned refresh = 0;  ///< Seconds until a browser without scripting asks again; 0: never.
    std::string script;    ///< Of share/static; empty: none.
};

/// The named template of share/templates inside the layout.
http::Response render(int status, const Page& page, std::string_view name, Values values);

http::Response render_problem(const api::Problem& problem);

/// A job as the templates know it.
Values job_values(const api::JobView& view, jobs::Time now);

/// Errors and warnings of a kickstart as the templates know them.
Values finding_values(const std::vector<api::Finding>& findings);

/// Messages from outside that were refused as the templates know them.
Values refused_values(const std::vector<jobs::RefusedMessage>& messages, jobs::Time now);

/// "just now", "5 min ago", "2 h ago", "3 days ago"; "in a moment" for what is yet to come.
std::string ago(jobs::Time then, jobs::Time now);

/// "0:42", "1:02:03"
std::string duration_text(std::chrono::milliseconds duration);

}  // namespace img::web
