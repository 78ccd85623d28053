// img-worker: builds what imgd hands out, on any machine that reaches the broker.
#include "artifacts/artifacts.hpp"
#include "base/result.hpp"
#include "broker/broker.hpp"
#include "img-worker/settings.hpp"
#include "worker/local_executor.hpp"
#include "worker/worker.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <fmt/format.h>
#include <memory>
#include <mutex>
#include <optional>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <string>

namespace {

using Clock = std::chrono::steady_clock;
using img::Error;
using img::Fault;
using img::Result;
using img::WorkerSettings;

constexpr auto kBrokerPause = std::chrono::seconds(2);
constexpr auto kSameTrouble = std::chrono::seconds(30);  // said once in this time
constexpr auto kLook = std::chrono::milliseconds(100);

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

/// Whether one of the signals came within that time.
bool is_stopped_within(std::chrono::milliseconds time) {
    const auto signals = stop_signals();
    const timespec wait{.tv_sec = time.count() / 1000,
                        .tv_nsec = (time.count() % 1000) * 1'000'000};
    return sigtimedwait(&signals, nullptr, &wait) > 0;
}

/// Logs what goes wrong; while a broker is away that is the same again and again.
class Troubles {
public:
    void operator()(const Error& error) {
        const std::lock_guard lock(mutex_);
        const auto now = Clock::now();
        if (error.message != last_ || now - said_ >= kSameTrouble) {
            spdlog::warn("event=trouble cause=\"{}\"", error.message);
            last_ = error.message;
            said_ = now;
        }
    }

private:
    std::mutex mutex_;
    std::string last_;
    Clock::time_point said_;
};

/// Nothing where it was told to stop before the broker was there.
Result<std::unique_ptr<img::jobs::JobQueue>> open_queue(const std::string& url,
                                                        Troubles& troubles) {
    for (;;) {
        auto queue = img::broker::open_job_queue(url);
        if (queue || queue.error().fault != Fault::transient) {
            return queue;
        }
        troubles(queue.error());
        if (is_stopped_within(kBrokerPause)) {
            return nullptr;
        }
    }
}

img::worker::WorkerOptions options_of(const WorkerSettings& settings, Troubles& troubles) {
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
        if (is_stopped_within(kLook)) {
            spdlog::info("event=hurry");
            return;
        }
    }
}

Result<void> serve(const WorkerSettings& settings) {
    const auto artifacts =
        TRY(img::artifacts::open_artifact_store(settings.artifacts, settings.secrets));
    if (settings.is_only_checked) {
        return {};
    }
    Troubles troubles;
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
    const auto ends = stop_signals();
    int signal = 0;
    sigwait(&ends, &signal);
    drain(*worker, settings.drain_timeout);
    worker.reset();
    spdlog::info("event=stopped worker={}", options.name);
    return {};
}

}  // namespace

int main(int argc, char** argv) {
    const auto settings = img::read_worker_settings(argc, argv);
    if (settings && std::holds_alternative<int>(*settings)) {
        return std::get<int>(*settings);
    }
    spdlog::set_default_logger(spdlog::stderr_logger_mt("img-worker"));
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    // Before any thread is there, so that all of them leave these to sigwait().
    const auto ends = stop_signals();
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    const auto served = settings ? serve(std::get<WorkerSettings>(*settings))
                                 : Result<void>(std::unexpected(settings.error()));
    if (!served) {
        (void)std::fprintf(stderr, "img-worker: %s\n", served.error().message.c_str());
        return exit_code(served.error().fault);
    }
    return 0;
}
