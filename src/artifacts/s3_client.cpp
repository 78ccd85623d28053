#include "artifacts/s3_client.hpp"

#include "artifacts/patience.hpp"
#include "base/digest.hpp"
#include "base/printable.hpp"
#include "http/url.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <optional>
#include <utility>

namespace img::artifacts {
namespace {

constexpr int kNotImplemented = 501;
constexpr std::string_view kNoSuchUpload = "NoSuchUpload";
constexpr std::size_t kElementsMax = 1000;  // that S3 lists at a time

http::ClientOptions client_options(const S3ClientOptions& options, std::stop_token stop) {
    return {.timeout = options.timeout,
            .signer = http::Signer{.region = options.place.region,
                                   .key_id = options.credentials.key_id,
                                   .secret = options.credentials.secret},
            .service = "S3 service",
            .way_out = fmt::format("look at endpoint= of {}", options.flag),
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

/// The texts of all such elements; see element().
std::vector<std::string> elements(std::string_view xml, std::string_view name) {
    const auto close = fmt::format("</{}>", name);
    std::vector<std::string> texts;
    for (auto end = xml.find(close); end != std::string_view::npos && texts.size() < kElementsMax;
         end = xml.find(close)) {
        texts.push_back(element(xml.substr(0, end + close.size()), name));
        xml.remove_prefix(end + close.size());
    }
    return texts;
}

/// What a reference of XML means, "amp" or "#x27". Nothing: no ASCII, and our keys are of nothing
/// else.
std::optional<char> meant_by(std::string_view reference) {
    constexpr std::array<std::pair<std::string_view, char>, 5> kNames{
        {{"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}, {"amp", '&'}}};
    const auto* const named =
        std::ranges::find(kNames, reference, &decltype(kNames)::value_type::first);
    if (named != kNames.end()) {
        return named->second;
    }
    if (!reference.starts_with('#')) {
        return std::nullopt;
    }
    const bool is_hex = reference.starts_with("#x");
    const auto digits = reference.substr(is_hex ? 2 : 1);
    unsigned number = 0x80;
    const auto read =
        std::from_chars(digits.data(), digits.data() + digits.size(), number, is_hex ? 16 : 10);
    return read.ptr == digits.data() + digits.size() && number < 0x80
               ? std::optional(static_cast<char>(number))
               : std::nullopt;
}

/// A key as it was before it stood in XML.
std::string plain(std::string_view xml) {
    std::string text;
    while (!xml.empty()) {
        const auto end = xml.starts_with('&') ? xml.find(';') : std::string_view::npos;
        const auto meant =
            end == std::string_view::npos ? std::nullopt : meant_by(xml.substr(1, end - 1));
        text += meant.value_or(xml.front());
        xml.remove_prefix(meant ? end + 1 : 1);
    }
    return text;
}

/// An upload that a restart has lost is worth another beginning.
Fault fault_of(int status, std::string_view code) {
    if (code == kNoSuchUpload || status == 408 || status == 429 || status >= 500) {
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

Result<void> S3Client::remove(const std::string& path) {
    const auto answer = ask(http::Method::del, path);
    return answer || answer.error().fault == Fault::missing ? Result<void>()
                                                            : std::unexpected(answer.error());
}

Result<void> S3Client::remove_parts(const std::string& path, const std::string& upload) {
    TRY(ask(http::Method::del, fmt::format("{}?uploadId={}", path, http::percent_encode(upload))));
    return {};
}

/// Here and below, parameters stand in the order in which they are signed.
Result<std::vector<std::string>> S3Client::list(const std::string& prefix) {
    const auto answer =
        TRY(ask(http::Method::get, fmt::format("/{}?list-type=2&prefix={}", options_.place.bucket,
                                               http::percent_encode(prefix))));
    auto keys = elements(answer.text(), "Key");
    std::ranges::transform(keys, keys.begin(), plain);
    return keys;
}

Result<std::vector<S3Upload>> S3Client::list_parts(const std::string& prefix) {
    const auto answer = send(
        http::Method::get,
        fmt::format("/{}?prefix={}&uploads=", options_.place.bucket, http::percent_encode(prefix)),
        "");
    std::vector<S3Upload> uploads;
    if (answer && answer->status == kNotImplemented) {
        return uploads;
    }
    if (!answer || answer->status >= 300) {
        return std::unexpected(error_of(answer));
    }
    for (const auto& one : elements(answer->text(), "Upload")) {
        uploads.push_back(
            {.key = plain(element(one, "Key")), .upload = plain(element(one, "UploadId"))});
    }
    return uploads;
}

Result<http::Response> S3Client::ask(http::Method method,
                                     const std::string& path,
                                     const std::string& body) {
    Patience patience(options_.tries, options_.pause);
    for (;;) {
        auto answer = send(method, path, body);
        if (answer && answer->status < 300) {
            return answer;
        }
        const auto error = error_of(answer);
        const bool is_over = error.fault != Fault::transient ||
                             (answer && element(answer->text(), "Code") == kNoSuchUpload);
        if (is_over || !patience.wait(stop_)) {
            return std::unexpected(error);
        }
    }
}

/// Once.
Result<http::Response> S3Client::send(http::Method method,
                                      const std::string& path,
                                      const std::string& body) {
    const http::Headers headers{{"x-amz-content-sha256", sha256_hex(body)}};
    constexpr std::string_view type = "application/octet-stream";
    switch (method) {
        case http::Method::put: return client_.put(path, type, body, headers);
        case http::Method::post: return client_.post(path, type, body, headers);
        case http::Method::del: return client_.del(path, headers);
        default: return client_.get(path, headers);
    }
}

/// Of no answer, or of one that is none of success.
Error S3Client::error_of(const Result<http::Response>& answer) const {
    if (!answer) {
        const auto fault = answer.error().fault;
        return {fault == Fault::exhausted ? Fault::transient : fault, answer.error().message};
    }
    const auto code = element(answer->text(), "Code");
    return {fault_of(answer->status, code),
            fmt::format("{}: {} {} {}", options_.place.endpoint, answer->status, printable(code),
                        printable(element(answer->text(), "Message")))};
}

}  // namespace img::artifacts
