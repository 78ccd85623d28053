// The service's face: pages, REST and live logs over the rules of jobs/.
//
// Knows what people and programs ask about jobs, and how it is shown to them. Must never know how
// an image is made, nor how jobs are stored or sent to workers.
#pragma once

#include "http/http.hpp"
#include "jobs/dispatcher.hpp"
#include "jobs/job_feed.hpp"
#include "jobs/job_store.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace img::web {

struct SiteOptions {
    jobs::Dispatcher& dispatcher;
    jobs::JobStore& store;
    jobs::JobFeed& feed;
    std::vector<std::string> image_types;  ///< What may be asked for, in the order of showing.
    /// What "@KEY@" stands for in a kickstart of that text and name when it is built; empty:
    /// nothing.
    std::function<std::map<std::string, std::string>(std::string_view text, std::string_view name)>
        tokens = {};
    /// The names that it answers to in a Host field; any port.
    std::vector<std::string> hosts = {"127.0.0.1", "localhost", "[::1]"};
};

/// The whole site as one handler. What the options refer to has to outlive it.
http::Handler make_site(SiteOptions options);

}  // namespace img::web
