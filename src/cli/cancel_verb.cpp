// `img cancel`: ends a job that is queued or building.
#include "api/api.hpp"
#include "base/exit_code.hpp"
#include "base/printable.hpp"
#include "cli/service_client.hpp"
#include "cli/verb.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <memory>
#include <ostream>

namespace img::cli {
namespace {

struct CancelFlags {
    std::string id, server;
    bool json = false;
};

Result<int> cancel(const CancelFlags& flags, Console& console) {
    TRY(check_id(flags.id));
    const auto job = TRY(connect(flags.server, console).cancel(flags.id));
    // Of a job that was cancelled the text says who else waited for it.
    const auto& shared = job.progress.text;
    console.out << (flags.json ? api::to_json(job)
                               : fmt::format("job {} is {}{}{}\n", job.id, jobs::to_text(job.state),
                                             shared.empty() ? "" : ": ", printable(shared)));
    return kDone;
}

}  // namespace

Verb cancel_verb(CLI::App& img) {
    const auto flags = std::make_shared<CancelFlags>();
    auto* parser = img.add_subcommand("cancel", "End a job that is queued or building");
    parser->add_option("ID", flags->id, "The job, as `img submit` printed it")->required();
    parser->add_option("--server", flags->server, "Address of the service");
    parser->add_flag("--json", flags->json, "Print the job as JSON");
    return {parser, [flags](Console& console) { return cancel(*flags, console); }};
}

}  // namespace img::cli
