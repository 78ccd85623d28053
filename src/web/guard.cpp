#include "web/guard.hpp"

#include "base/printable.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::web {

namespace {

/// "[::1]:8080" gives "[::1]".
std::string_view without_port(std::string_view host) {
    const auto colon = host.rfind(':');
    const auto bracket = host.rfind(']');
    const bool has_port =
        colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    return has_port ? host.substr(0, colon) : host;
}

/// ":8080", where it is a number: whoever asks found the service by it.
std::string_view port_of(std::string_view host) {
    const auto port = host.substr(without_port(host).size());
    return port.find_first_not_of(":0123456789") == std::string_view::npos ? port
                                                                           : std::string_view();
}

api::Problem foreign_page(std::string_view origin) {
    return {.status = 403,
            .code = "foreign-page",
            .title = "Another site's page asked for this",
            .detail = fmt::format("a page of {} tried to change something here",
                                  origin.empty() ? "another site" : printable(origin)),
            .next = "open IMG's own page and do it there",
            .findings = {}};
}

}  // namespace

std::optional<api::Problem> refuse(const http::Request& request,
                                   const std::vector<std::string>& hosts) {
    const auto host = request.headers.get("Host");
    const auto is_ours = [&](const std::string& name) {
        return http::equal_ignoring_case(name, without_port(host));
    };
    if (std::ranges::none_of(hosts, is_ours)) {
        return api::Problem{.status = 421,
                            .code = "wrong-host",
                            .title = "This service has another name",
                            .detail = fmt::format("there is no \"{}\" here", printable(host)),
                            .next = fmt::format("use http://{}{}",
                                                hosts.empty() ? "" : hosts.front(), port_of(host)),
                            .findings = {}};
    }
    if (request.method == http::Method::get || request.method == http::Method::head) {
        return std::nullopt;
    }
    const auto site = request.headers.get("Sec-Fetch-Site");
    if (!site.empty() && site != "same-origin" && site != "none") {
        return foreign_page("");
    }
    if (request.headers.has("Origin")) {
        const auto origin = request.headers.get("Origin");
        const auto scheme = origin.find("://");
        const auto name = scheme == std::string_view::npos ? "" : origin.substr(scheme + 3);
        if (!http::equal_ignoring_case(name, host)) {
            return foreign_page(origin);
        }
    }
    return std::nullopt;
}

void add_security_headers(http::Response& response) {
    auto& headers = response.headers;
    headers.set("Content-Security-Policy",
                "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
                "object-src 'none'");
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("X-Frame-Options", "DENY");
    headers.set("Referrer-Policy", "same-origin");
    headers.set("Cross-Origin-Opener-Policy", "same-origin");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
    if (!headers.has("Cache-Control")) {
        headers.set("Cache-Control", "no-cache");
    }
}

}  // namespace img::web
