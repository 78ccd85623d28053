#include "daemon/daemon.hpp"

#include "base/exit_code.hpp"

#include <cstdio>
#include <ctime>
#include <pthread.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace img {
namespace {

constexpr auto kSameTrouble = std::chrono::seconds(30);  // said once in this time

}  // namespace

sigset_t stop_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    return signals;
}

int wait_for_stop() {
    const auto signals = stop_signals();
    int signal = 0;
    sigwait(&signals, &signal);
    return signal;
}

bool is_stopped_within(std::chrono::milliseconds time) {
    const auto signals = stop_signals();
    const timespec wait{.tv_sec = time.count() / 1000,
                        .tv_nsec = (time.count() % 1000) * 1'000'000};
    return sigtimedwait(&signals, nullptr, &wait) > 0;
}

void Troubles::operator()(const Error& error) {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (error.message != last_ || now - said_ >= kSameTrouble) {
        spdlog::warn("event=trouble cause=\"{}\"", error.message);
        last_ = error.message;
        said_ = now;
    }
}

void begin(const std::string& program) {
    spdlog::set_default_logger(spdlog::stderr_logger_mt(program));
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    const auto signals = stop_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);  // a peer that hangs up is a failed write, not our end
}

int end(const std::string& program, const Result<void>& served) {
    if (served) {
        return 0;
    }
    (void)std::fprintf(stderr, "%s: %s\n", program.c_str(), served.error().message.c_str());
    return exit_code(served.error().fault);
}

}  // namespace img
