// `img submit`: hands a kickstart file, or the name of a template, to the service; --wait stays
// until the image is made.
#include "api/api.hpp"
#include "base/exit_code.hpp"
#include "cli/job_text.hpp"
#include "cli/job_watch.hpp"
#include "cli/kickstart_file.hpp"
#include "cli/service_client.hpp"
#include "cli/verb.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <ostream>

namespace img::cli {
namespace {

struct SubmitFlags {
    KickstartFlags kickstart;
    std::string server;
    jobs::JobRequest request;
    bool wait = false;
    bool verbose = false;
    bool json = false;
};

/// Says how the job ended, and gives the code of it.
int conclude(const api::JobView& job, const ServiceClient& service, Console& console) {
    switch (job.state) {
        case jobs::JobState::done:
            console.err << fmt::format("{} is made: {}\n", job.image, service.page(job.id));
            return kDone;
        case jobs::JobState::error:
            console.err << fmt::format("img: job {} failed in stage {}: {}\n", job.id,
                                       job.error_stage.empty() ? "-" : job.error_stage, job.error);
            return kBroken;
        case jobs::JobState::cancelled:
            console.err << fmt::format("img: job {} was cancelled\n", job.id);
            return kInterrupted;
        case jobs::JobState::queued:
        case jobs::JobState::building:
            console.err << fmt::format(
                "img: no longer waiting; the job goes on: `img status {0}`, `img cancel {0}`\n",
                job.id);
            return kInterrupted;
    }
    return kBroken;
}

Result<int> wait_for(const SubmitFlags& flags,
                     api::JobView& job,
                     ServiceClient& service,
                     Console& console) {
    console.err << fmt::format("job {}: {}\n", job.id, service.page(job.id)) << std::flush;
    ProgressView view(console, flags.verbose);
    const JobWatcher watcher{.changed =
                                 [&](const api::JobView& now) {
                                     if (!jobs::is_finished(now.state)) {
                                         view.show(progress_of(now));
                                     }
                                     view.tick();
                                 },
                             .line = [&](std::string_view line) { view.log(line); }};
    const auto finished = watch(service, job.id, watcher, console.interrupts());
    if (!finished || finished->state == jobs::JobState::error) {
        view.close_failed();
    } else {
        view.close();
    }
    job = TRY(Result<api::JobView>(finished));
    return conclude(job, service, console);
}

/// What CLI11 cannot say: one of two words is needed, and the type beside one of them only.
std::optional<std::string> misuse(const SubmitFlags& flags) {
    const bool has_template = !flags.request.template_name.empty();
    if (flags.kickstart.file.empty() && !has_template) {
        return "'submit' needs a FILE or --template; `img templates` lists templates";
    }
    if (!flags.kickstart.file.empty() && has_template) {
        return "'submit' takes a FILE or --template, not both";
    }
    if (flags.request.image_type.empty() && !has_template) {
        return "--type is required; `img types` lists the image types";
    }
    return std::nullopt;
}

/// False where a file cannot be included, which has been said.
Result<bool> put_includes_in_place(const KickstartFlags& flags,
                                   std::string& text,
                                   Console& console) {
    if (!text.contains("%include") && !text.contains("%ksappend")) {
        return true;
    }
    auto parsed = TRY(parse_text(flags, text));
    if (parsed.is_refused()) {  // said with the places of the files, which the service cannot know
        for (const auto& diagnostic : parsed.diagnostics) {
            if (diagnostic.severity >= syntax::Severity::refused) {
                console.err << to_text(diagnostic) << '\n';
            }
        }
        return false;
    }
    if (!parsed.text.empty()) {
        text = std::move(parsed.text);
    }
    return true;
}

/// The service has only the text: files that it includes are put in their place here, and tokens
/// of the command line are replaced. False where that is not possible, which has been said.
Result<bool> complete(const KickstartFlags& flags, std::string& text, Console& console) {
    if (!TRY(put_includes_in_place(flags, text, console))) {
        return false;
    }
    if (!flags.tokens.empty() || !flags.release.empty()) {
        const auto tokens = TRY(tokens_of(flags));
        text = TRY(kickstart::replace_tokens(text, tokens));
    }
    return true;
}

Result<int> submit(const SubmitFlags& flags, Console& console) {
    if (const auto wrong = misuse(flags)) {
        console.err << "img: " << *wrong << "\nSee `img submit --help`.\n";
        return kUsage;
    }
    auto request = flags.request;
    if (request.template_name.empty()) {
        request.kickstart = TRY(read_kickstart(flags.kickstart.file, console.in));
        if (!TRY(complete(flags.kickstart, request.kickstart, console))) {
            return kRequestWrong;
        }
    }
    if (request.name.empty() && request.template_name.empty()) {
        request.name = kickstart_name(flags.kickstart.file);  // the service names jobs of templates
    }
    auto service = connect(flags.server, console);
    auto job = TRY(service.submit(request));
    if (job.is_joined.value_or(false)) {
        console.err << fmt::format(
            "img: this had been asked for already, the job is {}; --fresh makes a new one\n",
            jobs::to_text(job.state));
    }
    auto code = Result<int>(kDone);
    if (flags.wait) {
        code = wait_for(flags, job, service, console);
    }
    console.out << (flags.json ? api::to_json(job) : job.id + "\n");
    return code;
}

}  // namespace

Verb submit_verb(CLI::App& img) {
    const auto flags = std::make_shared<SubmitFlags>();
    auto* parser = img.add_subcommand("submit", "Have the service make an image");
    add_options(*parser, flags->kickstart);
    parser->get_option("FILE")->required(false);
    parser->add_option("--template", flags->request.template_name,
                       "One of `img templates`, in place of FILE");
    parser->add_option("-t,--type", flags->request.image_type,
                       "Image type; `img types` lists them, a template may suggest one");
    parser->add_option("-n,--name", flags->request.name, "Name of the image (that of the file)");
    parser->add_option("--email", flags->request.email,
                       "Whose job it is: slots are shared between users");
    parser->add_option("--overlay", flags->request.overlay, "Extra packages: vim,htop,-nano");
    parser
        ->add_option("--priority", flags->request.priority,
                     "Among your own jobs, from -10 to 10 (0); the highest goes first")
        ->check(CLI::Range(jobs::kPriorityMin, jobs::kPriorityMax));
    parser->add_option("--reference", flags->request.reference,
                       "Your own name for the job: sent again, it gives the same job");
    parser->add_flag("--fresh", flags->request.is_fresh,
                     "Build, even if the same has been built already");
    parser->add_flag("-w,--wait", flags->wait, "Show progress, and end as the build does");
    parser->add_flag("-v,--verbose", flags->verbose, "Show the log too while waiting");
    parser->add_option("--server", flags->server, "Address of the service");
    parser->add_flag("--json", flags->json, "Print the job as JSON instead of its id");
    return {parser, [flags](Console& console) { return submit(*flags, console); }};
}

}  // namespace img::cli
