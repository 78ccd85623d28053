// `img pin` and `img unpin`: whether the files of a job stay when old ones are removed.
#include "api/api.hpp"
#include "base/exit_code.hpp"
#include "cli/service_client.hpp"
#include "cli/verb.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <memory>
#include <ostream>

namespace img::cli {
namespace {

struct PinFlags {
    std::string id, server;
    bool is_pinned = true;
    bool json = false;
};

Result<int> pin(const PinFlags& flags, Console& console) {
    TRY(check_id(flags.id));
    const auto job = TRY(connect(flags.server, console).pin(flags.id, flags.is_pinned));
    console.out << (flags.json ? api::to_json(job)
                               : fmt::format("job {} is {}\n", job.id,
                                             job.is_pinned ? "pinned" : "not pinned"));
    return kDone;
}

Verb make_verb(CLI::App& img, const char* name, const char* description, bool is_pinned) {
    const auto flags = std::make_shared<PinFlags>();
    flags->is_pinned = is_pinned;
    auto* parser = img.add_subcommand(name, description);
    parser->add_option("ID", flags->id, "The job, as `img submit` printed it")->required();
    parser->add_option("--server", flags->server, "Address of the service");
    parser->add_flag("--json", flags->json, "Print the job as JSON");
    return {parser, [flags](Console& console) { return pin(*flags, console); }};
}

}  // namespace

Verb pin_verb(CLI::App& img) {
    return make_verb(img, "pin", "Keep a job's files when old ones are removed", true);
}

Verb unpin_verb(CLI::App& img) {
    return make_verb(img, "unpin", "Let a job's files go when old ones are removed", false);
}

}  // namespace img::cli
