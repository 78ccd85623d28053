#include "web/s3_redirect.hpp"

#include "artifacts/s3_signature.hpp"
#include "base/printable.hpp"

#include <chrono>
#include <fmt/format.h>

namespace img::web {
namespace {

constexpr auto kValid = std::chrono::hours(1);

}  // namespace

Result<std::string> s3_link(const std::optional<S3Images>& images,
                            std::string_view job_place,
                            std::string_view file) {
    if (!images) {
        return fail(
            Fault::missing,
            fmt::format("this file lies at {}{}, to which this service has no key; fetch it "
                        "there, or have the operator name the S3 store and its credentials",
                        printable(job_place), printable(file)));
    }
    const auto path = TRY(artifacts::object_path(images->place, job_place, file));
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return artifacts::presigned_url(images->place, images->credentials, path, kValid, now);
}

http::Response lead_to(std::string link) {
    http::Response response;
    response.status = 302;
    response.headers.set("Location", std::move(link));
    response.headers.set("Cache-Control", "no-store");
    return response;
}

}  // namespace img::web
