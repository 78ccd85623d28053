// How a program begins and ends that runs until it is told to stop: imgd and img-worker.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <csignal>
#include <functional>
#include <mutex>
#include <string>
#include <variant>

namespace img {

/// SIGINT and SIGTERM; begin() blocks them in every thread, so that they wait for sigwait().
sigset_t stop_signals();

/// The number of the signal that ended the wait.
int wait_for_stop();

/// Whether one of them came within that time.
bool is_stopped_within(std::chrono::milliseconds time);

/// Logs what goes wrong in the background; while a server is away that is the same again and again.
class Troubles {
public:
    void operator()(const Error& error);

private:
    std::mutex mutex_;
    std::string last_;
    std::chrono::steady_clock::time_point said_;
};

/// The log goes to standard error from here on. To be called before any thread is there.
void begin(const std::string& program);

/// The exit code of the whole program: runs `serve` on settings that are good.
template <typename Settings>
int run(const std::string& program,
        const Result<std::variant<Settings, int>>& settings,
        const std::function<Result<void>(const Settings&)>& serve);

/// Prints the sentence of a failure; its exit code.
int end(const std::string& program, const Result<void>& served);

template <typename Settings>
int run(const std::string& program,
        const Result<std::variant<Settings, int>>& settings,
        const std::function<Result<void>(const Settings&)>& serve) {
    if (!settings) {
        return end(program, std::unexpected(settings.error()));
    }
    if (const auto* said = std::get_if<int>(&*settings)) {
        return *said;  // --help, or a word that it does not know: all has been said
    }
    begin(program);
    return end(program, serve(std::get<Settings>(*settings)));
}

}  // namespace img
