// What a site stands on, handed in by the program that wires it.
#pragma once

#include "jobs/dispatcher.hpp"
#include "jobs/job_feed.hpp"
#include "jobs/job_store.hpp"
#include "kickstarter/template_folder.hpp"
#include "web/s3_redirect.hpp"

#include <functional>
#include <map>
#include <optional>
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
    const kickstarter::TemplateFolder* templates = nullptr;  ///< Null: none are offered.
    /// The S3 service that workers publish to, and who may make links into it; nothing: images that
    /// lie there are not served.
    std::optional<S3Images> s3_images = {};
    /// The names that it answers to in a Host field; any port.
    std::vector<std::string> hosts = {"127.0.0.1", "localhost", "[::1]"};
};

}  // namespace img::web
