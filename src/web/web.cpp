#include "web/web.hpp"

#include "web/guard.hpp"
#include "web/site.hpp"

namespace img::web {

http::Handler make_site(SiteOptions options) {
    const auto site = std::make_shared<Site>(std::move(options));
    return [site, router = make_router(site)](const http::Request& request) {
        const auto refusal = refuse(request, site->options.hosts);
        auto response = refusal ? refuse_with(request, *refusal) : router.handle(request);
        add_security_headers(response);
        return response;
    };
}

}  // namespace img::web
