// The service's face: pages, REST and live logs over the rules of jobs/.
//
// Knows what people and programs ask about jobs, and how it is shown to them. Must never know how
// an image is made, nor how jobs are stored or sent to workers.
#pragma once

#include "http/http.hpp"
#include "web/site_options.hpp"

namespace img::web {

/// The whole site as one handler. What the options refer to has to outlive it.
http::Handler make_site(SiteOptions options);

}  // namespace img::web
