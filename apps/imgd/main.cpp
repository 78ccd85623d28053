// imgd: the service. Puts the rooms together, and takes them apart in the right order.
#include "base/printable.hpp"
#include "base/result.hpp"
#include "broker/broker.hpp"
#include "engine/image_type.hpp"
#include "engine/standard_tokens.hpp"
#include "http/server.hpp"
#include "store/store.hpp"
#include "system/file_lock.hpp"
#include "web/web.hpp"
#include "worker/local_executor.hpp"
#include "worker/worker.hpp"

#include <CLI/CLI.hpp>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <optional>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace {

namespace fs = std::filesystem;
using img::Error;
using img::Fault;
using img::Result;

struct Settings {
    std::string listen = "127.0.0.1:8080";
    fs::path data;
    std::string store, artifacts, broker = "memory:";
    bool no_worker = false, check_config = false;
    unsigned slots = 1;
};

// DESIGN section 5: 1 the request is wrong, 3 not found, 4 try again later, 5 out of room, 6
// broken.
int exit_code(Fault fault) {
    constexpr std::array kCodes{1, 3, 4, 5, 6};
    return kCodes.at(static_cast<std::size_t>(fault));
}

fs::path default_data() {
    const char* const home = std::getenv("HOME");
    const char* const xdg = std::getenv("XDG_DATA_HOME");
    if (::geteuid() == 0 || (xdg == nullptr && home == nullptr)) {
        return "/var/lib/img";
    }
    return (xdg != nullptr ? fs::path(xdg) : fs::path(home) / ".local/share") / "img";
}

Result<img::http::ServerOptions> server_options(const std::string& listen) {
    img::http::ServerOptions options;
    const auto colon = listen.rfind(':');
    auto host = listen.substr(0, colon);
    const auto port = colon == std::string::npos ? std::string_view()
                                                 : std::string_view(listen).substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), options.port);
    if (error != std::errc{} || end != port.data() + port.size()) {
        return img::fail(Fault::invalid,
                         fmt::format("--listen {}: not HOST:PORT, as in 127.0.0.1:8080",
                                     img::printable(listen)));
    }
    host = host == "localhost" ? "127.0.0.1" : host == "[::1]" ? "::1" : host;
    if (host != "::1" &&
        (!host.starts_with("127.") || host.find_first_not_of("0123456789.") != std::string::npos)) {
        return img::fail(Fault::invalid,
                         fmt::format("--listen {}: only loopback addresses until accounts "
                                     "exist, as in 127.0.0.1:8080",
                                     img::printable(listen)));
    }
    options.address = host;
    return options;
}

Result<fs::path> artifacts_folder(const std::string& url) {
    if (!url.starts_with("file:") || url.size() == 5) {
        return img::fail(Fault::invalid, fmt::format("--artifacts {}: only file:FOLDER is known",
                                                     img::printable(url)));
    }
    return fs::absolute(url.substr(5));
}

Result<void> serve(const Settings& settings) {
    const auto options = TRY(server_options(settings.listen));
    const auto www_root = TRY(artifacts_folder(settings.artifacts));
    std::error_code error;
    fs::create_directories(settings.data, error);
    fs::create_directories(www_root, error);
    if (error) {
        return img::fail(Fault::invalid, fmt::format("{}: {}", www_root.string(), error.message()));
    }
    const auto lock = img::system::FileLock::try_take(settings.data / "imgd.lock");
    if (!lock) {
        return img::fail(
            lock.error().fault,
            lock.error().fault == Fault::transient
                ? fmt::format("another imgd works in {}; stop it, or give this one --data",
                              settings.data.string())
                : lock.error().message);
    }
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
                                      .live_worker = settings.no_worker ? "" : name,
                                      .trouble = trouble});
    img::worker::LocalExecutor executor(
        {.program = fs::read_symlink("/proc/self/exe").parent_path() / "img",
         .environment = img::worker::passed_environment()});
    const auto artifacts = img::worker::file_artifacts(www_root);
    std::optional<img::worker::Worker> worker;
    if (!settings.no_worker) {
        worker.emplace(*queue, executor, *artifacts,
                       img::worker::WorkerOptions{.name = name,
                                                  .slots = settings.slots,
                                                  .work = settings.data / "work",
                                                  .trouble = trouble});
    }
    std::vector<std::string> types;
    for (const auto& type : img::engine::image_types()) {
        types.emplace_back(type.name);
    }
    auto server = TRY(img::http::Server::start(
        options, img::web::make_site({.dispatcher = dispatcher,
                                      .store = *store,
                                      .feed = feed,
                                      .image_types = std::move(types),
                                      .tokens = img::engine::standard_tokens})));
    const auto host = options.address == "::1" ? "[::1]" : options.address;
    spdlog::info("listening on http://{}:{}", host, server.port());
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
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
    Settings settings;
    settings.data = default_data();
    CLI::App app("imgd: takes kickstarts, has images built, and shows how it goes");
    app.add_option("--listen", settings.listen, "HOST:PORT, a loopback address")
        ->capture_default_str();
    app.add_option("--data", settings.data, "folder of the database and the images")
        ->capture_default_str();
    app.add_option("--store", settings.store, "where jobs are kept (sqlite:<data>/imgd.sqlite)");
    app.add_option("--broker", settings.broker, "how orders reach workers")->capture_default_str();
    app.add_option("--artifacts", settings.artifacts, "where images go (file:<data>/www-root)");
    app.add_option("--slots", settings.slots, "builds at a time")->check(CLI::Range(1, 64));
    app.add_flag("--no-worker", settings.no_worker, "build nothing here");
    app.add_flag("--check-config", settings.check_config,
                 "say whether the settings are good, and stop");
    app.set_config("--config", "", "file with lines of the form listen = \"127.0.0.1:8080\"");
    app.allow_config_extras(CLI::config_extras_mode::error);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    settings.data = fs::absolute(settings.data);
    settings.store = settings.store.empty() ? "sqlite:" + (settings.data / "imgd.sqlite").string()
                                            : settings.store;
    settings.artifacts = settings.artifacts.empty()
                             ? "file:" + (settings.data / "www-root").string()
                             : settings.artifacts;
    spdlog::set_default_logger(spdlog::stderr_logger_mt("imgd"));
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    // Before any thread is there, so that all of them leave these to sigwait().
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    const auto options = server_options(settings.listen);
    const auto served = settings.check_config && options ? Result<void>() : serve(settings);
    if (!served) {
        (void)std::fprintf(stderr, "imgd: %s\n", served.error().message.c_str());
        return exit_code(served.error().fault);
    }
    return 0;
}
