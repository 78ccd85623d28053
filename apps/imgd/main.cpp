// imgd: the service. Puts the rooms together, and takes them apart in the right order.
#include "base/result.hpp"
#include "broker/broker.hpp"
#include "engine/image_type.hpp"
#include "engine/standard_tokens.hpp"
#include "http/server.hpp"
#include "imgd/data_folder.hpp"
#include "imgd/settings.hpp"
#include "kickstarter/template_folder.hpp"
#include "store/store.hpp"
#include "web/web.hpp"
#include "worker/local_executor.hpp"
#include "worker/worker.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <fmt/format.h>
#include <optional>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace {

namespace fs = std::filesystem;
using img::Error;
using img::Fault;
using img::Result;
using img::Settings;

// DESIGN section 5: 1 the request is wrong, 3 not found, 4 try again later, 5 out of room, 6
// broken.
int exit_code(Fault fault) {
    constexpr std::array kCodes{1, 3, 4, 5, 6};
    return kCodes.at(static_cast<std::size_t>(fault));
}

sigset_t stop_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    return signals;
}

Result<void> serve(const Settings& settings) {
    if (settings.is_only_checked) {
        return {};
    }
    const auto& www_root = settings.www_root;
    const auto lock = TRY(img::take_data_folder(settings));
    const auto trouble = [](const Error& failure) {
        spdlog::warn("event=trouble cause=\"{}\"", failure.message);
    };
    const auto store = TRY(img::store::open_job_store(settings.store));
    const auto queue = TRY(img::broker::open_job_queue(settings.broker));
    img::jobs::JobFeed feed;
    const auto name = img::worker::new_worker_name("local-");
    img::jobs::Dispatcher dispatcher(*store, *queue, feed,
                                     {.www_root = www_root,
                                      .local_worker_prefix = "local-",
                                      .live_worker = settings.has_worker ? name : "",
                                      .trouble = trouble});
    img::worker::LocalExecutor executor(
        {.program = fs::read_symlink("/proc/self/exe").parent_path() / "img",
         .environment = img::worker::passed_environment()});
    const auto artifacts = img::worker::file_artifacts(www_root);
    std::optional<img::worker::Worker> worker;
    if (settings.has_worker) {
        worker.emplace(*queue, executor, *artifacts,
                       img::worker::WorkerOptions{.name = name,
                                                  .slots = settings.slots,
                                                  .work = settings.data / "work",
                                                  .trouble = trouble});
    }
    std::vector<std::string> types;
    for (const auto& type : img::engine::image_types()) {
        if (!type.in_place) {  // a folder is nothing to download
            types.emplace_back(type.name);
        }
    }
    const img::kickstarter::TemplateFolder templates(settings.templates);
    for (const auto& fault : templates.list().faults) {
        spdlog::warn("event=template cause=\"{}\"", fault);
    }
    auto server = TRY(img::http::Server::start(
        settings.server, img::web::make_site({.dispatcher = dispatcher,
                                              .store = *store,
                                              .feed = feed,
                                              .image_types = std::move(types),
                                              .tokens = img::engine::standard_tokens,
                                              .templates = &templates})));
    const auto host = settings.server.address == "::1" ? "[::1]" : settings.server.address;
    spdlog::info("listening on http://{}:{}", host, server.port());
    const auto ends = stop_signals();
    int signal = 0;
    sigwait(&ends, &signal);
    spdlog::info("event=stopping signal={}", signal);
    server
        .stop();  // no new jobs, then no builds; the rest goes in the order opposite to its making
    worker.reset();
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    const auto settings = img::read_settings(argc, argv);
    if (settings && std::holds_alternative<int>(*settings)) {
        return std::get<int>(*settings);
    }
    spdlog::set_default_logger(spdlog::stderr_logger_mt("imgd"));
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    // Before any thread is there, so that all of them leave these to sigwait().
    const auto ends = stop_signals();
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    const auto served = settings ? serve(std::get<Settings>(*settings))
                                 : Result<void>(std::unexpected(settings.error()));
    if (!served) {
        (void)std::fprintf(stderr, "imgd: %s\n", served.error().message.c_str());
        return exit_code(served.error().fault);
    }
    return 0;
}
