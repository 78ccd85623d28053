// `img status`: how far a job is.
#include "api/api.hpp"
#include "base/exit_code.hpp"
#include "cli/job_text.hpp"
#include "cli/service_client.hpp"
#include "cli/verb.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

namespace img::cli {
namespace {

struct StatusFlags {
    std::string id, server;
    bool json = false;
};

Result<int> status(const StatusFlags& flags, Console& console) {
    TRY(check_id(flags.id));
    auto service = connect(flags.server, console);
    const auto job = TRY(service.find(flags.id));
    console.out << (flags.json ? api::to_json(job) : describe(job, service.page(job.id)));
    return kDone;
}

}  // namespace

Verb status_verb(CLI::App& img) {
    const auto flags = std::make_shared<StatusFlags>();
    auto* parser = img.add_subcommand("status", "Say how far a job is");
    parser->add_option("ID", flags->id, "The job, as `img submit` printed it")->required();
    parser->add_option("--server", flags->server, "Address of the service");
    parser->add_flag("--json", flags->json, "Print the job as JSON");
    return {parser, [flags](Console& console) { return status(*flags, console); }};
}

}  // namespace img::cli
