// What every request has to pass, and what every response carries, whatever the page.
#pragma once

#include "api/api.hpp"
#include "http/http.hpp"

#include <optional>
#include <string>
#include <vector>

namespace img::web {

/// Refuses requests for a host that is not ours (another site's name may be made to point here),
/// and changes that another site's page asked for. Programs that send neither Origin nor
/// Sec-Fetch-Site are let through: no browser does that for a page.
std::optional<api::Problem> refuse(const http::Request& request,
                                   const std::vector<std::string>& hosts);

/// No script but ours, no frame around us, no guessing of types.
void add_security_headers(http::Response& response);

}  // namespace img::web
