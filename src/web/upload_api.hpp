// The routes by which workers on other machines bring their artefacts.
#pragma once

#include "http/http.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace img::web {

struct UploadOptions {
    std::filesystem::path www_root{};
    /// A line for each worker: "<name> <SHA-256 of its token, in hexadecimal>"; "#" begins a
    /// comment. Read at each request, so that a token that is taken out is of no use at once.
    std::filesystem::path token_file{};
    std::uint64_t disk_kept = std::uint64_t{256} << 20;  ///< Bytes that uploads leave free.
};

/// Answers what begins with /api/v1/uploads/; everything else is for `rest`. No page has part in
/// it: a bearer token is needed, which no browser sends by itself, so it may stand on an address
/// that other machines reach.
///
///     POST /api/v1/uploads/<id>/<attempt>                      what is there of these files?
///     PUT  /api/v1/uploads/<id>/<attempt>/files/<file>?offset=N   bytes, at most body_max
///     POST /api/v1/uploads/<id>/<attempt>/publish              all are sent: check and publish
///
/// 401: no such token; 404: no such job; 409: a newer attempt has begun, or the job is over;
/// 503: begin again; 507: no room. All are problem documents.
http::Handler with_uploads(http::Handler rest, const UploadOptions& options);

/// "POST /api/v1/uploads/{id}/{attempt}" and so on, for the test that compares them with the
/// documentation.
std::vector<std::string> upload_routes();

/// Whose token it is; empty: nobody's. For tests.
std::string owner_of_token(std::string_view token, const std::filesystem::path& token_file);

}  // namespace img::web
