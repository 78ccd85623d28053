#include "worker/worker.hpp"

#include "system/kill_point.hpp"
#include "worker/machine_room.hpp"
#include "worker/work_folder.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace img::worker {
namespace {

using jobs::Report;

constexpr auto kTakeWait = std::chrono::milliseconds(200);  // how long the end of a worker takes
constexpr auto kTroublePause = std::chrono::seconds(1);
// The service gives an order to another worker that was not begun for so long (jobs/dispatcher).
constexpr auto kStartPatience = std::chrono::seconds(30);
constexpr auto kRoomPause = std::chrono::seconds(1);
constexpr auto kPublishPauseFirst = std::chrono::milliseconds(500);
constexpr auto kPublishPauseLongest = std::chrono::milliseconds(10'000);
constexpr std::size_t kCancelledMax = 1000;

bool is_about(const jobs::CancelOrder& cancel, const std::string& id, unsigned attempt) {
    return cancel.id == id && (cancel.attempt == 0 || cancel.attempt == attempt);
}

void sleep_until_stopped(std::chrono::milliseconds time, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any bell;
    std::unique_lock lock(mutex);
    bell.wait_for(lock, stop, time, [] { return false; });
}

Report::Failed failed_in(engine::Stage stage, const Error& error) {
    return {.stage = std::string(engine::to_text(stage)), .error = error.message};
}

std::string_view name_of(const Reporter::What& end) {
    return std::holds_alternative<Report::Done>(end)     ? "done"
           : std::holds_alternative<Report::Failed>(end) ? "failed"
                                                         : "stopped";
}

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

Reservations::Measure measure_of(const WorkerOptions& options) {
    return options.measure ? options.measure : [work = options.work] { return measure_room(work); };
}

}  // namespace

std::string new_worker_name(const std::string& prefix) {
    return prefix + jobs::new_job_id().substr(0, 16);
}

std::vector<std::string> own_architectures() {
    struct Name {
        std::string_view kernel, debian;
    };
    constexpr std::array<Name, 6> kNames{{{"x86_64", "amd64"},
                                          {"aarch64", "arm64"},
                                          {"armv7l", "armhf"},
                                          {"i686", "i386"},
                                          {"ppc64le", "ppc64el"},
                                          {"riscv64", "riscv64"}}};
    utsname machine{};
    ::uname(&machine);
    const std::string_view kernel = machine.machine;
    const auto* const known = std::ranges::find(kNames, kernel, &Name::kernel);
    return {std::string(known != kNames.end() ? known->debian : kernel)};
}

Worker::Worker(jobs::JobQueue& queue,
               Executor& executor,
               artifacts::ArtifactStore& artifacts,
               WorkerOptions options)
    : queue_(queue),
      executor_(executor),
      artifacts_(artifacts),
      options_(std::move(options)),
      reservations_(options_.per_build, measure_of(options_)) {
    std::error_code ignored;  // a build that cannot make its folder says why
    std::filesystem::create_directories(options_.work, ignored);
    for (const auto& stuck : remove_left_over(options_.work)) {
        note({Fault::broken, fmt::format("{}: left over from a build, remove it", stuck.native())});
    }
    presences_.emplace(queue_, [this] { return presence(); }, options_.beat);
    cancels_ = queue_.on_cancel([this](const jobs::CancelOrder& order) { cancel(order); });
    for (unsigned i = 0; i < options_.slots; ++i) {
        slots_.emplace_back([this](const std::stop_token& stop) { work(stop); });
    }
}

Worker::~Worker() {
    leave();  // or what is handed back might be given to us again
    for (auto& slot : slots_) {
        slot.request_stop();  // all at once, and only then wait for each
    }
}

void Worker::leave() {
    const std::lock_guard lock(mutex_);
    is_leaving_ = true;
    presences_->ring();
}

bool Worker::is_idle() const {
    const std::lock_guard lock(mutex_);
    return running_.empty();
}

void Worker::work(const std::stop_token& stop) {
    const auto is_taking = [&] {
        const std::lock_guard lock(mutex_);
        return !is_leaving_ && !stop.stop_requested();
    };
    while (is_taking()) {
        const auto order = queue_.take(options_.name, kTakeWait);
        if (!order) {
            note(order.error());
            sleep_until_stopped(kTroublePause, stop);
        } else if (const auto& taken = *order; taken.has_value()) {
            take(*taken, stop);
        }
    }
}

void Worker::take(const jobs::BuildOrder& order, const std::stop_token& stop) {
    system::kill_point("take.taken");
    std::stop_source stopped;
    if (!enter(order, stopped)) {
        keep(order);
        return;
    }
    const std::stop_callback pass_on(stop, [&] { stopped.request_stop(); });
    Reporter reporter(queue_, order, {.worker = options_.name, .beat = options_.beat});
    if (reporter.start(kStartPatience, stopped.get_token())) {
        system::kill_point("take.started");
        keep(order);
        system::kill_point("take.kept");
        tell(order, "taken");
        const auto end = build(order, reporter, stopped.get_token());
        // Also when we leave: the service need not wait for the end of the lease.
        reporter.finish(end, stop);
        system::kill_point("finish.sent");
        tell(order, name_of(end));
    }
    leave(order);
}

/// False: it has been here before, or is not wanted any more.
bool Worker::enter(const jobs::BuildOrder& order, const std::stop_source& stopped) {
    const std::lock_guard lock(mutex_);
    const bool has_it = std::ranges::any_of(running_, [&](const Running& one) {
        return one.id == order.id && one.attempt == order.attempt;  // an order may come twice
    });
    if (has_it || is_cancelled(order)) {
        return false;
    }
    running_.push_back({.id = order.id, .attempt = order.attempt, .stop = stopped});
    presences_->ring();
    return true;
}

void Worker::leave(const jobs::BuildOrder& order) {
    const std::lock_guard lock(mutex_);
    std::erase_if(running_, [&](const Running& one) {
        return one.id == order.id && one.attempt == order.attempt;
    });
    presences_->ring();
}

/// Where the queue went away in between, the order comes again and is known by then.
void Worker::keep(const jobs::BuildOrder& order) const {
    if (const auto kept = queue_.keep(order); !kept) {
        note(kept.error());
    }
}

/// Its last word.
Reporter::What Worker::build(const jobs::BuildOrder& order,
                             Reporter& reporter,
                             const std::stop_token& stop) {
    const auto room = wait_for_room(reporter, stop);
    if (!room) {
        return Report::Stopped{};
    }
    const auto folder = WorkFolder::make(options_.work, order.id, order.attempt);
    if (!folder) {
        return failed_in(engine::Stage::plan, folder.error());
    }
    const auto outcome = executor_.build(
        {.order = order, .folder = folder->path(), .lock = folder->lock()},
        [&](const engine::Event& event) {
            system::kill_point("build.begun");
            reporter.hear(event);
        },
        stop);
    if (const auto* finished = std::get_if<engine::Finished>(&outcome)) {
        return publish(order, *finished, reporter, stop);
    }
    if (const auto* failed = std::get_if<engine::Failed>(&outcome)) {
        return failed_in(failed->stage, failed->error);
    }
    return Report::Stopped{};
}

/// Somebody else may have filled the disk since we said that there is room.
Result<Reservations::Held> Worker::wait_for_room(Reporter& reporter, const std::stop_token& stop) {
    const auto deadline = std::chrono::steady_clock::now() + options_.room_wait;
    for (bool is_said = false;; is_said = true) {
        auto room = reservations_.reserve();
        if (room) {
            return room;
        }
        if (stop.stop_requested() || std::chrono::steady_clock::now() >= deadline) {
            reporter.hear(engine::Logged{"handed back, " + room.error().message});
            return room;
        }
        if (!is_said) {
            reporter.hear(engine::Logged{"waiting for room, " + room.error().message});
            note(room.error());
        }
        sleep_until_stopped(std::min<std::chrono::milliseconds>(kRoomPause, options_.room_wait),
                            stop);
    }
}

Reporter::What Worker::publish(const jobs::BuildOrder& order,
                               const engine::Finished& finished,
                               Reporter& reporter,
                               const std::stop_token& stop) {
    auto published = publish_patiently(order, finished, reporter, stop);
    if (published) {
        return Report::Done{.image = finished.image,
                            .size = published->size,
                            .place = std::move(published->place),
                            .manifest = std::move(published->manifest)};
    }
    if (stop.stop_requested()) {
        return Report::Stopped{};
    }
    if (published.error().fault == Fault::invalid) {
        // Somebody else's job by now, and not ours to fail; where it is ours, it is given again.
        note(published.error());
        reporter.hear(engine::Logged{"not published: " + published.error().message});
        return Report::Stopped{};
    }
    return failed_in(engine::Stage::assemble, published.error());
}

/// A store that is away for a while costs the build nothing but time.
Result<artifacts::Published> Worker::publish_patiently(const jobs::BuildOrder& order,
                                                       const engine::Finished& finished,
                                                       Reporter& reporter,
                                                       const std::stop_token& stop) {
    const auto meter = [&](std::uint64_t done, std::uint64_t total) {
        reporter.hear(engine::Progressed{.stage = engine::Stage::assemble,
                                         .done = done,
                                         .total = total,
                                         .unit = "bytes",
                                         .text = "publishing the image"});
    };
    const auto deadline = std::chrono::steady_clock::now() + options_.publish_patience;
    for (auto pause = kPublishPauseFirst;; pause = std::min(2 * pause, kPublishPauseLongest)) {
        auto published = artifacts_.publish(order, finished.folder, {.stop = stop, .meter = meter});
        if (published || published.error().fault != Fault::transient || stop.stop_requested() ||
            std::chrono::steady_clock::now() + pause > deadline) {
            return published;
        }
        note(published.error());
        reporter.hear(engine::Logged{"publishing is tried again: " + published.error().message});
        sleep_until_stopped(pause, stop);
    }
}

void Worker::cancel(const jobs::CancelOrder& order) {
    if (!order.worker.empty() && order.worker != options_.name) {
        return;
    }
    const std::lock_guard lock(mutex_);
    cancelled_.push_back(order);
    if (cancelled_.size() > kCancelledMax) {
        cancelled_.pop_front();
    }
    for (auto& one : running_) {
        if (is_about(order, one.id, one.attempt)) {
            one.stop.request_stop();
        }
    }
}

/// Under the lock.
bool Worker::is_cancelled(const jobs::BuildOrder& order) const {
    return std::ranges::any_of(cancelled_, [&](const jobs::CancelOrder& cancel) {
        return is_about(cancel, order.id, order.attempt);
    });
}

jobs::Presence Worker::presence() const {
    jobs::Presence presence{.worker = options_.name,
                            .host = host_name(),
                            .version = options_.version,
                            .slots = options_.slots,
                            .architectures = options_.architectures,
                            .image_types = options_.image_types};
    unsigned free = 0;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& one : running_) {
            presence.building.push_back(fmt::format("{}.{}", one.id, one.attempt));
        }
        const auto busy = static_cast<unsigned>(running_.size());
        free = is_leaving_ ? 0 : options_.slots - std::min(options_.slots, busy);
        presence.is_leaving = is_leaving_;
    }
    const auto outlook = reservations_.look(free);
    presence.free = outlook.builds;
    presence.shortage = outlook.shortage;
    return presence;
}

void Worker::note(const Error& error) const {
    if (options_.trouble) {
        options_.trouble(error);
    }
}

void Worker::tell(const jobs::BuildOrder& order, std::string_view what) const {
    if (options_.tell) {
        options_.tell(order, what);
    }
}

}  // namespace img::worker
