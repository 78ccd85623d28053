// HTTP requests and responses as values, and the handler that makes one of the other.
//
// Knows the protocol: messages, ranges, forms, routes, a server and a client. Must never know
// which pages exist or what they are about.
#pragma once

#include "system/fd.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace img::http {

class Stream;

enum class Method { get, head, post, put, del, options, other };

std::string_view to_text(Method method);
Method method_from(std::string_view text);

/// Header fields in their order. Names are compared without regard to case (RFC 9110, 5.1).
class Headers {
public:
    Headers() = default;
    Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

    /// The first field of that name, or "".
    std::string_view get(std::string_view name) const;
    bool has(std::string_view name) const;
    /// Replaces the fields of that name.
    void set(std::string_view name, std::string value);
    void add(std::string name, std::string value) {
        fields_.emplace_back(std::move(name), std::move(value));
    }

    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

struct Request {
    Method method = Method::get;
    std::string target;  ///< As it came: "/queue/?state=done".
    Headers headers;
    std::string body;

    /// The target up to its "?", still percent-encoded.
    std::string_view path() const;
    /// The target after its "?"; empty without one.
    std::string_view query() const;
    /// The value of a query parameter, decoded, or "".
    std::string parameter(std::string_view name) const;
    bool has_parameter(std::string_view name) const;
};

/// A piece of an open file; the server hands it to sendfile(2).
struct FileBody {
    system::Fd file;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};

using Body = std::variant<std::string, FileBody, std::shared_ptr<Stream>>;

struct Response {
    int status = 200;
    Headers headers;
    Body body;

    /// The body of a response that is made in memory; "" for the other kinds.
    std::string_view text() const;
};

Response make_response(int status, std::string_view content_type, std::string body);

/// To be followed with GET, whatever the request was (RFC 9110, 15.4.4).
Response see_other(std::string location);

using Handler = std::function<Response(const Request&)>;

/// "Not Found" for 404; "" for a number that has no name.
std::string_view reason(int status);

/// Whether two header names, or other ASCII words, differ in case alone.
bool equal_ignoring_case(std::string_view left, std::string_view right);

}  // namespace img::http
