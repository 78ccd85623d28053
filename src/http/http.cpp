#include "http/http.hpp"

#include "http/url.hpp"

#include <algorithm>
#include <array>

namespace img::http {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr std::array<std::pair<Method, std::string_view>, 6> kMethods{{
    {Method::get, "GET"},
    {Method::head, "HEAD"},
    {Method::post, "POST"},
    {Method::put, "PUT"},
    {Method::del, "DELETE"},
    {Method::options, "OPTIONS"},
}};

}  // namespace

bool equal_ignoring_case(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, {}, lower, lower);
}

std::string_view to_text(Method method) {
    const auto* const found =
        std::ranges::find(kMethods, method, &decltype(kMethods)::value_type::first);
    return found == kMethods.end() ? "OTHER" : found->second;
}

Method method_from(std::string_view text) {
    const auto* const found =
        std::ranges::find(kMethods, text, &decltype(kMethods)::value_type::second);
    return found == kMethods.end() ? Method::other : found->first;
}

std::string_view Headers::get(std::string_view name) const {
    for (const auto& [key, value] : fields_) {
        if (equal_ignoring_case(key, name)) {
            return value;
        }
    }
    return {};
}

bool Headers::has(std::string_view name) const {
    return std::ranges::any_of(
        fields_, [&](const auto& field) { return equal_ignoring_case(field.first, name); });
}

void Headers::set(std::string_view name, std::string value) {
    std::erase_if(fields_,
                  [&](const auto& field) { return equal_ignoring_case(field.first, name); });
    fields_.emplace_back(std::string(name), std::move(value));
}

std::string_view Request::path() const {
    return std::string_view(target).substr(0, target.find('?'));
}

std::string_view Request::query() const {
    const auto mark = target.find('?');
    return mark == std::string::npos ? std::string_view()
                                     : std::string_view(target).substr(mark + 1);
}

std::string Request::parameter(std::string_view name) const {
    for (auto& [key, value] : parse_query(query())) {
        if (key == name) {
            return std::move(value);
        }
    }
    return {};
}

bool Request::has_parameter(std::string_view name) const {
    return std::ranges::any_of(parse_query(query()),
                               [&](const auto& pair) { return pair.first == name; });
}

std::string_view Response::text() const {
    const auto* const text = std::get_if<std::string>(&body);
    return text != nullptr ? std::string_view(*text) : std::string_view();
}

Response make_response(int status, std::string_view content_type, std::string body) {
    Response response{.status = status, .headers = {}, .body = std::move(body)};
    response.headers.set("Content-Type", std::string(content_type));
    return response;
}

Response see_other(std::string location) {
    auto response = make_response(303, "text/plain; charset=utf-8", "See " + location + "\n");
    response.headers.set("Location", std::move(location));
    return response;
}

std::string_view reason(int status) {
    switch (status) {
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 206: return "Partial Content";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 308: return "Permanent Redirect";
        case 400: return "Bad Request";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 409: return "Conflict";
        case 413: return "Content Too Large";
        case 415: return "Unsupported Media Type";
        case 416: return "Range Not Satisfiable";
        case 421: return "Misdirected Request";
        case 422: return "Unprocessable Content";
        case 500: return "Internal Server Error";
        case 503: return "Service Unavailable";
        case 505: return "HTTP Version Not Supported";
        case 507: return "Insufficient Storage";
        default: return "";
    }
}

}  // namespace img::http
