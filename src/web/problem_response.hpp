// Failures as answers: an Error becomes a problem document with a status, a code and a next step.
#pragma once

#include "api/api.hpp"
#include "base/result.hpp"
#include "http/http.hpp"

namespace img::web {

api::Problem problem_of(const Error& error);

api::Problem no_such_job();
/// Retention has taken them.
api::Problem images_removed(const jobs::Job& job);
/// Of an error of Dispatcher::submit() and cancel() respectively.
api::Problem name_in_use(const Error& error);
api::Problem finished_already(const Error& error);
/// For the router: no such page (404), or not with this method (405).
api::Problem no_route(const http::Request& request, int status);

http::Response problem_response(const api::Problem& problem);

/// Whether the client is a browser that wants a page rather than JSON.
bool wants_page(const http::Request& request);

}  // namespace img::web
