#include "cli/service_client.hpp"

#include "base/printable.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

namespace img::cli {
namespace {

constexpr const char* kDefaultServer = "http://127.0.0.1:8080";
constexpr std::size_t kQuoteMax = 300;

bool is_good(const http::Response& response) {
    return response.status >= 200 && response.status < 300;
}

/// What a status means to whoever asked (RFC 9110, section 15).
Fault fault_of(int status) {
    switch (status) {
        case 404:
        case 410: return Fault::missing;
        case 408:
        case 429:
        case 502:
        case 503:
        case 504: return Fault::transient;
        case 507: return Fault::exhausted;
        default: return status >= 500 ? Fault::broken : Fault::invalid;
    }
}

/// The service leads to its pages, which a terminal does not have.
std::string next_step(const api::Problem& problem) {
    if (problem.code == "no-such-job" || problem.code == "missing") {
        return "`img list` shows those there are";
    }
    return problem.next;
}

/// The problem document in words; whatever else came instead of one is quoted.
Error to_error(const http::Response& response, const std::string& base) {
    const auto text = response.text();
    const auto problem = api::problem_from_json(text);
    if (!problem || problem->detail.empty()) {
        return {
            fault_of(response.status),
            fmt::format("{} answers {} {}: {}; is that an imgd?", base, response.status,
                        http::reason(response.status), printable(trim(text.substr(0, kQuoteMax))))};
    }
    auto sentence = problem->detail;
    for (const auto& finding : problem->findings) {
        // Line 0: it is about the file as a whole.
        const auto place =
            finding.line == 0 ? finding.file
                              : fmt::format("{}:{}:{}", finding.file, finding.line, finding.column);
        sentence += fmt::format("\n{}: {}: {}", place, finding.severity, finding.text);
    }
    if (const auto next = next_step(*problem); !next.empty()) {
        sentence += (problem->findings.empty() ? "; " : "\n") + next;
    }
    return {fault_of(response.status), sentence};
}

/// The body of a good answer.
Result<std::string> body_of(const Result<http::Response>& answer, const std::string& base) {
    if (!answer) {
        return std::unexpected(answer.error());
    }
    if (!is_good(*answer)) {
        return std::unexpected(to_error(*answer, base));
    }
    return std::string(answer->text());
}

}  // namespace

Result<api::JobView> ServiceClient::submit(const jobs::JobRequest& request) {
    return api::job_from_json(TRY(body_of(
        http_.post(api::kJobsPath, "application/json", api::to_json(request)), http_.base())));
}

Result<api::JobList> ServiceClient::list(const ListQuery& query) {
    auto path = fmt::format("{}?limit={}", api::kJobsPath, query.limit);
    if (!query.state.empty()) {
        path += "&state=" + query.state;
    }
    return api::job_list_from_json(TRY(body_of(http_.get(path), http_.base())));
}

Result<api::JobView> ServiceClient::find(const std::string& id) {
    return api::job_from_json(TRY(body_of(http_.get(api::job_path(id)), http_.base())));
}

Result<api::JobView> ServiceClient::cancel(const std::string& id) {
    return api::job_from_json(TRY(body_of(http_.del(api::job_path(id)), http_.base())));
}

Result<api::JobView> ServiceClient::pin(const std::string& id, bool is_pinned) {
    const auto path = is_pinned ? api::pin_path(id) : api::unpin_path(id);
    return api::job_from_json(TRY(body_of(http_.post(path, "application/json", ""), http_.base())));
}

Result<std::string> ServiceClient::log(const std::string& id, std::uint64_t offset) {
    const auto path = fmt::format("{}?offset={}", api::log_path(id), offset);
    return body_of(http_.get(path), http_.base());
}

Result<api::TemplateViews> ServiceClient::templates() {
    return api::templates_from_json(TRY(body_of(http_.get(api::kTemplatesPath), http_.base())));
}

Result<std::vector<api::Artifact>> ServiceClient::artifacts(const std::string& id) {
    return api::artifacts_from_json(TRY(body_of(http_.get(api::artifacts_path(id)), http_.base())));
}

Result<void> ServiceClient::download(const std::string& id,
                                     const std::string& name,
                                     const std::filesystem::path& file,
                                     const http::Client::Meter& meter) {
    TRY(body_of(http_.download(api::image_path(id, name), file, meter), http_.base()));
    return {};
}

std::string ServiceClient::page(const std::string& id) const {
    return http_.base() + api::page_path(id);
}

ServiceClient connect(const std::string& server_flag, const Console& console) {
    if (!server_flag.empty()) {
        return ServiceClient(server_flag);
    }
    const auto variable = console.variable("IMG_SERVER");
    return ServiceClient(variable.empty() ? kDefaultServer : variable);
}

Result<void> check_id(const std::string& word) {
    if (!jobs::is_job_id(word)) {
        return fail(Fault::missing,
                    fmt::format("there is no job '{}': an id has 32 hexadecimal digits; `img list` "
                                "shows them",
                                printable(word)));
    }
    return {};
}

}  // namespace img::cli
