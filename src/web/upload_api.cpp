#include "web/upload_api.hpp"

#include "artifacts/uploads.hpp"
#include "base/digest.hpp"
#include "base/printable.hpp"
#include "base/text.hpp"
#include "http/router.hpp"
#include "web/problem_response.hpp"

#include <algorithm>
#include <charconv>
#include <expected>
#include <fmt/format.h>
#include <fstream>
#include <optional>
#include <utility>

namespace img::web {
namespace {

constexpr unsigned kAttemptMax = 1'000'000;
constexpr std::size_t kTokenLinesMax = 10'000;
constexpr std::size_t kRandomDigits = 16;  // at the end of a worker's name

using artifacts::UploadKey;
using artifacts::Uploads;

/// Looks at every byte, wherever they differ: how long it takes tells nothing.
bool equal_in_constant_time(std::string_view left, std::string_view right) {
    unsigned difference = left.size() == right.size() ? 0 : 1;
    for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
        difference |= static_cast<unsigned>(static_cast<unsigned char>(left[i] ^ right[i]));
    }
    return difference == 0;
}

template <typename Number>
std::optional<Number> number_from(std::string_view text) {
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(number)
                                                                    : std::nullopt;
}

http::Response refuse(const api::Problem& problem) {
    auto response = problem_response(problem);
    if (problem.status == 401) {
        response.headers.set("WWW-Authenticate", "Bearer");
    }
    return response;
}

http::Response unknown_token() {
    return refuse({.status = 401,
                   .code = "unknown-token",
                   .title = "This worker is not known here",
                   .detail = "no worker has this token",
                   .next = "compare the worker's --token-file with imgd's file of tokens",
                   .findings = {}});
}

/// An attempt that is over is no mistake in the request: the worker was too late.
http::Response attempt_over(std::string detail) {
    return refuse({.status = 409,
                   .code = "attempt-over",
                   .title = "The job is no longer this attempt's",
                   .detail = std::move(detail),
                   .next = "let go of it: another attempt has it, or it is over",
                   .findings = {}});
}

http::Response refuse_with(const Error& error) {
    return error.fault == Fault::invalid ? attempt_over(error.message) : refuse(problem_of(error));
}

http::Response not_its_job(const jobs::Job& job, std::string_view owner) {
    return refuse({.status = 403,
                   .code = "not-your-job",
                   .title = "Another worker holds this job",
                   .detail = fmt::format("job {}: worker {} holds it, and this is the token of {}",
                                         job.id, printable(job.worker), printable(owner)),
                   .next =
                       "let go of it; if it is this worker that holds it, give its token's line "
                       "in imgd's file the name that img-worker has (the host's, or --name)",
                   .findings = {}});
}

/// The report that it began may be under way still, or wait for a service that leads.
http::Response not_begun(const UploadKey& key) {
    return refuse(problem_of(
        {Fault::transient,
         fmt::format("job {}: nobody has heard yet that attempt {} began", key.id, key.attempt)}));
}

http::Response bad_request(std::string detail) {
    return refuse(problem_of({Fault::invalid, std::move(detail)}));
}

std::optional<UploadKey> key_of(const http::Parameters& parameters) {
    const auto attempt = number_from<unsigned>(parameters.at("attempt"));
    if (!attempt || *attempt == 0 || *attempt > kAttemptMax) {
        return std::nullopt;
    }
    return UploadKey{.id = parameters.at("id"), .attempt = *attempt};
}

/// What an upload may do, as its job stands.
enum class Leave {
    write,
    ask,  ///< The job is done: all that is left is to hear that the files are published.
};

/// What comes over the routes, once the token is known.
class UploadRoutes {
public:
    explicit UploadRoutes(const UploadOptions& options)
        : store_(options.store),
          token_file_(options.token_file),
          uploads_({.www_root = options.www_root, .disk_kept = options.disk_kept}) {}

    http::Response begin(const http::Request& request, const http::Parameters& parameters) {
        const auto key = key_of(parameters);
        const auto files = artifacts::upload_files_from(request.body);
        if (!key || !files) {
            return bad_request(key ? files.error().message : "the attempt is no number");
        }
        auto leave = leave_for(request, *key);
        if (!leave) {
            return std::move(leave).error();
        }
        if (*leave == Leave::ask && !uploads_.is_published(*key, *files)) {
            return done_without(*key);
        }
        const auto state = uploads_.begin(*key, *files);
        return state ? http::make_response(200, "application/json", artifacts::to_json(*state))
                     : refuse_with(state.error());
    }

    http::Response write(const http::Request& request, const http::Parameters& parameters) {
        const auto key = key_of(parameters);
        const auto offset = number_from<std::uint64_t>(request.parameter("offset"));
        const auto& file = parameters.at("file");
        if (!key || !offset || !artifacts::is_artifact_name(file)) {
            return bad_request(fmt::format("\"{}\" at \"{}\": not a place in an artefact",
                                           printable(file),
                                           printable(request.parameter("offset"))));
        }
        auto leave = leave_for(request, *key);
        if (!leave) {
            return std::move(leave).error();
        }
        return *leave == Leave::ask ? done_without(*key)
                                    : answer(uploads_.write(*key, file, *offset, request.body));
    }

    http::Response publish(const http::Request& request, const http::Parameters& parameters) {
        const auto key = key_of(parameters);
        const auto files = artifacts::upload_files_from(request.body);
        if (!key || !files) {
            return bad_request(key ? files.error().message : "the attempt is no number");
        }
        auto leave = leave_for(request, *key);
        if (!leave) {
            return std::move(leave).error();
        }
        if (*leave == Leave::ask && !uploads_.is_published(*key, *files)) {
            return done_without(*key);
        }
        return answer(uploads_.publish(*key, *files));
    }

    /// Whose token came with the request; empty: nobody's.
    std::string owner_of(const http::Request& request) const {
        constexpr std::string_view scheme = "Bearer ";
        const auto field = request.headers.get("Authorization");
        return field.starts_with(scheme) ? owner_of_token(field.substr(scheme.size()), token_file_)
                                         : std::string();
    }

private:
    /// What the attempt's own worker may do, or the answer to everybody else.
    std::expected<Leave, http::Response> leave_for(const http::Request& request,
                                                   const UploadKey& key) const {
        const auto found = store_.find(key.id);
        if (!found) {
            return std::unexpected(refuse(problem_of(found.error())));
        }
        if (!*found) {
            return std::unexpected(refuse(no_such_job()));
        }
        const auto& job = **found;
        if (job.attempt != key.attempt) {
            return std::unexpected(attempt_over(fmt::format("job {}: its attempt is {}, not {}",
                                                            key.id, job.attempt, key.attempt)));
        }
        if (job.state == jobs::JobState::queued) {
            return std::unexpected(not_begun(key));
        }
        if (const auto owner = owner_of(request); !is_worker_of(job.worker, owner)) {
            return std::unexpected(not_its_job(job, owner));
        }
        if (job.state != jobs::JobState::building && job.state != jobs::JobState::done) {
            return std::unexpected(
                attempt_over(fmt::format("job {}: it is over ({})", key.id, to_text(job.state))));
        }
        return job.state == jobs::JobState::done ? Leave::ask : Leave::write;
    }

    static http::Response done_without(const UploadKey& key) {
        return attempt_over(
            fmt::format("job {}: it is done, with files that are not these", key.id));
    }

    static http::Response answer(const Result<void>& result) {
        return result ? http::make_response(200, "application/json", "{}")
                      : refuse_with(result.error());
    }

    jobs::JobStore& store_;
    const std::filesystem::path token_file_;
    Uploads uploads_;
};

http::Router make_router(const std::shared_ptr<UploadRoutes>& routes) {
    http::Router router([](const http::Request& request, int status) {
        return problem_response(no_route(request, status));
    });
    using http::Method;
    router.add(Method::post, "/api/v1/uploads/{id:hex32}/{attempt}",
               [routes](const auto& request, const auto& parameters) {
                   return routes->begin(request, parameters);
               });
    router.add(Method::put, "/api/v1/uploads/{id:hex32}/{attempt}/files/{file}",
               [routes](const auto& request, const auto& parameters) {
                   return routes->write(request, parameters);
               });
    router.add(Method::post, "/api/v1/uploads/{id:hex32}/{attempt}/publish",
               [routes](const auto& request, const auto& parameters) {
                   return routes->publish(request, parameters);
               });
    return router;
}

}  // namespace

std::vector<std::string> upload_routes() {
    return make_router(nullptr).routes();  // none of them is taken
}

bool is_worker_of(std::string_view worker, std::string_view owner) {
    auto name = worker.substr(0, worker.size() - std::min(worker.size(), kRandomDigits));
    name = name.substr(0, name.ends_with('-') ? name.size() - 1 : name.size());
    return !owner.empty() && (owner == worker || owner == name);
}

std::string owner_of_token(std::string_view token, const std::filesystem::path& token_file) {
    const auto digest = sha256_hex(token);
    std::ifstream in(token_file);
    std::string owner;
    std::size_t lines = 0;
    for (std::string line; lines < kTokenLinesMax && std::getline(in, line); ++lines) {
        const auto words = split(std::string_view(line).substr(0, line.find('#')), " \t\r");
        if (words.size() == 2 && equal_in_constant_time(words[1], digest)) {
            owner = words[0];
        }
    }
    return token.empty() ? std::string() : owner;
}

http::Handler with_uploads(http::Handler rest, const UploadOptions& options) {
    const auto routes = std::make_shared<UploadRoutes>(options);
    return [routes, rest = std::move(rest),
            router = make_router(routes)](const http::Request& request) {
        if (!request.path().starts_with(artifacts::kUploadsPath)) {
            return rest(request);
        }
        return routes->owner_of(request).empty() ? unknown_token() : router.handle(request);
    };
}

}  // namespace img::web
