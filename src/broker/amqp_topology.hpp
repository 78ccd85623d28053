// The names of all exchanges and queues, and what each of them is like.
//
// Each message is on the broker's disk before its sender hears that it is taken. Queues of requests
// and reports are quorum queues: they also count how often they have handed one out. Whatever
// nobody may ever read is bounded, in number and in time.
#pragma once

#include "broker/amqp_connection.hpp"

#include <string>

namespace img::broker::topology {

// The original's, known to strangers: reference is its documentation. Never change them.
inline const std::string kRequests = "image_exchange";     ///< Exchange of both kinds of request.
inline const std::string kKickstartKey = "img";            ///< A kickstart to build.
inline const std::string kKickstartQueue = "image_queue";  ///< Where it waits.
inline const std::string kConfigurationKey = "ks";         ///< YAML, to be made a kickstart.
inline const std::string kConfigurationQueue = "kickstarter_queue";
inline const std::string kResults = "django_result_exchange";  ///< Exchange of all answers.
inline const std::string kStatusKey = "status", kStatusQueue = "status_queue";
inline const std::string kLinkKey = "link", kLinkQueue = "link_queue";
inline const std::string kErrorKey = "err", kErrorQueue = "error_queue";

// Ours.
inline const std::string kOrders = "img.orders";        ///< Exchange; a worker's name is the key.
inline const std::string kReports = "img.reports";      ///< Exchange and queue.
inline const std::string kCancels = "img.cancels";      ///< Fanout.
inline const std::string kPresences = "img.presences";  ///< Fanout.
inline const std::string kInquiries = "img.inquiries";  ///< Queue, by the default exchange.
inline const std::string kDead = "img.dead";            ///< Exchange and queue of what was refused.

/// The queue of one worker's orders.
std::string order_queue(const std::string& worker);

/// Exchange and queue for what was refused, or handed out too often.
Result<void> declare_dead_letters(Connection& connection);

/// For whoever sends orders, cancels, reports and presences.
Result<void> declare_exchanges(Connection& connection);

Result<void> declare_order_queue(Connection& connection, const std::string& worker);
Result<void> declare_report_queue(Connection& connection);

/// A queue of this connection's own that hears a fanout; its name.
Result<std::string> declare_ear(Connection& connection, const std::string& fanout);

/// The original's exchanges and queues.
Result<void> declare_front_door(Connection& connection);
Result<void> declare_inquiries(Connection& connection);

}  // namespace img::broker::topology
