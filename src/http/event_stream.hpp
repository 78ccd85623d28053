// Server-Sent Events: the framing, in both directions (WHATWG HTML, section 9.2).
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace img::http {

struct Event {
    std::string name;  ///< Empty: "message".
    std::string id;    ///< Comes back as Last-Event-ID; empty: none.
    std::string data;

    bool operator==(const Event&) const = default;
};

/// As it is sent. A line end in the data starts another "data:" line, so that no data can begin
/// an event of its own; one in the name or the id is left out.
std::string to_text(const Event& event);

/// Puts events together again from bytes in pieces of any size.
class EventReader {
public:
    explicit EventReader(std::function<void(const Event&)> sink) : sink_(std::move(sink)) {}

    /// False once a line is longer than a megabyte, or an event larger than four: no server of
    /// ours sends such, and the reader then takes nothing more.
    bool add(std::string_view bytes);

private:
    bool take(std::string_view line);

    std::function<void(const Event&)> sink_;
    std::string line_;
    Event event_;
    bool has_data_ = false;
    bool after_return_ = false;
};

}  // namespace img::http
