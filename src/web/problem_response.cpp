#include "web/problem_response.hpp"

#include "base/printable.hpp"

#include <fmt/format.h>

namespace img::web {

api::Problem problem_of(const Error& error) {
    switch (error.fault) {
        case Fault::invalid:
            return {.status = 400,
                    .code = "invalid",
                    .title = "The request is wrong",
                    .detail = error.message,
                    .next = "mend what the sentence names and send it again",
                    .findings = {}};
        case Fault::missing:
            return {.status = 404,
                    .code = "missing",
                    .title = "There is no such thing here",
                    .detail = error.message,
                    .next = "look for it in the queue: /queue/",
                    .findings = {}};
        case Fault::transient:
            return {.status = 503,
                    .code = "try-later",
                    .title = "Not at this moment",
                    .detail = error.message,
                    .next = "try again in a few seconds",
                    .findings = {}};
        case Fault::exhausted:
            return {.status = 507,
                    .code = "exhausted",
                    .title = "The service has run out of room",
                    .detail = error.message,
                    .next = "tell whoever runs the service to make room",
                    .findings = {}};
        case Fault::broken: break;
    }
    return {.status = 500,
            .code = "broken",
            .title = "Something broke in the service",
            .detail = error.message,
            .next = "tell whoever runs the service; imgd's log says more",
            .findings = {}};
}

api::Problem no_such_job() {
    return {.status = 404,
            .code = "no-such-job",
            .title = "There is no such job",
            .detail = "no job has this id",
            .next = "compare the id with the list of jobs: /queue/",
            .findings = {}};
}

api::Problem images_removed(const jobs::Job& job) {
    return {.status = 410,
            .code = "removed",
            .title = "The files of this job were removed",
            .detail = fmt::format("they were removed on {} to make room; kickstart, log and "
                                  "manifest are there",
                                  api::to_text(job.removed).substr(0, 10)),
            .next = "submit the kickstart again; a job that is pinned keeps its files",
            .findings = {}};
}

api::Problem name_in_use(const Error& error) {
    return {.status = 409,
            .code = "name-in-use",
            .title = "An unfinished job has this name",
            .detail = error.message,
            .next = "choose another name, or wait for that job, or cancel it",
            .findings = {}};
}

api::Problem finished_already(const Error& error) {
    return {.status = 409,
            .code = "finished",
            .title = "The job is over",
            .detail = error.message,
            .next = "nothing is left to cancel; submit it again if you want another image",
            .findings = {}};
}

api::Problem no_route(const http::Request& request, int status) {
    const auto path = printable(request.path().substr(0, 200));
    if (status == 405) {
        return {.status = 405,
                .code = "wrong-method",
                .title = "Not with this method",
                .detail = fmt::format("{} does not take {}", path, http::to_text(request.method)),
                .next = "use one of the methods in the Allow field",
                .findings = {}};
    }
    return {.status = 404,
            .code = "no-such-page",
            .title = "There is no such page",
            .detail = fmt::format("{} is not here", path),
            .next = "begin at / or read /openapi.yaml",
            .findings = {}};
}

http::Response problem_response(const api::Problem& problem) {
    auto response = http::make_response(problem.status, api::kProblemType, api::to_json(problem));
    if (problem.status == 503) {
        response.headers.set("Retry-After", "5");
    }
    return response;
}

bool wants_page(const http::Request& request) {
    return !request.path().starts_with("/api/") &&
           request.headers.get("Accept").find("text/html") != std::string_view::npos;
}

}  // namespace img::web
