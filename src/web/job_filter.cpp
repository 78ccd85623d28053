#include "web/job_filter.hpp"

#include "base/printable.hpp"

#include <charconv>
#include <fmt/format.h>

namespace img::web {
namespace {

constexpr std::uint64_t kPage = 50, kPageMax = 500;

Result<std::uint64_t> limit_from(const http::Request& request) {
    if (!request.has_parameter("limit")) {
        return kPage;
    }
    const auto text = request.parameter("limit");
    const auto limit = TRY(number("limit", text));
    if (limit.value_or(0) < 1 || *limit > kPageMax) {
        return fail(Fault::invalid, fmt::format("limit: \"{}\" is not from 1 to {}",
                                                printable(text.substr(0, 40)), kPageMax));
    }
    return *limit;
}

}  // namespace

Result<std::optional<std::uint64_t>> number(std::string_view name, std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty()) {
        return std::optional<std::uint64_t>();
    }
    if (error != std::errc{} || end != text.data() + text.size()) {
        return fail(Fault::invalid,
                    fmt::format("{}: \"{}\" is no number", name, printable(text.substr(0, 40))));
    }
    return std::optional(value);
}

Result<jobs::JobFilter> filter_from(const http::Request& request) {
    jobs::JobFilter filter;
    if (const auto state = request.parameter("state"); !state.empty()) {
        filter.state = jobs::job_state_from(state);
        if (!filter.state) {
            return fail(Fault::invalid,
                        fmt::format("state: \"{}\" is none of queued, building, done, error, "
                                    "cancelled",
                                    printable(state.substr(0, 40))));
        }
    }
    filter.limit = TRY(limit_from(request));
    filter.before = request.parameter("before");
    if (!filter.before.empty() && !jobs::is_job_id(filter.before)) {
        return fail(Fault::invalid, "before: not the id of a job");
    }
    return filter;
}

}  // namespace img::web
