// Which handler a request goes to: method and path patterns, with parameters of a known form.
#pragma once

#include "http/http.hpp"

#include <map>
#include <string>
#include <vector>

namespace img::http {

/// The parameters of a matched pattern, decoded.
using Parameters = std::map<std::string, std::string, std::less<>>;
using RouteHandler = std::function<Response(const Request&, const Parameters&)>;

class Router {
public:
    /// Answers where no route does: status 404, or 405 with the methods that would do.
    using Refusal = std::function<Response(const Request&, int status)>;

    explicit Router(Refusal refusal) : refusal_(std::move(refusal)) {}

    /// "/job/{id:hex32}" — a parameter takes one whole segment of its form:
    ///   {name}        anything but nothing
    ///   {name:hex32}  32 lower-case hexadecimal digits
    /// HEAD is answered by the handler of GET. Patterns are tried in the order of adding.
    void add(Method method, std::string_view pattern, RouteHandler handler);

    /// A path that a pattern has but for its last slash is redirected to the one that is right.
    Response handle(const Request& request) const;

    /// "GET /job/{id}" and so on, for the test that compares them with the documentation.
    std::vector<std::string> routes() const;

private:
    struct Segment {
        std::string text;  ///< Fixed text, or the parameter's name.
        bool is_parameter = false;
        bool is_hex32 = false;
    };
    struct Route {
        Method method;
        std::vector<Segment> segments;
        RouteHandler handler;
    };

    static bool matches(const Segment& segment, const std::string& text);
    static bool matches(const Route& route, const std::vector<std::string>& path);

    std::vector<Route> routes_;
    Refusal refusal_;
};

}  // namespace img::http
