#include "worker/local_executor.hpp"

#include "base/printable.hpp"
#include "worker/build_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <optional>
#include <poll.h>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>

namespace img::worker {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kLineMax = 64 << 10;  // a longer one is cut into pieces
constexpr std::size_t kTailMax = 4 << 10;   // of what a program that failed said last
constexpr std::size_t kTailLines = 12;

fs::path kickstart_of(const BuildTask& task) {
    return task.folder / (task.order.request.name + ".ks");
}

Result<void> write_kickstart(const BuildTask& task) {
    std::error_code error;
    fs::create_directories(task.folder / "out", error);
    std::ofstream file(kickstart_of(task), std::ios::binary);
    file << task.order.request.kickstart;
    file.flush();
    if (error || !file) {
        return fail(Fault::exhausted, fmt::format("write {}: {}", kickstart_of(task).native(),
                                                  std::generic_category().message(errno)));
    }
    return {};
}

/// Cuts a stream into lines.
class Lines {
public:
    template <typename Take>
    void add(std::string_view text, const Take& take) {
        while (!text.empty()) {
            const auto end = text.find('\n');
            const auto piece = text.substr(0, end);
            const auto room = kLineMax - rest_.size();
            if (piece.size() > room) {
                rest_ += piece.substr(0, room);
                text.remove_prefix(room);
            } else if (end == std::string_view::npos) {
                rest_ += piece;
                return;
            } else {
                rest_ += piece;
                text.remove_prefix(end + 1);
            }
            take(std::exchange(rest_, {}));
        }
    }
    template <typename Take>
    void end(const Take& take) {
        if (!rest_.empty()) {
            take(std::exchange(rest_, {}));
        }
    }

private:
    std::string rest_;
};

/// One run of the program: what it said, and how far it was.
class Listening {
public:
    Listening(const engine::EventSink& events, const fs::path& folder)
        : events_(events), folder_(folder.native() + "/") {}

    void hear_output(std::string_view text) {
        output_.add(text, [this](const std::string& line) { hear_event(line); });
    }
    void hear_errors(std::string_view text) {
        errors_.add(text, [this](const std::string& line) { hear_log(line); });
    }
    void end() {
        output_.end([this](const std::string& line) { hear_event(line); });
        errors_.end([this](const std::string& line) { hear_log(line); });
    }

    /// What the exit status and the last event say together.
    Outcome outcome(int status) const;
    engine::Failed failed(Fault fault, const std::string& message) const {
        return {.stage = stage_, .error = {fault, without_folder(message)}};
    }

private:
    /// The folder of a build is the worker's own: to whoever asked for it, the kickstart is
    /// NAME.ks.
    std::string without_folder(std::string text) const {
        for (auto at = text.find(folder_); at != std::string::npos; at = text.find(folder_, at)) {
            text.erase(at, folder_.size());
        }
        return text;
    }
    void hear_event(const std::string& line) {
        auto event = engine::event_from_json(line);
        if (!event) {
            hear_log(line);
        } else if (auto* finished = std::get_if<engine::Finished>(&*event)) {
            finished_ = std::move(*finished);
        } else if (auto* failed = std::get_if<engine::Failed>(&*event)) {
            failed_ = std::move(*failed);
            failed_->error.message = without_folder(failed_->error.message);
        } else if (const auto* logged = std::get_if<engine::Logged>(&*event)) {
            events_(engine::Logged{without_folder(logged->line)});
        } else {
            auto& progress = std::get<engine::Progressed>(*event);
            stage_ = progress.stage;
            progress.text = without_folder(progress.text);
            events_(progress);
        }
    }
    void hear_log(const std::string& line) {
        tail_ += line + "\n";
        if (tail_.size() > 2 * kTailMax) {
            tail_.erase(0, tail_.size() - kTailMax);
        }
        events_(engine::Logged{without_folder(line)});
    }

    const engine::EventSink& events_;
    std::string folder_;
    Lines output_, errors_;
    std::string tail_;
    engine::Stage stage_ = engine::Stage::plan;
    std::optional<engine::Finished> finished_;
    std::optional<engine::Failed> failed_;
};

Outcome Listening::outcome(int status) const {
    constexpr int killed = 128 + SIGKILL;
    if (failed_) {
        return *failed_;
    }
    if (status == 0 && finished_) {
        return *finished_;
    }
    if (status == killed) {
        events_(engine::Logged{"img build was killed, perhaps for want of memory"});
        return Stopped{};
    }
    const auto said = last_lines(tail_, kTailLines);
    return failed(Fault::broken, fmt::format("img build: {}{}{}",
                                             status == 0 ? "it ended without saying what it made"
                                                         : fmt::format("exit {}", status),
                                             said.empty() ? "" : "\n", said));
}

/// Reads what there is now; whether there may be more.
template <typename Take>
bool drain(int fd, const Take& take) {
    std::array<char, 64 << 10> buffer;
    const auto size = ::read(fd, buffer.data(), buffer.size());
    if (size > 0) {
        take(std::string_view(buffer.data(), static_cast<std::size_t>(size)));
    }
    return size > 0 || (size < 0 && errno == EINTR);
}

/// Until every process is gone. False: it had to be stopped for taking too long.
bool listen(BuildProcess& process,
            Listening& listening,
            int stop_bell,
            Clock::time_point deadline) {
    constexpr std::size_t at_output = 0, at_errors = 1, at_ended = 2, at_stop = 3;
    std::array<pollfd, 4> fds{{{process.output(), POLLIN, 0},
                               {process.errors(), POLLIN, 0},
                               {process.ended(), POLLIN, 0},
                               {stop_bell, POLLIN, 0}}};
    bool is_late = false;
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
        const auto wait = is_late ? -1 : static_cast<int>(std::clamp<long>(left, 0, 60'000));
        ::poll(fds.data(), fds.size(), wait);
        const bool has_ended = fds[at_ended].revents != 0;
        if (fds[at_stop].revents != 0) {
            process.stop();
            fds[at_stop].fd = -1;
        }
        if (!is_late && Clock::now() >= deadline) {
            process.stop();
            is_late = true;
        }
        for (const auto stream : {at_output, at_errors}) {
            const auto take = [&](std::string_view text) {
                stream == at_output ? listening.hear_output(text) : listening.hear_errors(text);
            };
            if (fds[stream].revents != 0 && !drain(fds[stream].fd, take)) {
                fds[stream].fd = -1;  // poll skips it
            }
        }
        if (has_ended && fds[at_output].fd < 0 && fds[at_errors].fd < 0) {
            listening.end();
            return !is_late;
        }
    }
}

/// Readable from the stop request on.
class StopBell {
public:
    explicit StopBell(const std::stop_token& stop)
        : fd_(::eventfd(0, EFD_CLOEXEC)), callback_(stop, Ring{fd_.get()}) {}
    int fd() const { return fd_.get(); }

private:
    struct Ring {
        int fd;
        void operator()() const { ::eventfd_write(fd, 1); }
    };
    system::Fd fd_;
    std::stop_callback<Ring> callback_;
};

}  // namespace

std::vector<std::string> passed_environment() {
    constexpr std::array names = {"PATH",       "HOME",        "USER",     "LOGNAME",
                                  "http_proxy", "https_proxy", "no_proxy", "XDG_CACHE_HOME",
                                  "IMG_CACHE",  "TMPDIR"};
    std::vector<std::string> passed{"LC_ALL=C.UTF-8"};
    for (const auto* name : names) {
        if (const char* value = std::getenv(name)) {
            passed.push_back(fmt::format("{}={}", name, value));
        }
    }
    return passed;
}

std::vector<std::string> build_arguments(const fs::path& program, const BuildTask& task) {
    const auto& request = task.order.request;
    std::vector<std::string> argv = {
        program.native(), "build", kickstart_of(task).native(), "-t", request.image_type, "-n",
        request.name};
    if (!request.overlay.empty()) {
        argv.push_back("--overlay=" + request.overlay);  // one word: it may begin with a dash
    }
    argv.insert(argv.end(), {"-o", (task.folder / "out").native(), "--json"});
    return argv;
}

Outcome LocalExecutor::build(const BuildTask& task,
                             const engine::EventSink& events,
                             std::stop_token stop) {
    Listening listening(events, task.folder);
    if (const auto written = write_kickstart(task); !written) {
        return listening.failed(written.error().fault, written.error().message);
    }
    auto process = BuildProcess::start(
        {.argv = build_arguments(options_.program, task),
         .environment = options_.environment.empty() ? passed_environment() : options_.environment,
         .keep_open = task.lock});
    if (!process) {
        return listening.failed(process.error().fault, process.error().message);
    }
    const StopBell bell(stop);
    const bool in_time = listen(*process, listening, bell.fd(), Clock::now() + options_.timeout);
    const int status = process->wait();
    if (stop.stop_requested()) {
        return Stopped{};
    }
    if (!in_time) {
        return listening.failed(Fault::exhausted,
                                fmt::format("img build: stopped after {} min; ask for less, or "
                                            "have the operator raise the limit",
                                            options_.timeout.count() / 60));
    }
    return listening.outcome(status);
}

}  // namespace img::worker
