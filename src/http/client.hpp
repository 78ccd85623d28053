// The client's side of HTTP, on libcurl: short requests, downloads that resume, streams.
#pragma once

#include "base/result.hpp"
#include "http/http.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace img::http {

/// Who signs requests to S3 (AWS Signature Version 4, by libcurl).
struct Signer {
    std::string region{};  ///< "us-east-1"
    std::string key_id{}, secret{};
};

struct ClientOptions {
    std::chrono::seconds connect_timeout{5};
    std::chrono::seconds timeout{60};      ///< Of a whole short request.
    std::chrono::seconds silence_max{60};  ///< Of downloads and streams: no byte for so long.
    std::string user_agent = "img";
    std::optional<Signer> signer{};
    std::string service = "IMG service";                   ///< What failures call it,
    std::string way_out = "start imgd or set IMG_SERVER";  ///< and what they advise.
    std::stop_token stop{};  ///< Ends a request that is under way, within a second.
};

/// Talks to one service. Not for several threads at once.
///
/// Every call fails alike where no answer came — Fault::transient: nobody listens there, or the
/// connection broke, or it was stopped; Fault::exhausted: it took too long; Fault::invalid: not a
/// usable address. An answer of any status is a Response; what it means is for the caller to say.
class Client {
public:
    /// `base` as in "http://127.0.0.1:8080"; a last slash does not matter.
    explicit Client(std::string base, ClientOptions options = {});

    Result<Response> get(std::string_view path, const Headers& headers = {});
    Result<Response> post(std::string_view path,
                          std::string_view content_type,
                          std::string body,
                          const Headers& headers = {});
    Result<Response> put(std::string_view path,
                         std::string_view content_type,
                         std::string body,
                         const Headers& headers = {});
    Result<Response> del(std::string_view path, const Headers& headers = {});

    /// Called with bytes so far and in all (0: not known); false ends the download.
    using Meter = std::function<bool(std::uint64_t done, std::uint64_t total)>;

    /// Into `file`, by way of "<file>.part", which a later call goes on from if the service still
    /// has the same file (its ETag stands in "<file>.part.etag"). The Response has no body; `file`
    /// is there only with status 200 or 206. Fault::exhausted also: no room on the disk.
    Result<Response> download(std::string_view path,
                              const std::filesystem::path& file,
                              const Meter& meter = {});

    /// Called with each piece of a 200's body; false ends the stream.
    using Sink = std::function<bool(std::string_view bytes)>;

    /// Until the service or the sink ends it. The body of any status but 200 is in the Response.
    Result<Response> follow(std::string_view path, const Sink& sink, const Headers& headers = {});

    const std::string& base() const { return base_; }

private:
    struct Exchange;
    Result<Response> perform(Exchange& exchange) const;

    std::string base_;
    ClientOptions options_;
};

}  // namespace img::http
