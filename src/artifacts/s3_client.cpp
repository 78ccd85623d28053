#include "artifacts/s3_client.hpp"

#include "artifacts/patience.hpp"
#include "base/digest.hpp"
#include "base/printable.hpp"
#include "http/url.hpp"

#include <fmt/format.h>

namespace img::artifacts {
namespace {

// 8 MiB at the pace of a slow line; large parts take longer than that only on slower ones.
constexpr auto kTimeout = std::chrono::seconds(300);

http::ClientOptions client_options(const S3ClientOptions& options, std::stop_token stop) {
    return {.timeout = kTimeout,
            .signer = http::Signer{.region = options.place.region,
                                   .key_id = options.credentials.key_id,
                                   .secret = options.credentials.secret},
            .service = "S3 service",
            .way_out = "look at endpoint= of --artifacts",
            .stop = std::move(stop)};
}

/// The text of the first such element; S3 answers in XML of one level.
std::string element(std::string_view xml, std::string_view name) {
    const auto open = fmt::format("<{}>", name), close = fmt::format("</{}>", name);
    const auto begin = xml.find(open);
    const auto end = xml.find(close, begin);
    return begin == std::string_view::npos || end == std::string_view::npos
               ? std::string()
               : std::string(xml.substr(begin + open.size(), end - begin - open.size()));
}

/// An upload that a restart has lost is worth another beginning.
Fault fault_of(int status, std::string_view code) {
    if (code == "NoSuchUpload" || status == 408 || status == 429 || status >= 500) {
        return Fault::transient;
    }
    return status == 404 ? Fault::missing : Fault::broken;
}

}  // namespace

S3Client::S3Client(const S3ClientOptions& options, std::stop_token stop)
    : options_(options),
      stop_(stop),
      client_(options.place.endpoint, client_options(options, stop)) {}

Result<void> S3Client::put(const std::string& path, const std::string& bytes) {
    TRY(ask(http::Method::put, path, bytes));
    return {};
}

/// "uploads=": the signature is over a name with a value, even where there is none.
Result<std::string> S3Client::begin_parts(const std::string& path) {
    const auto answer = TRY(ask(http::Method::post, path + "?uploads=", ""));
    auto upload = element(answer.text(), "UploadId");
    if (upload.empty()) {
        return fail(Fault::broken, fmt::format("{}: it gave no UploadId", options_.place.endpoint));
    }
    return upload;
}

Result<std::string> S3Client::put_part(const std::string& path,
                                       const std::string& upload,
                                       unsigned part,
                                       const std::string& bytes) {
    const auto target =
        fmt::format("{}?partNumber={}&uploadId={}", path, part, http::percent_encode(upload));
    const auto answer = TRY(ask(http::Method::put, target, bytes));
    return std::string(answer.headers.get("ETag"));
}

/// An error may stand in an answer of status 200: S3 begins to answer before it is done.
Result<void> S3Client::finish_parts(const std::string& path,
                                    const std::string& upload,
                                    const std::vector<std::string>& tags) {
    std::string list = "<CompleteMultipartUpload>";
    for (std::size_t i = 0; i < tags.size(); ++i) {
        list +=
            fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", i + 1, tags[i]);
    }
    list += "</CompleteMultipartUpload>";
    const auto target = fmt::format("{}?uploadId={}", path, http::percent_encode(upload));
    const auto answer = TRY(ask(http::Method::post, target, list));
    if (const auto code = element(answer.text(), "Code"); !code.empty()) {
        return fail(Fault::transient,
                    fmt::format("{}: {}: {}", options_.place.endpoint, printable(code),
                                printable(element(answer.text(), "Message"))));
    }
    return {};
}

void S3Client::abort_parts(const std::string& path, const std::string& upload) {
    const auto target = fmt::format("{}?uploadId={}", path, http::percent_encode(upload));
    auto options = client_options(options_, {});  // also after a stop
    options.timeout = std::chrono::seconds(5);
    http::Client client(options_.place.endpoint, std::move(options));
    (void)client.del(target, {{"x-amz-content-sha256", sha256_hex("")}});
}

Result<http::Response> S3Client::ask(http::Method method,
                                     const std::string& path,
                                     const std::string& body) {
    const http::Headers headers{{"x-amz-content-sha256", sha256_hex(body)}};
    constexpr std::string_view type = "application/octet-stream";
    Patience patience(options_.tries, options_.pause);
    for (;;) {
        auto answer = method == http::Method::put ? client_.put(path, type, body, headers)
                                                  : client_.post(path, type, body, headers);
        if (answer && answer->status < 300) {
            return answer;
        }
        const auto code = answer ? element(answer->text(), "Code") : std::string();
        const Error error =
            answer
                ? Error{fault_of(answer->status, code),
                        fmt::format("{}: {} {} {}", options_.place.endpoint, answer->status,
                                    printable(code), printable(element(answer->text(), "Message")))}
                : Error{answer.error().fault == Fault::exhausted ? Fault::transient
                                                                 : answer.error().fault,
                        answer.error().message};
        const bool is_over = code == "NoSuchUpload" || error.fault != Fault::transient;
        if (is_over || !patience.wait(stop_)) {
            return std::unexpected(error);
        }
    }
}

}  // namespace img::artifacts
