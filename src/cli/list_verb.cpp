// `img list`: the service's jobs, newest first.
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

struct ListFlags {
    ListQuery query;
    std::string server;
    bool json = false;
};

Result<int> show_list(const ListFlags& flags, Console& console) {
    const auto list = TRY(connect(flags.server, console).list(flags.query));
    if (flags.json) {
        console.out << api::to_json(list);
        return kDone;
    }
    if (list.jobs.empty()) {
        console.err << "no jobs\n";
        return kDone;
    }
    console.out << list_head();
    for (const auto& job : list.jobs) {
        console.out << list_row(job);
    }
    return kDone;
}

}  // namespace

Verb list_verb(CLI::App& img) {
    const auto flags = std::make_shared<ListFlags>();
    auto* parser = img.add_subcommand("list", "List the service's jobs, newest first");
    parser->add_option("--state", flags->query.state, "Only those in this state")
        ->check(CLI::IsMember({"queued", "building", "done", "error", "cancelled"}));
    parser->add_option("--limit", flags->query.limit, "At most so many (50)")
        ->check(CLI::Range(1U, 500U));
    parser->add_option("--server", flags->server, "Address of the service");
    parser->add_flag("--json", flags->json, "Print them as JSON");
    return {parser, [flags](Console& console) { return show_list(*flags, console); }};
}

}  // namespace img::cli
