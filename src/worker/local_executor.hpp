// Builds on this machine: runs the img program and reads what it says.
#pragma once

#include "worker/executor.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace img::worker {

struct LocalExecutorOptions {
    std::filesystem::path program;  ///< The img program.
    /// "NAME=value": all that it sees, see passed_environment().
    std::vector<std::string> environment{};
    std::chrono::seconds timeout{std::chrono::hours(2)};  ///< Then the build is stopped.
};

/// What of our own environment a build needs: PATH, HOME, proxies and IMG_ settings.
std::vector<std::string> passed_environment();

class LocalExecutor : public Executor {
public:
    explicit LocalExecutor(LocalExecutorOptions options) : options_(std::move(options)) {}

    /// Writes the kickstart into the task's folder and runs `img build … --json` on it. Its events
    /// come from its standard output; lines that are none, and its standard error, are log lines.
    Outcome build(const BuildTask& task,
                  const engine::EventSink& events,
                  std::stop_token stop) override;

private:
    LocalExecutorOptions options_;
};

/// The command line, for tests.
std::vector<std::string> build_arguments(const std::filesystem::path& program,
                                         const BuildTask& task);

}  // namespace img::worker
