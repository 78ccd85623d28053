// The service as the verbs see it: what can be asked of it, with its problems as our errors.
#pragma once

#include "api/api.hpp"
#include "api/template_view.hpp"
#include "base/result.hpp"
#include "cli/console.hpp"
#include "http/client.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace img::cli {

struct ListQuery {
    std::string state;  ///< Empty: every state.
    unsigned limit = 50;
};

/// Every call: Fault::transient where nobody answers; an answer that is a problem becomes the Error
/// that its status stands for, with its detail, its findings and its next step.
class ServiceClient {
public:
    explicit ServiceClient(std::string base) : http_(std::move(base)) {}

    Result<api::JobView> submit(const jobs::JobRequest& request);
    Result<api::JobList> list(const ListQuery& query);
    Result<api::JobView> find(const std::string& id);
    Result<api::JobView> cancel(const std::string& id);
    Result<api::JobView> pin(const std::string& id, bool is_pinned);
    /// From byte `offset` on; empty where nothing more has been written yet. It only ever grows.
    Result<std::string> log(const std::string& id, std::uint64_t offset);
    Result<api::TemplateViews> templates();
    Result<std::vector<api::Artifact>> artifacts(const std::string& id);
    Result<void> download(const std::string& id,
                          const std::string& name,
                          const std::filesystem::path& file,
                          const http::Client::Meter& meter);

    /// Where a browser finds the job.
    std::string page(const std::string& id) const;

private:
    http::Client http_;
};

/// At --server, else IMG_SERVER, else http://127.0.0.1:8080.
ServiceClient connect(const std::string& server_flag, const Console& console);

/// Fault::missing where the word cannot be an id, before it becomes part of an address.
Result<void> check_id(const std::string& word);

}  // namespace img::cli
