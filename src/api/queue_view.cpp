#include "api/queue_view.hpp"

#include "api/api.hpp"
#include "api/json_text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::api {
namespace {

struct Amount {
    std::int64_t count = 0;
    std::string_view unit{};
};

/// Rounded up to whole minutes, hours or days.
Amount amount_of(std::chrono::milliseconds span) {
    const auto minutes =
        std::max<std::int64_t>(std::chrono::ceil<std::chrono::minutes>(span).count(), 0);
    if (minutes < 100) {
        return {.count = minutes, .unit = "min"};
    }
    const auto hours = (minutes + 59) / 60;
    return hours < 48 ? Amount{.count = hours, .unit = "h"}
                      : Amount{.count = (hours + 23) / 24, .unit = "days"};
}

}  // namespace

std::string to_json(const std::vector<jobs::Presence>& workers) {
    auto list = Json::array();
    for (const auto& worker : workers) {
        list.push_back({{"worker", worker.worker},
                        {"host", worker.host},
                        {"version", worker.version},
                        {"slots", worker.slots},
                        {"free", worker.free},
                        {"shortage", worker.shortage},
                        {"architectures", worker.architectures},
                        {"types", worker.image_types},
                        {"kvm", worker.has_kvm},
                        {"leaving", worker.is_leaving},
                        {"building", worker.building}});
    }
    return dump({{"workers", std::move(list)}});
}

std::string to_json(const std::vector<jobs::RefusedMessage>& refused) {
    auto list = Json::array();
    for (const auto& message : refused) {
        list.push_back({{"at", to_text(message.at)},
                        {"queue", message.queue},
                        {"reference", message.reference},
                        {"reason", message.reason},
                        {"excerpt", message.excerpt}});
    }
    return dump({{"refused", std::move(list)}});
}

std::string in_words(const jobs::Interval& interval, jobs::Time now) {
    const auto from = amount_of(interval.from - now);
    if (interval.is_open()) {
        return from.count == 0 ? "at a time that nobody knows"
                               : fmt::format("in {} {} at the earliest", from.count, from.unit);
    }
    const auto to = amount_of(interval.to - now);
    if (to.count <= 1 && to.unit == "min") {
        return "within a minute";
    }
    if (from.count == 0) {
        return fmt::format("within {} {}", to.count, to.unit);
    }
    if (from.unit != to.unit) {
        return fmt::format("in {} {} to {} {}", from.count, from.unit, to.count, to.unit);
    }
    return from.count == to.count ? fmt::format("in about {} {}", to.count, to.unit)
                                  : fmt::format("in {} to {} {}", from.count, to.count, to.unit);
}

}  // namespace img::api
