// imgd: the service. Puts the rooms together, and takes them apart in the right order.
#include "artifacts/artifacts.hpp"
#include "artifacts/s3_removal.hpp"
#include "base/result.hpp"
#include "broker/broker.hpp"
#include "daemon/daemon.hpp"
#include "engine/image_type.hpp"
#include "engine/standard_tokens.hpp"
#include "http/server.hpp"
#include "imgd/data_folder.hpp"
#include "imgd/settings.hpp"
#include "intake/intake.hpp"
#include "kickstarter/template_folder.hpp"
#include "store/store.hpp"
#include "web/s3_redirect.hpp"
#include "web/upload_api.hpp"
#include "web/web.hpp"
#include "worker/local_executor.hpp"
#include "worker/worker.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <memory>
#include <optional>
#include <spdlog/spdlog.h>

namespace {

using img::Result;
using img::Settings;

constexpr std::string_view kDefaultType = "raw";  // what the original's clients meant by none
constexpr std::chrono::milliseconds kBeat = std::chrono::seconds(10);

img::jobs::DispatcherOptions dispatcher_options(const Settings& settings,
                                                const std::string& live_worker,
                                                img::jobs::FrontDoor& door,
                                                img::jobs::ImagesElsewhere* elsewhere,
                                                img::Troubles& troubles) {
    return {.www_root = settings.www_root,
            .lease = settings.lease,
            .holder = settings.holder,
            .door = &door,
            .schedule = settings.schedule,
            .reuse = settings.reuse,
            .retention = {.limits = settings.keep, .elsewhere = elsewhere},
            .disk_floor = settings.disk_floor,
            .local_worker_prefix = settings.local_worker_prefix(),
            .live_worker = settings.has_worker ? live_worker : "",
            .trouble = std::ref(troubles)};
}

img::worker::WorkerOptions worker_options(const Settings& settings,
                                          const std::string& name,
                                          img::Troubles& troubles) {
    return {.name = name,
            .slots = settings.slots,
            .work = settings.data / "work",
            .beat = std::min<std::chrono::milliseconds>(kBeat, settings.lease / 3),
            .per_build = settings.per_build,
            .architectures = img::worker::own_architectures(),
            .trouble = std::ref(troubles)};
}

/// Those that make something to download: a folder is none.
std::vector<std::string> offered_types() {
    std::vector<std::string> types;
    for (const auto& type : img::engine::image_types()) {
        if (!type.in_place) {
            types.emplace_back(type.name);
        }
    }
    return types;
}

/// Nothing where no store of that kind is in use.
Result<std::optional<img::web::S3Images>> s3_images(const Settings& settings) {
    if (settings.s3.empty()) {
        return std::nullopt;
    }
    img::web::S3Images images;
    images.place = TRY(img::artifacts::s3_place_from(settings.s3));
    images.credentials = TRY(img::artifacts::read_s3_credentials(settings.s3_credentials));
    return images;
}

/// For retention; null where there are no such images.
std::unique_ptr<img::jobs::ImagesElsewhere> removable(
    const std::optional<img::web::S3Images>& images) {
    return images ? img::artifacts::images_in_s3({.place = images->place,
                                                  .credentials = images->credentials,
                                                  .tries = 3,  // and again with every sweep
                                                  .timeout = std::chrono::seconds(30),
                                                  .flag = "--s3"})
                  : nullptr;
}

std::vector<std::string> host_names(const Settings& settings) {
    std::vector<std::string> hosts = {"127.0.0.1", "localhost", "[::1]"};
    hosts.push_back(settings.server.address);
    hosts.insert(hosts.end(), settings.hosts.begin(), settings.hosts.end());
    return hosts;
}

Result<void> serve(const Settings& settings) {
    TRY(img::store::check_url(settings.store));
    TRY(img::broker::check_url(settings.broker));
    const auto images_in_s3 = TRY(s3_images(settings));
    if (settings.is_only_checked) {
        return {};
    }
    img::Troubles troubles;
    const auto lock = TRY(img::take_data_folder(settings));
    const auto store = TRY(img::store::open_job_store(settings.store));
    const auto queue = TRY(img::broker::open_job_queue(settings.broker));
    const auto door =
        TRY(img::broker::open_front_door(settings.broker, {.public_url = settings.public_url}));
    const auto name = img::worker::new_worker_name(settings.local_worker_prefix());
    const auto elsewhere = removable(images_in_s3);
    const auto types = offered_types();
    const img::kickstarter::TemplateFolder templates(settings.templates);
    for (const auto& fault : templates.list().faults) {
        spdlog::warn("event=template cause=\"{}\"", fault);
    }
    img::jobs::JobFeed feed;
    img::jobs::Dispatcher dispatcher(
        *store, *queue, feed, dispatcher_options(settings, name, *door, elsewhere.get(), troubles));
    const std::function tokens = img::engine::standard_tokens;
    const auto strangers = img::intake::serve(
        *door,
        {.rules = {.image_types = types,
                   .tokens = tokens,
                   .templates = &templates,
                   .default_type = std::string(kDefaultType)},
         .templates = settings.templates,
         .submit =
             [&](img::jobs::JobRequest request) { return dispatcher.submit(std::move(request)); },
         .store = *store,
         .trouble = std::ref(troubles)});
    img::worker::LocalExecutor executor(
        {.program = settings.builder, .environment = img::worker::passed_environment()});
    const auto artifacts = img::artifacts::file_artifacts(settings.www_root);
    std::optional<img::worker::Worker> worker;
    if (settings.has_worker) {
        worker.emplace(*queue, executor, *artifacts, worker_options(settings, name, troubles));
    }
    auto site = img::web::make_site({.dispatcher = dispatcher,
                                     .store = *store,
                                     .feed = feed,
                                     .image_types = types,
                                     .tokens = tokens,
                                     .templates = &templates,
                                     .s3_images = images_in_s3,
                                     .hosts = host_names(settings)});
    if (!settings.worker_tokens.empty()) {
        site = img::web::with_uploads(
            std::move(site),
            {.store = *store, .www_root = settings.www_root, .token_file = settings.worker_tokens});
    }
    auto options = settings.server;
    options.trouble = std::ref(troubles);
    auto server = TRY(img::http::Server::start(options, std::move(site)));
    const auto host = settings.server.address == "::1" ? "[::1]" : settings.server.address;
    spdlog::info("listening on http://{}:{}", host, server.port());
    spdlog::info("event=stopping signal={}", img::wait_for_stop());
    server
        .stop();  // no new jobs, then no builds; the rest goes in the order opposite to its making
    worker.reset();
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    return img::run<Settings>("imgd", img::read_settings(argc, argv), serve);
}
