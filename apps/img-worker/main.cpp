// img-worker: builds what imgd hands out, on any machine that reaches the broker.
#include "artifacts/artifacts.hpp"
#include "base/result.hpp"
#include "broker/broker.hpp"
#include "daemon/daemon.hpp"
#include "img-worker/settings.hpp"
#include "worker/local_executor.hpp"
#include "worker/worker.hpp"

#include <chrono>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <spdlog/spdlog.h>
#include <string>

namespace {

using Clock = std::chrono::steady_clock;
using img::Fault;
using img::Result;
using img::WorkerSettings;

constexpr auto kBrokerPause = std::chrono::seconds(2);
constexpr auto kLook = std::chrono::milliseconds(100);

/// Nothing where it was told to stop before the broker was there.
Result<std::unique_ptr<img::jobs::JobQueue>> open_queue(const std::string& url,
                                                        img::Troubles& troubles) {
    for (;;) {
        auto queue = img::broker::open_job_queue(url);
        if (queue || queue.error().fault != Fault::transient) {
            return queue;
        }
        troubles(queue.error());
        if (img::is_stopped_within(kBrokerPause)) {
            return nullptr;
        }
    }
}

img::worker::WorkerOptions options_of(const WorkerSettings& settings, img::Troubles& troubles) {
    return {.name = img::worker::new_worker_name(settings.name_prefix),
            .slots = settings.slots,
            .work = settings.work,
            .per_build = settings.per_build,
            .architectures = img::worker::own_architectures(),
            .image_types = settings.types,
            .version = IMG_VERSION,
            .trouble = std::ref(troubles),
            .tell = [](const img::jobs::BuildOrder& order, std::string_view what) {
                spdlog::info("event={} job={} attempt={}", what, order.id, order.attempt);
            }};
}

/// Until all that was begun is over, the time is up, or somebody is in a hurry.
void drain(img::worker::Worker& worker, std::chrono::seconds patience) {
    spdlog::info("event=leaving patience={}s", patience.count());
    worker.leave();
    const auto deadline = Clock::now() + patience;
    while (!worker.is_idle() && Clock::now() < deadline) {
        if (img::is_stopped_within(kLook)) {
            spdlog::info("event=hurry");
            return;
        }
    }
}

Result<void> serve(const WorkerSettings& settings) {
    TRY(img::broker::check_url(settings.broker));
    const auto artifacts =
        TRY(img::artifacts::open_artifact_store(settings.artifacts, settings.secrets));
    if (settings.is_only_checked) {
        return {};
    }
    img::Troubles troubles;
    const auto queue = TRY(open_queue(settings.broker, troubles));
    if (!queue) {
        return {};
    }
    img::worker::LocalExecutor executor(
        {.program = settings.builder, .environment = img::worker::passed_environment()});
    const auto options = options_of(settings, troubles);
    std::optional<img::worker::Worker> worker(std::in_place, *queue, executor, *artifacts, options);
    spdlog::info("event=started worker={} slots={} work={}", options.name, options.slots,
                 options.work.native());
    img::wait_for_stop();
    drain(*worker, settings.drain_timeout);
    worker.reset();
    spdlog::info("event=stopped worker={}", options.name);
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    return img::run<WorkerSettings>("img-worker", img::read_worker_settings(argc, argv), serve);
}
