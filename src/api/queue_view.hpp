// The queue as a whole, as REST shows it: workers, messages that were refused, and times to come.
#pragma once

#include "jobs/front_door.hpp"
#include "jobs/outlook.hpp"
#include "jobs/presence.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace img::api {

inline constexpr std::string_view kWorkersPath = "/api/v1/workers";
inline constexpr std::string_view kRefusedPath = "/api/v1/refused";

std::string to_json(const std::vector<jobs::Presence>& workers);
std::string to_json(const std::vector<jobs::RefusedMessage>& refused);

/// "in 2 to 5 min", "in about 3 h", "within 4 min": when, seen from now.
std::string in_words(const jobs::Interval& interval, jobs::Time now);

}  // namespace img::api
