#include "engine/engine.hpp"

#include "engine/builder.hpp"
#include "engine/partial_folder.hpp"
#include "engine/planner.hpp"
#include "system/files.hpp"
#include "system/replaceable.hpp"
#include "system/sandbox.hpp"
#include "system/steady.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <ctime>
#include <fmt/format.h>
#include <fstream>
#include <optional>
#include <poll.h>
#include <unistd.h>
#include <vector>

namespace img::engine {
namespace {

namespace fs = std::filesystem;
using system::Fd;
using system::Sandbox;

constexpr std::uint64_t kMemoryFloor = 3ULL << 30;  // a tree of 400 MB and its file systems

/// Free memory in bytes, as the kernel estimates what can be had without swapping.
std::uint64_t available_memory() {
    std::ifstream in("/proc/meminfo");
    std::string key;
    std::uint64_t kib = 0;
    for (std::string rest; in >> key >> kib; std::getline(in, rest)) {
        if (key == "MemAvailable:") {
            return kib * 1024;
        }
    }
    return 0;
}

/// Both sides of the builder's channel: a line of JSON an event.
class EventReader {
public:
    /// Passes on what has come. Returns false at the end.
    bool read(const Fd& fd, const EventSink& events, std::optional<Event>& last) {
        std::array<char, 64 * 1024> buffer;
        const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
        if (got <= 0) {
            return got < 0 && errno == EINTR;
        }
        pending_.append(buffer.data(), static_cast<std::size_t>(got));
        std::size_t start = 0;
        for (auto end = pending_.find('\n'); end != std::string::npos;
             end = pending_.find('\n', start)) {
            auto event = event_from_json(std::string_view(pending_).substr(start, end - start));
            start = end + 1;
            if (!event) {
                continue;  // only our own builder writes here
            }
            if (std::holds_alternative<Finished>(*event) ||
                std::holds_alternative<Failed>(*event)) {
                last = std::move(*event);
            } else {
                events(*event);
            }
        }
        pending_.erase(0, start);
        return true;
    }

private:
    std::string pending_;
};

void write_line(const Fd& channel, const Event& event) {
    const std::string line = to_json(event) + "\n";
    std::string_view left = line;
    while (!left.empty()) {
        const ssize_t put = ::write(channel.get(), left.data(), left.size());
        if (put < 0) {
            return;  // our parent is gone, and so are we
        }
        left.remove_prefix(static_cast<std::size_t>(put));
    }
}

/// What of the machine a build sees.
std::vector<system::Shared> shared_with(const Plan& plan,
                                        const BuildRequest& request,
                                        const PartialFolder& partial) {
    std::vector<system::Shared> shared{{request.cache, "/cache", true},
                                       {partial.out(), "/out", true}};
    for (const auto& repository : plan.repositories) {
        for (const std::string_view scheme : {"file://", "file:", "copy://", "copy:"}) {
            if (repository.url.starts_with(scheme)) {
                const fs::path folder = repository.url.substr(scheme.size());
                shared.push_back({folder, folder});
                break;
            }
        }
        if (!repository.keyring.empty() && !repository.keyring.contains("://")) {
            shared.push_back({repository.keyring, repository.keyring});
        }
    }
    return shared;
}

bool builds_in_memory(const BuildRequest& request) {
    return request.work == WorkPlace::memory ||
           (request.work == WorkPlace::automatic && available_memory() >= kMemoryFloor);
}

/// Inside: runs the stages and reports on the channel.
int be_builder(const Plan& plan, const BuildRequest& request, const Fd& channel) {
    const EventSink events = [&](const Event& event) { write_line(channel, event); };
    const auto image =
        run_stages(plan, request, {.work = "/build", .cache = "/cache", .out = "/out"}, events);
    if (image) {
        events(Finished{*image, ""});
        return 0;
    }
    events(Failed{image.error().stage, image.error().error});
    return 1;
}

Result<void> check_free(const BuildRequest& request, const fs::path& file) {
    if (!request.replace && system::exists(request.output / file)) {
        return fail(Fault::invalid,
                    fmt::format("{} is there already; give another folder with -o, or --replace",
                                (request.output / file).string()));
    }
    return system::is_folder(request.output / file)
               ? Result<void>()
               : system::check_replaceable(request.output / file);
}

/// A folder (type fs) keeps its permissions. One that is there already cannot be replaced by a
/// rename: it goes aside first, and then with the hidden folder.
Result<void> publish_one(const PartialFolder& partial,
                         const BuildRequest& request,
                         const fs::path& file) {
    const fs::path made = partial.out() / file;
    const fs::path target = request.output / file;
    std::error_code error;
    if (!system::is_folder(made)) {
        fs::permissions(made, fs::perms(0644), error);
    }
    if (system::is_folder(target)) {
        fs::rename(target, partial.work() / ("replaced-" + file.string()), error);
    }
    fs::rename(made, target, error);
    if (error) {
        return fail(Fault::broken, fmt::format("{}: {}", target.string(), error.message()));
    }
    return {};
}

Result<void> publish(const PartialFolder& partial, const BuildRequest& request) {
    std::vector<fs::path> files;
    for (const auto& file : TRY(system::files_in(partial.out()))) {
        files.push_back(file.filename());
        TRY(check_free(request, files.back()));
    }
    // The manifest last: where it is, everything is.
    std::ranges::sort(files, {}, [](const fs::path& file) { return file == "manifest.json"; });
    for (const auto& file : files) {
        TRY(publish_one(partial, request, file));
    }
    return {};
}

Result<void> check_output(const BuildRequest& request) {
    for (const std::string& file : {request.name + ".packages", std::string("manifest.json")}) {
        TRY(check_free(request, file));
    }
    return {};
}

Result<Finished> outcome_of(std::optional<Event> last, int status, Stage& stage) {
    if (last && std::holds_alternative<Failed>(*last)) {
        auto& failed = std::get<Failed>(*last);
        stage = failed.stage;
        return std::unexpected(std::move(failed.error));
    }
    if (last) {
        return std::get<Finished>(std::move(*last));
    }
    return fail(Fault::broken,
                status == 128 + SIGKILL
                    ? "the builder was killed; most likely the machine is out of memory"
                    : fmt::format("the builder ended unexpectedly (status {})", status));
}

Result<Finished> supervise(const Plan& plan,
                           const BuildRequest& request,
                           const EventSink& events,
                           const std::stop_token& stop,
                           Stage& stage) {
    TRY(check_output(request));
    std::error_code error;
    fs::create_directories(request.cache, error);
    if (error) {
        return fail(Fault::invalid, fmt::format("package cache {}: {}; set IMG_CACHE to another",
                                                request.cache.string(), error.message()));
    }
    const PartialFolder partial = TRY(PartialFolder::in(request.output));
    system::SandboxOptions options{.shared = shared_with(plan, request, partial)};
    options.shared.push_back({TRY(system::steady_library()), system::kSteadyInSandbox});
    if (builds_in_memory(request)) {
        options.memory_folder = "/build";
        options.memory_bytes = available_memory() / 10 * 8;
    } else {
        options.shared.push_back({partial.work(), "/build", true});
    }
    auto sandbox = TRY(
        Sandbox::start(options, [&](Fd channel) { return be_builder(plan, request, channel); }));
    const EventSink watch = [&](const Event& event) {
        if (const auto* progress = std::get_if<Progressed>(&event)) {
            stage = progress->stage;
        }
        events(event);
    };
    EventReader reader;
    std::optional<Event> last;
    constexpr int kStopLookMs = 100;
    for (bool open = true; open;) {
        pollfd end{sandbox.output().get(), POLLIN, 0};
        const int ready = ::poll(&end, 1, kStopLookMs);
        if (stop.stop_requested()) {
            sandbox.kill();
            return fail(Fault::transient, "stopped; nothing is left of it");
        }
        if (ready > 0) {
            open = reader.read(sandbox.output(), watch, last);
        }
    }
    Finished finished = TRY(outcome_of(std::move(last), sandbox.wait(), stage));
    TRY(publish(partial, request));
    finished.folder = request.output.string();
    return finished;
}

}  // namespace

Result<std::vector<syntax::Diagnostic>> check(const BuildRequest& request) {
    auto diagnostics = TRY(draft_plan(request)).diagnostics;
    for (auto& idle : idle_wishes(request)) {
        diagnostics.push_back({.severity = syntax::Severity::warning,
                               .where = {.file = request.kickstart_name, .line = 0, .column = 0},
                               .text = std::move(idle)});
    }
    return diagnostics;
}

Result<Finished> build(const BuildRequest& request, const EventSink& events, std::stop_token stop) {
    Stage stage = Stage::plan;
    events(Progressed{stage, 0, 0, "", "reading the kickstart"});
    auto outcome = [&]() -> Result<Finished> {
        BuildRequest absolute = request;
        absolute.output = TRY(system::absolute(request.output));
        absolute.cache =
            TRY(system::absolute(request.cache.empty() ? default_cache() : request.cache));
        Plan plan = TRY(make_plan(absolute));
        plan.epoch = request.epoch.value_or(::time(nullptr));
        return supervise(plan, absolute, events, stop, stage);
    }();
    if (outcome) {
        events(*outcome);
    } else {
        events(Failed{stage, outcome.error()});
    }
    return outcome;
}

}  // namespace img::engine
