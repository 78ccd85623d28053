// The routes by which workers on other machines bring their artefacts.
#pragma once

#include "http/http.hpp"
#include "jobs/job_store.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace img::web {

struct UploadOptions {
    jobs::JobStore& store;  ///< Says which worker builds which attempt of a job.
    std::filesystem::path www_root{};
    /// A line for each worker: "<name> <SHA-256 of its token, in hexadecimal>"; "#" begins a
    /// comment. The name is what the worker's own begins with: see is_worker_of(). Read at each
    /// request, so that a token that is taken out is of no use at once.
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
/// Only who holds the lease of a building job gets through, and only for its attempt. Once the job
/// is done, the same worker is told of the same files that they are published, and changes nothing.
///
/// 401: no such token; 403: another worker holds the job; 404: no such job; 409: it is not this
/// attempt's, or over; 503: try again, or begin again; 507: no room. All are problem documents.
http::Handler with_uploads(http::Handler rest, const UploadOptions& options);

/// "POST /api/v1/uploads/{id}/{attempt}" and so on, for the test that compares them with the
/// documentation.
std::vector<std::string> upload_routes();

/// Whether the worker calls itself so: "<owner>-<16 random digits>", as worker::new_worker_name()
/// makes it, or the owner's name alone. Not that it begins so: "rack" is not "rack-7".
bool is_worker_of(std::string_view worker, std::string_view owner);

/// Whose token it is; empty: nobody's. For tests.
std::string owner_of_token(std::string_view token, const std::filesystem::path& token_file);

}  // namespace img::web
