#include "artifacts/s3_place.hpp"

#include "artifacts/artifact_files.hpp"
#include "base/printable.hpp"
#include "base/text.hpp"
#include "http/url.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>

namespace img::artifacts {
namespace {

constexpr std::string_view kScheme = "s3://";
constexpr std::size_t kLinesMax = 100;

std::string encode_path(std::string_view path) {
    std::string encoded;
    for (const char c : path) {
        encoded += c == '/' ? std::string("/") : http::percent_encode(std::string_view(&c, 1));
    }
    return encoded;
}

/// Amazon's rule for names that may stand in a path, and everybody else's.
bool is_bucket(std::string_view name) {
    return name.size() >= 3 && name.size() <= 63 &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") ==
               std::string_view::npos;
}

bool is_prefix(std::string_view prefix) {
    const bool is_printable =
        std::ranges::all_of(prefix, [](char c) { return c > ' ' && c < 0x7f; });
    return is_printable && prefix.find("//") == std::string_view::npos &&
           prefix.find("..") == std::string_view::npos;
}

/// What all places of its jobs begin with.
std::string top_of(const S3Place& place) {
    return fmt::format("{}{}/{}", kScheme, place.bucket, place.prefix);
}

std::unexpected<Error> not_below(const S3Place& place, std::string_view other) {
    return fail(Fault::missing, fmt::format("{} is not below {}, which this service knows",
                                            printable(other), top_of(place)));
}

std::string environment(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? "" : value;
}

}  // namespace

Result<S3Place> s3_place_from(const std::string& url) {
    const auto question = url.find('?');
    std::string_view path = std::string_view(url).substr(0, question);
    path.remove_prefix(std::min(kScheme.size(), path.size()));
    const auto slash = path.find('/');
    S3Place place{.bucket = std::string(path.substr(0, slash))};
    if (slash != std::string_view::npos) {
        place.prefix = path.substr(slash + 1);
    }
    if (!place.prefix.empty() && !place.prefix.ends_with('/')) {
        place.prefix += '/';
    }
    bool is_known = true;
    const auto query = question == std::string::npos ? std::string_view()
                                                     : std::string_view(url).substr(question + 1);
    for (const auto& [name, value] : http::parse_query(query)) {
        is_known = is_known && (name == "endpoint" || name == "region");
        (name == "endpoint" ? place.endpoint : place.region) = value;
    }
    place.region = place.region.empty() ? "us-east-1" : place.region;
    if (place.endpoint.empty()) {
        place.endpoint = fmt::format("https://s3.{}.amazonaws.com", place.region);
    }
    while (place.endpoint.ends_with('/')) {
        place.endpoint.pop_back();
    }
    if (!url.starts_with(kScheme) || !is_known || !is_bucket(place.bucket) ||
        !is_prefix(place.prefix) || !place.endpoint.starts_with("http")) {
        return fail(Fault::invalid, fmt::format("artefacts {}: it looks like "
                                                "s3://BUCKET/PREFIX?endpoint=URL&region=NAME",
                                                printable(url)));
    }
    return place;
}

std::string job_place(const S3Place& place, const std::string& id, unsigned attempt) {
    return fmt::format("{}{}/{}{}/{}/", kScheme, place.bucket, place.prefix, id, attempt);
}

std::string object_path(const S3Place& place,
                        const std::string& id,
                        unsigned attempt,
                        std::string_view file) {
    return key_path(place, fmt::format("{}{}/{}/{}", place.prefix, id, attempt, file));
}

Result<std::string> object_path(const S3Place& place,
                                std::string_view job_place,
                                std::string_view file) {
    if (!is_below(place, job_place) || !is_artifact_name(file)) {
        return not_below(place, fmt::format("{}{}", job_place, file));
    }
    return encode_path(fmt::format("/{}{}", job_place.substr(kScheme.size()), file));
}

Result<std::string> job_keys(const S3Place& place,
                             std::string_view job_place,
                             const std::string& id) {
    const auto bucket = kScheme.size() + place.bucket.size() + 1;
    const auto attempt = job_place.rfind('/', std::max<std::size_t>(job_place.size(), 2) - 2) + 1;
    if (!is_below(place, job_place) || attempt <= bucket || !jobs::is_job_id(id) ||
        !job_place.substr(0, attempt).ends_with("/" + id + "/")) {
        return not_below(place, job_place);
    }
    return std::string(job_place.substr(bucket, attempt - bucket));
}

bool is_below(const S3Place& place, std::string_view job_place) {
    return job_place.starts_with(top_of(place)) && job_place.ends_with('/');
}

std::string key_path(const S3Place& place, std::string_view key) {
    return encode_path(fmt::format("/{}/{}", place.bucket, key));
}

Result<S3Credentials> read_s3_credentials(const std::filesystem::path& file) {
    S3Credentials credentials{.key_id = environment("AWS_ACCESS_KEY_ID"),
                              .secret = environment("AWS_SECRET_ACCESS_KEY")};
    if (!file.empty()) {
        credentials = {};
        std::ifstream in(file);
        std::size_t lines = 0;
        for (std::string line; lines < kLinesMax && std::getline(in, line); ++lines) {
            const auto equals = line.find('=');
            const auto name = trim(std::string_view(line).substr(0, equals));
            const auto value =
                equals == std::string::npos ? "" : trim(std::string_view(line).substr(equals + 1));
            if (name == "AWS_ACCESS_KEY_ID") {
                credentials.key_id = value;
            } else if (name == "AWS_SECRET_ACCESS_KEY") {
                credentials.secret = value;
            }
        }
    }
    if (credentials.key_id.empty() || credentials.secret.empty()) {
        return fail(Fault::invalid, fmt::format("{} has no AWS_ACCESS_KEY_ID and "
                                                "AWS_SECRET_ACCESS_KEY; an S3 store needs both",
                                                file.empty() ? "the environment" : file.native()));
    }
    return credentials;
}

}  // namespace img::artifacts
