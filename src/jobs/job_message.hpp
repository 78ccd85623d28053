// Orders and reports as JSON: the bodies of the messages between the service and its workers.
#pragma once

#include "base/result.hpp"
#include "jobs/job_queue.hpp"
#include "jobs/status_notice.hpp"

#include <string>
#include <string_view>

namespace img::jobs {

/// {"kind":"build","id":"…","attempt":1,"worker":"…","request":{"name":"…","image_type":"…",…}}
/// {"kind":"cancel","id":"…","attempt":0,"worker":""}
/// {"kind":"report","what":"log","id":"…","attempt":1,"worker":"…","offset":0,"text":"…"}
/// {"kind":"presence","worker":"…","host":"…","slots":2,"free":1,…}
/// {"kind":"status","job":{"id":"…","state":"building",…},"references":["…"]}
/// A byte that is not UTF-8 becomes U+FFFD: a log may hold anything, JSON may not.
std::string to_json(const BuildOrder& order);
std::string to_json(const CancelOrder& order);
std::string to_json(const Report& report);
std::string to_json(const Presence& presence);
std::string to_json(const StatusNotice& notice);  ///< Without the kickstart.

/// Fault::invalid: not such a message, or one that is beyond its bounds; the sentence says what
/// is wrong. A body comes from outside: ids, names and sizes are checked here. Keys that are
/// missing because the sender is older mean what they meant before they were there.
Result<BuildOrder> build_order_from(std::string_view json);
Result<CancelOrder> cancel_order_from(std::string_view json);
Result<Report> report_from(std::string_view json);
Result<Presence> presence_from(std::string_view json);
Result<StatusNotice> status_notice_from(std::string_view json);

/// Letters, digits, dots, dashes and underscores, a letter or digit first; at most kWorkerNameMax.
bool is_worker_name(std::string_view text);

/// Bounds of the texts of reports, presences and notices. A longer one is cut, not refused: the job
/// matters more.
inline constexpr std::size_t kLogTextMax = 64 << 10;
inline constexpr std::size_t kErrorTextMax = 16 << 10;
inline constexpr std::size_t kProgressTextMax = 1 << 10;
inline constexpr std::size_t kWorkerNameMax = 200;
inline constexpr std::size_t kFileNameMax = 255;  ///< As Linux has it.
inline constexpr std::size_t kPlaceMax = 2 << 10;
inline constexpr std::size_t kManifestMax = 1 << 20;  ///< A longer one is left out.
inline constexpr std::size_t kListMax = 256;          ///< Architectures, types, builds, references.

/// The same report with each text within its bound. Of an error the end is kept, where the
/// reason stands; Log text that is too long is cut, and its rest shows as a gap.
Report within_bounds(Report report);
Presence within_bounds(Presence presence);

}  // namespace img::jobs
