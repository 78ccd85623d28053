// `img log`: what a job's build said; -f goes on until it is over.
#include "base/exit_code.hpp"
#include "base/printable.hpp"
#include "cli/job_watch.hpp"
#include "cli/service_client.hpp"
#include "cli/verb.hpp"
#include "engine/event.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

namespace img::cli {
namespace {

struct LogFlags {
    std::string id, server;
    bool follow = false;
    bool json = false;
};

Result<int> log(const LogFlags& flags, Console& console) {
    TRY(check_id(flags.id));
    auto service = connect(flags.server, console);
    const JobWatcher watcher{
        .changed = [&](const api::JobView&) { console.out.flush(); },
        .line =
            [&](std::string_view line) {
                console.out << (flags.json ? engine::to_json(engine::Logged{std::string(line)})
                                           : printable(line))
                            << '\n';
            }};
    if (!flags.follow) {
        TRY(read_log(service, flags.id, watcher.line));
        return kDone;
    }
    const auto job = TRY(watch(service, flags.id, watcher, console.interrupts()));
    return jobs::is_finished(job.state) ? kDone : kInterrupted;
}

}  // namespace

Verb log_verb(CLI::App& img) {
    const auto flags = std::make_shared<LogFlags>();
    auto* parser = img.add_subcommand("log", "Print a job's build log");
    parser->add_option("ID", flags->id, "The job, as `img submit` printed it")->required();
    parser->add_flag("-f,--follow", flags->follow, "Go on until the job is over");
    parser->add_option("--server", flags->server, "Address of the service");
    parser->add_flag("--json", flags->json, "Print each line as a JSON object");
    return {parser, [flags](Console& console) { return log(*flags, console); }};
}

}  // namespace img::cli
