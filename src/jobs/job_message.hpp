// Orders and reports as JSON: the bodies of the messages between the service and its workers.
#pragma once

#include "base/result.hpp"
#include "jobs/job_queue.hpp"

#include <string>
#include <string_view>

namespace img::jobs {

/// {"kind":"build","id":"…","attempt":1,"request":{"name":"…","image_type":"…",…}}
/// {"kind":"cancel","id":"…","attempt":0,"worker":""}
/// {"kind":"report","what":"log","id":"…","attempt":1,"worker":"…","offset":0,"text":"…"}
/// A byte that is not UTF-8 becomes U+FFFD: a log may hold anything, JSON may not.
std::string to_json(const BuildOrder& order);
std::string to_json(const CancelOrder& order);
std::string to_json(const Report& report);

/// Fault::invalid: not such a message, or one that is beyond its bounds; the sentence says what
/// is wrong. A body comes from outside: ids, names and sizes are checked here.
Result<BuildOrder> build_order_from(std::string_view json);
Result<CancelOrder> cancel_order_from(std::string_view json);
Result<Report> report_from(std::string_view json);

/// Bounds of a report's texts. A longer one is cut, not refused: the job matters more.
inline constexpr std::size_t kLogTextMax = 64 << 10;
inline constexpr std::size_t kErrorTextMax = 16 << 10;
inline constexpr std::size_t kProgressTextMax = 1 << 10;
inline constexpr std::size_t kWorkerNameMax = 200;
inline constexpr std::size_t kKickstartMax = 4 << 20;  ///< As the web's limit on a request.

/// The same report with each text within its bound. Of an error the end is kept, where the
/// reason stands; Log text that is too long is cut, and its rest shows as a gap.
Report within_bounds(Report report);

}  // namespace img::jobs
