#include "http/router.hpp"

#include "http/url.hpp"

#include <algorithm>
#include <cassert>

namespace img::http {

void Router::add(Method method, std::string_view pattern, RouteHandler handler) {
    assert(pattern.starts_with('/') && "a pattern begins with a slash");
    Route route{.method = method, .segments = {}, .handler = std::move(handler)};
    while (!pattern.empty()) {
        pattern.remove_prefix(1);
        const auto end = std::min(pattern.find('/'), pattern.size());
        auto text = pattern.substr(0, end);
        Segment segment;
        if (text.starts_with('{') && text.ends_with('}')) {
            text = text.substr(1, text.size() - 2);
            const auto colon = std::min(text.find(':'), text.size());
            segment.is_parameter = true;
            segment.is_hex32 = text.substr(colon) == ":hex32";
            text = text.substr(0, colon);
        }
        segment.text = text;
        route.segments.push_back(std::move(segment));
        pattern.remove_prefix(end);
    }
    routes_.push_back(std::move(route));
}

bool Router::matches(const Segment& segment, const std::string& text) {
    if (!segment.is_parameter) {
        return text == segment.text;
    }
    if (segment.is_hex32) {
        return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
    }
    return !text.empty();
}

bool Router::matches(const Route& route, const std::vector<std::string>& path) {
    return std::ranges::equal(route.segments, path,
                              [](const auto& a, const auto& b) { return matches(a, b); });
}

Response Router::handle(const Request& request) const {
    auto path = path_segments(request.path());
    if (!path) {
        return refusal_(request, 404);
    }
    const auto wanted = request.method == Method::head ? Method::get : request.method;
    std::string allowed;
    for (const auto& route : routes_) {
        if (!matches(route, *path)) {
            continue;
        }
        if (route.method != wanted) {
            allowed += (allowed.empty() ? "" : ", ") + std::string(to_text(route.method));
            allowed += route.method == Method::get ? ", HEAD" : "";
            continue;
        }
        Parameters parameters;
        for (std::size_t i = 0; i < path->size(); ++i) {
            if (route.segments[i].is_parameter) {
                parameters[route.segments[i].text] = (*path)[i];
            }
        }
        return route.handler(request, parameters);
    }
    if (!allowed.empty()) {
        auto response = refusal_(request, 405);
        response.headers.set("Allow", allowed);
        return response;
    }
    const bool has_slash = path->back().empty();
    if (has_slash) {
        path->pop_back();
    } else {
        path->emplace_back();
    }
    const auto is_other = [&](const auto& route) { return matches(route, *path); };
    if (path->empty() || wanted != Method::get || std::ranges::none_of(routes_, is_other)) {
        return refusal_(request, 404);
    }
    auto target = std::string(request.path());
    has_slash ? target.pop_back() : target.push_back('/');
    target += std::string_view(request.target).substr(request.path().size());
    auto response = make_response(308, "text/plain; charset=utf-8", "See " + target + "\n");
    response.headers.set("Location", std::move(target));
    return response;
}

std::vector<std::string> Router::routes() const {
    std::vector<std::string> lines;
    for (const auto& route : routes_) {
        auto line = std::string(to_text(route.method)) + " ";
        for (const auto& segment : route.segments) {
            line += "/" + (segment.is_parameter ? "{" + segment.text + "}" : segment.text);
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace img::http
