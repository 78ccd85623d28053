// What the readers and writers of messages share: JSON texts in and out, within bounds.
#pragma once

#include "base/json.hpp"
#include "base/result.hpp"
#include "jobs/job.hpp"

#include <algorithm>
#include <concepts>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace img::jobs {

/// A byte that is not UTF-8 becomes U+FFFD.
inline std::string dump(const nlohmann::json& body) {
    return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// Readers below throw, as the library does, what parsed() turns into a Result. They read field
// after field: g++ 12 leaks the fields of an aggregate whose initializer throws or returns half
// way.

template <typename Value>
void read(const nlohmann::json& body, const char* key, Value& value) {
    if constexpr (std::integral<Value> && !std::same_as<Value, bool>) {
        value = number_at<Value>(body, key);
    } else {
        value = body.at(key).get<Value>();
    }
}

/// A key that older programs do not send: the value stays what it is.
template <typename Value>
void read_if_there(const nlohmann::json& body, const char* key, Value& value) {
    if (body.contains(key)) {
        read(body, key, value);
    }
}

/// What `make` makes of the text's JSON. Fault::invalid: it is none, or not as `make` wants it.
template <typename Make>
auto parsed(std::string_view text, Make make) -> decltype(make(nlohmann::json())) {
    using nlohmann::json;
    // Four levels are the deepest message; a parser that counts stops a tower of brackets.
    constexpr int depth_max = 8;
    bool is_too_deep = false;
    const auto count_depth = [&](int depth, json::parse_event_t, json&) {
        is_too_deep = is_too_deep || depth > depth_max;
        return !is_too_deep;
    };
    try {
        const auto body = json::parse(text, count_depth);
        if (is_too_deep) {
            return fail(Fault::invalid, "message: nested too deeply");
        }
        return make(body);
    } catch (const json::exception& error) {
        return fail(Fault::invalid, fmt::format("message: {}", said_by(error)));
    } catch (const std::invalid_argument& error) {
        return fail(Fault::invalid, fmt::format("message: {}", error.what()));
    }
}

/// Fault::invalid: a message of another kind.
Result<void> check_kind(const nlohmann::json& body, std::string_view kind);

/// The first `most` bytes, never ending within a UTF-8 character.
void cut(std::string& text, std::size_t most);
/// The last `most` bytes behind an ellipsis, never beginning within a UTF-8 character.
void keep_end(std::string& text, std::size_t most);
/// The first `texts_max` texts, each cut to `most` bytes.
void cut(std::vector<std::string>& texts, std::size_t texts_max, std::size_t most);

nlohmann::json body_of(const Progress& progress);
Progress progress_from(const nlohmann::json& body);

nlohmann::json body_of(const JobRequest& request);
/// As it came: whoever reads it holds it against its bounds.
JobRequest request_from(const nlohmann::json& body);

}  // namespace img::jobs
