#include "http/client.hpp"

#include "base/printable.hpp"
#include "base/text.hpp"
#include "http/curl_library.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

namespace img::http {

namespace {

constexpr std::size_t kBodyMax = 64 * 1024 * 1024;  // of an answer that is kept in memory
constexpr std::size_t kHeaderFieldsMax = 200;

bool is_loopback(std::string_view base) {
    const auto host = base.substr(std::min(base.find("://") + 3, base.size()));
    return host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]");
}

Error error_of(CURLcode code,
               const std::string& base,
               const ClientOptions& options,
               const char* details) {
    const std::string reason = details[0] != '\0' ? details : curl_library()->easy_strerror(code);
    const auto none = [&](std::string_view why) {
        return Error{Fault::transient, fmt::format("no {} at {}: {}; {}", options.service, base,
                                                   why, options.way_out)};
    };
    switch (code) {
        case CURLE_COULDNT_CONNECT: return none("connection refused");
        case CURLE_COULDNT_RESOLVE_HOST: return none("no such host");
        case CURLE_OPERATION_TIMEDOUT:
            return {Fault::exhausted,
                    "the service at " + base + " did not answer in time: " + reason};
        case CURLE_URL_MALFORMAT:
        case CURLE_UNSUPPORTED_PROTOCOL:
            return {Fault::invalid, printable(base) +
                                        " is not the address of a service; it looks like "
                                        "http://127.0.0.1:8080"};
        default: return {Fault::transient, "the connection to " + base + " broke: " + reason};
    }
}

struct FreeEasy {
    void operator()(CURL* curl) const { curl_library()->easy_cleanup(curl); }
};
struct FreeList {
    void operator()(curl_slist* list) const { curl_library()->slist_free_all(list); }
};
struct CloseFile {
    void operator()(std::FILE* file) const { (void)std::fclose(file); }
};

std::string read_small(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    return line;
}

}  // namespace

/// One request under way, and what has come of it.
struct Client::Exchange {
    std::string path;
    Method method = Method::get;
    Headers headers = {};
    std::string body = {};
    bool is_long = false;  ///< Watch for silence, not for the whole time.

    /// Takes the body of a good answer; false ends the exchange. Empty: into the response.
    std::function<bool(const Response&, std::string_view)> sink = {};
    bool was_ended = false;  ///< By the sink.
    Response response = {};

    bool take_header(std::string_view line) {
        if (line.starts_with("HTTP/")) {
            response = {};
            const auto space = line.find(' ');
            const auto digits = line.substr(std::min(space + 1, line.size()));
            std::from_chars(digits.data(), digits.data() + digits.size(), response.status);
            return true;
        }
        const auto colon = line.find(':');
        if (colon != std::string_view::npos) {
            response.headers.add(std::string(trim(line.substr(0, colon))),
                                 std::string(trim(line.substr(colon + 1))));
        }
        return std::distance(response.headers.begin(), response.headers.end()) <=
               static_cast<std::ptrdiff_t>(kHeaderFieldsMax);
    }

    bool take_body(std::string_view bytes) {
        if (sink && (response.status == 200 || response.status == 206)) {
            was_ended = !sink(response, bytes);
            return !was_ended;
        }
        auto& text = std::get<std::string>(response.body);
        text += bytes;
        return text.size() <= kBodyMax;
    }

    static std::size_t on_header(char* bytes, std::size_t /*one*/, std::size_t count, void* self) {
        return static_cast<Exchange*>(self)->take_header({bytes, count}) ? count : 0;
    }
    static std::size_t on_body(char* bytes, std::size_t /*one*/, std::size_t count, void* self) {
        return static_cast<Exchange*>(self)->take_body({bytes, count}) ? count : 0;
    }
    static int on_progress(void* stop,
                           curl_off_t /*down_total*/,
                           curl_off_t /*down*/,
                           curl_off_t /*up_total*/,
                           curl_off_t /*up*/) {
        return static_cast<const std::stop_token*>(stop)->stop_requested() ? 1 : 0;
    }
};

Client::Client(std::string base, ClientOptions options)
    : base_(std::move(base)), options_(std::move(options)) {
    while (base_.ends_with('/')) {
        base_.pop_back();
    }
}

Result<Response> Client::perform(Exchange& exchange) const {
    const CurlLibrary* const library = curl_library();
    if (library == nullptr) {
        return fail(Fault::broken, "libcurl.so.4 is not there; install libcurl4");
    }
    const std::unique_ptr<CURL, FreeEasy> owner(library->easy_init());
    CURL* const curl = owner.get();
    if (curl == nullptr) {
        return fail(Fault::broken, "libcurl does not start");
    }
    const auto set_option = library->easy_setopt;
    const std::string url = base_ + exchange.path;
    std::array<char, CURL_ERROR_SIZE> details{};
    set_option(curl, CURLOPT_URL, url.c_str());
    set_option(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    set_option(curl, CURLOPT_PATH_AS_IS, 1L);
    set_option(curl, CURLOPT_NOSIGNAL, 1L);
    set_option(curl, CURLOPT_ERRORBUFFER, details.data());
    set_option(curl, CURLOPT_USERAGENT, options_.user_agent.c_str());
    set_option(curl, CURLOPT_CONNECTTIMEOUT, static_cast<long>(options_.connect_timeout.count()));
    if (is_loopback(base_)) {
        set_option(curl, CURLOPT_PROXY, "");
    }
    if (exchange.is_long) {
        set_option(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
        set_option(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options_.silence_max.count()));
    } else {
        set_option(curl, CURLOPT_TIMEOUT, static_cast<long>(options_.timeout.count()));
    }
    // "Expect:" empty: the server answers without it, and waiting for a 100 costs a second.
    curl_slist* list = library->slist_append(nullptr, "Expect:");
    for (const auto& [name, value] : exchange.headers) {
        list = library->slist_append(list, (name + ": " + value).c_str());
    }
    const std::unique_ptr<curl_slist, FreeList> fields(list);
    set_option(curl, CURLOPT_HTTPHEADER, fields.get());
    if (exchange.method == Method::post || exchange.method == Method::put) {
        set_option(curl, CURLOPT_POST, 1L);
        set_option(curl, CURLOPT_POSTFIELDS, exchange.body.data());
        set_option(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                   static_cast<curl_off_t>(exchange.body.size()));
    }
    if (exchange.method == Method::put) {
        set_option(curl, CURLOPT_CUSTOMREQUEST, "PUT");
    } else if (exchange.method == Method::del) {
        set_option(curl, CURLOPT_CUSTOMREQUEST, "DELETE");
    }
    if (options_.signer) {
        const auto& signer = *options_.signer;
        set_option(curl, CURLOPT_AWS_SIGV4, fmt::format("aws:amz:{}:s3", signer.region).c_str());
        set_option(curl, CURLOPT_USERNAME, signer.key_id.c_str());
        set_option(curl, CURLOPT_PASSWORD, signer.secret.c_str());
    }
    if (options_.stop.stop_possible()) {
        set_option(curl, CURLOPT_NOPROGRESS, 0L);
        set_option(curl, CURLOPT_XFERINFOFUNCTION, &Exchange::on_progress);
        set_option(curl, CURLOPT_XFERINFODATA, &options_.stop);
    }
    set_option(curl, CURLOPT_HEADERFUNCTION, &Exchange::on_header);
    set_option(curl, CURLOPT_HEADERDATA, &exchange);
    set_option(curl, CURLOPT_WRITEFUNCTION, &Exchange::on_body);
    set_option(curl, CURLOPT_WRITEDATA, &exchange);
    const CURLcode code = library->easy_perform(curl);
    if (code != CURLE_OK && !exchange.was_ended) {
        return std::unexpected(error_of(code, base_, options_, details.data()));
    }
    return std::move(exchange.response);
}

Result<Response> Client::get(std::string_view path, const Headers& headers) {
    Exchange exchange{.path = std::string(path), .headers = headers};
    return perform(exchange);
}

Result<Response> Client::post(std::string_view path,
                              std::string_view content_type,
                              std::string body,
                              const Headers& headers) {
    Exchange exchange{.path = std::string(path),
                      .method = Method::post,
                      .headers = headers,
                      .body = std::move(body)};
    exchange.headers.set("Content-Type", std::string(content_type));
    return perform(exchange);
}

Result<Response> Client::put(std::string_view path,
                             std::string_view content_type,
                             std::string body,
                             const Headers& headers) {
    Exchange exchange{.path = std::string(path),
                      .method = Method::put,
                      .headers = headers,
                      .body = std::move(body)};
    exchange.headers.set("Content-Type", std::string(content_type));
    return perform(exchange);
}

Result<Response> Client::del(std::string_view path, const Headers& headers) {
    Exchange exchange{.path = std::string(path), .method = Method::del, .headers = headers};
    return perform(exchange);
}

Result<Response> Client::follow(std::string_view path, const Sink& sink, const Headers& headers) {
    Exchange exchange{.path = std::string(path), .headers = headers, .is_long = true};
    exchange.sink = [&](const Response&, std::string_view bytes) { return sink(bytes); };
    return perform(exchange);
}

Result<Response> Client::download(std::string_view path,
                                  const std::filesystem::path& file,
                                  const Meter& meter) {
    const std::filesystem::path part = file.string() + ".part";
    const std::filesystem::path tag_file = part.string() + ".etag";
    std::error_code ignored;
    const auto there = std::filesystem::file_size(part, ignored);
    const auto tag = ignored ? std::string() : read_small(tag_file);
    Exchange exchange{.path = std::string(path), .is_long = true};
    if (!tag.empty() && there > 0) {
        exchange.headers.set("Range", fmt::format("bytes={}-", there));
        exchange.headers.set("If-Range", tag);
    }
    std::unique_ptr<std::FILE, CloseFile> out;
    std::uint64_t done = 0;
    std::uint64_t total = 0;
    int disk_error = 0;
    const auto begin = [&](const Response& response) {
        const bool goes_on = response.status == 206;
        done = goes_on ? there : 0;
        const auto length = response.headers.get("Content-Length");
        std::from_chars(length.data(), length.data() + length.size(), total);
        total += total > 0 ? done : 0;
        std::ofstream(tag_file, std::ios::trunc) << response.headers.get("ETag") << "\n";
        out.reset(std::fopen(part.c_str(), goes_on ? "ab" : "wb"));
        disk_error = out ? 0 : errno;
        return out != nullptr;
    };
    exchange.sink = [&](const Response& response, std::string_view bytes) {
        if (!out && !begin(response)) {
            return false;
        }
        if (std::fwrite(bytes.data(), 1, bytes.size(), out.get()) != bytes.size()) {
            disk_error = errno;
            return false;
        }
        done += bytes.size();
        return !meter || meter(done, total);
    };
    auto response = perform(exchange);
    if (disk_error == 0 && out &&
        (std::fflush(out.get()) != 0 || ::fsync(fileno(out.get())) != 0)) {
        disk_error = errno;
    }
    if (disk_error != 0) {
        return fail(
            disk_error == ENOSPC || disk_error == EDQUOT ? Fault::exhausted : Fault::invalid,
            fmt::format("{}: {}", part.string(), std::strerror(disk_error)));
    }
    if (!response || (response->status != 200 && response->status != 206)) {
        // 416: what is there is all of it, or more than there is: begin again next time.
        if (response && response->status == 416) {
            std::filesystem::remove(part, ignored);
            std::filesystem::remove(tag_file, ignored);
        }
        return response;
    }
    if (exchange.was_ended) {
        return fail(Fault::transient, fmt::format("the download of {} was stopped at {} bytes; the "
                                                  "next one goes on from there",
                                                  file.filename().string(), done));
    }
    if (!out && !begin(*response)) {  // an empty file has no bytes to begin with
        return fail(Fault::invalid,
                    fmt::format("{}: {}", part.string(), std::strerror(disk_error)));
    }
    out.reset();
    std::filesystem::rename(part, file, ignored);
    if (ignored) {
        return fail(Fault::invalid, fmt::format("{}: {}", file.string(), ignored.message()));
    }
    std::filesystem::remove(tag_file, ignored);
    return response;
}

}  // namespace img::http
