#include "worker/worker.hpp"

#include "worker/reporter.hpp"
#include "worker/work_folder.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::worker {
namespace {

constexpr auto kTakeWait = std::chrono::milliseconds(200);  // how long the end of a worker takes
constexpr auto kTroublePause = std::chrono::seconds(1);
constexpr std::size_t kCancelledMax = 1000;

bool is_about(const jobs::CancelOrder& cancel, const std::string& id, unsigned attempt) {
    return cancel.id == id && (cancel.attempt == 0 || cancel.attempt == attempt);
}

}  // namespace

std::string new_worker_name(const std::string& prefix) {
    return prefix + jobs::new_job_id().substr(0, 16);
}

Worker::Worker(jobs::JobQueue& queue,
               Executor& executor,
               ArtifactStore& artifacts,
               WorkerOptions options)
    : queue_(queue), executor_(executor), artifacts_(artifacts), options_(std::move(options)) {
    for (const auto& stuck : remove_left_over(options_.work)) {
        note({Fault::broken, fmt::format("{}: left over from a build, remove it", stuck.native())});
    }
    cancels_ = queue_.on_cancel([this](const jobs::CancelOrder& order) { cancel(order); });
    for (unsigned i = 0; i < options_.slots; ++i) {
        slots_.emplace_back([this](const std::stop_token& stop) { work(stop); });
    }
}

Worker::~Worker() {
    for (auto& slot : slots_) {
        slot.request_stop();  // all at once, and only then wait for each
    }
}

void Worker::work(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        const auto order = queue_.take(kTakeWait);
        if (!order) {
            note(order.error());
            std::this_thread::sleep_for(kTroublePause);
        } else if (const auto& taken = *order; taken.has_value()) {
            build(*taken, stop);
        }
    }
}

void Worker::build(const jobs::BuildOrder& order, const std::stop_token& stop) {
    std::stop_source stopped;
    {
        const std::lock_guard lock(mutex_);
        const bool has_it = std::ranges::any_of(running_, [&](const Running& one) {
            return one.id == order.id && one.attempt == order.attempt;  // an order may come twice
        });
        if (has_it || is_cancelled(order)) {
            return;
        }
        running_.push_back({.id = order.id, .attempt = order.attempt, .stop = stopped});
    }
    const std::stop_callback pass_on(stop, [&] { stopped.request_stop(); });
    {
        Reporter reporter(queue_, order, {.worker = options_.name, .beat = options_.beat});
        const auto say = [&](const decltype(jobs::Report::what)& what) {
            reporter.finish(what, stop);
        };
        const auto fail_with = [&](engine::Stage stage, const Error& error) {
            say(jobs::Report::Failed{.stage = std::string(engine::to_text(stage)),
                                     .error = error.message});
        };
        const auto folder = WorkFolder::make(options_.work, order.id, order.attempt);
        if (!folder) {
            fail_with(engine::Stage::plan, folder.error());
        } else {
            const auto outcome = executor_.build(
                {.order = order, .folder = folder->path(), .lock = folder->lock()},
                [&](const engine::Event& event) { reporter.hear(event); }, stopped.get_token());
            if (const auto* finished = std::get_if<engine::Finished>(&outcome)) {
                const auto published = artifacts_.publish(order, finished->folder);
                if (published) {
                    say(jobs::Report::Done{finished->image});
                } else if (published.error().fault == Fault::invalid) {
                    note(published.error());  // somebody else's job by now: not ours to fail
                } else {
                    fail_with(engine::Stage::assemble, published.error());
                }
            } else if (const auto* failed = std::get_if<engine::Failed>(&outcome)) {
                fail_with(failed->stage, failed->error);
            } else if (!stop.stop_requested()) {
                say(jobs::Report::Stopped{});
            }
        }
    }
    const std::lock_guard lock(mutex_);
    std::erase_if(running_, [&](const Running& one) {
        return one.id == order.id && one.attempt == order.attempt;
    });
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

void Worker::note(const Error& error) const {
    if (options_.trouble) {
        options_.trouble(error);
    }
}

}  // namespace img::worker
