// `img download`: a finished job's files, each checked by its SHA-256.
#include "base/digest.hpp"
#include "base/exit_code.hpp"
#include "base/printable.hpp"
#include "base/text.hpp"
#include "cli/progress_view.hpp"
#include "cli/service_client.hpp"
#include "cli/verb.hpp"
#include "system/replaceable.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

namespace img::cli {
namespace {

namespace fs = std::filesystem;

struct DownloadFlags {
    std::string id, server;
    std::string folder = ".";
    std::vector<std::string> only;
    bool json = false;
};

/// A name comes from the service, and must stay inside the folder all the same.
bool is_plain_name(const std::string& name) {
    return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
           name.find('\0') == std::string::npos;
}

Result<std::vector<api::Artifact>> chosen(const DownloadFlags& flags, ServiceClient& service) {
    auto all = TRY(service.artifacts(flags.id));
    for (const auto& artifact : all) {
        if (!is_plain_name(artifact.name)) {
            return fail(Fault::broken, fmt::format("the service offers a file named '{}'",
                                                   printable(artifact.name)));
        }
    }
    std::vector<std::string> names;
    std::ranges::transform(all, std::back_inserter(names), &api::Artifact::name);
    for (const auto& wanted : flags.only) {
        if (std::ranges::find(names, wanted) == names.end()) {
            return fail(Fault::missing, fmt::format("job {} has no file '{}'; it has {}", flags.id,
                                                    printable(wanted), join(names, ", ")));
        }
    }
    if (all.empty()) {
        return fail(Fault::missing, fmt::format("job {} has no files; `img status {}` says why",
                                                flags.id, flags.id));
    }
    std::erase_if(all, [&](const api::Artifact& artifact) {
        return !flags.only.empty() &&
               std::ranges::find(flags.only, artifact.name) == flags.only.end();
    });
    return all;
}

/// Without an image there is something to fetch all the same: what was asked for, and its log.
Result<void> check_state(const DownloadFlags& flags, ServiceClient& service) {
    const auto job = TRY(service.find(flags.id));
    const auto rest = fmt::format("; its other files are had by name: --only {0}.ks --only {0}.log",
                                  printable(job.name));
    switch (job.state) {
        case jobs::JobState::done: break;
        case jobs::JobState::queued:
        case jobs::JobState::building:
            return fail(
                Fault::transient,
                fmt::format("job {0} is {1} and has no image yet; `img status {0}` says how "
                            "far it is{2}",
                            flags.id, jobs::to_text(job.state), rest));
        case jobs::JobState::error:
            return fail(Fault::broken,
                        fmt::format("job {0} failed and has no image; `img status {0}` says why{1}",
                                    flags.id, rest));
        case jobs::JobState::cancelled:
            return fail(Fault::broken,
                        fmt::format("job {} was cancelled and has no image{}", flags.id, rest));
    }
    if (job.removed) {
        return fail(Fault::missing,
                    fmt::format("the image of job {} was removed on {} to make room; submit it "
                                "again{}",
                                flags.id, api::to_text(*job.removed).substr(0, 10), rest));
    }
    return {};
}

Result<void> check_sum(const fs::path& file, const std::string& wanted) {
    if (wanted.empty()) {
        return {};
    }
    if (const auto sum = TRY(sha256_file(file)); sum != wanted) {
        return fail(Fault::broken,
                    fmt::format("'{}' was damaged on its way: its SHA-256 is {} and should be {};"
                                " remove it and download it again",
                                file.string(), sum, wanted));
    }
    return {};
}

Result<int> download(const DownloadFlags& flags, Console& console) {
    TRY(check_id(flags.id));
    auto service = connect(flags.server, console);
    if (flags.only.empty()) {
        TRY(check_state(flags, service));
    }
    const auto artifacts = TRY(chosen(flags, service));
    std::error_code error;
    fs::create_directories(flags.folder, error);
    if (error) {
        return fail(Fault::invalid, fmt::format("'{}': {}", flags.folder, error.message()));
    }
    const auto stop = console.interrupts();
    auto report = nlohmann::json::array();
    for (const auto& artifact : artifacts) {
        const auto file = fs::path(flags.folder) / artifact.name;
        TRY(system::check_replaceable(file));
        ProgressView view(console, false);
        const auto meter = [&](std::uint64_t done, std::uint64_t total) {
            view.show({.stage = "download",
                       .done = done,
                       .total = std::max(total, artifact.size),
                       .unit = "bytes",
                       .text = artifact.name});
            return !stop.stop_requested();
        };
        const auto fetched = service.download(flags.id, artifact.name, file, meter);
        view.close();
        if (stop.stop_requested()) {
            console.err << "img: interrupted; the same command goes on where it stopped\n";
            return kInterrupted;
        }
        TRY(Result<void>(fetched));
        TRY(check_sum(file, artifact.sha256));
        report.push_back({{"file", file.string()}, {"size", artifact.size}});
        if (!flags.json) {
            console.out << file.string() << '\n' << std::flush;
        }
    }
    if (flags.json) {
        console.out << report.dump() << '\n';
    }
    return kDone;
}

}  // namespace

Verb download_verb(CLI::App& img) {
    const auto flags = std::make_shared<DownloadFlags>();
    auto* parser = img.add_subcommand("download", "Fetch the files of a finished job");
    parser->add_option("ID", flags->id, "The job, as `img submit` printed it")->required();
    parser->add_option("-o,--output", flags->folder, "Folder to put them into (.)");
    parser->add_option("--only", flags->only, "Only this file; may be given several times")
        ->take_all()
        ->expected(1);
    parser->add_option("--server", flags->server, "Address of the service");
    parser->add_flag("--json", flags->json, "Print the list of files as JSON");
    return {parser, [flags](Console& console) { return download(*flags, console); }};
}

}  // namespace img::cli
