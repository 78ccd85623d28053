// What img-worker is told on its command line, in its environment and in its configuration file.
#pragma once

#include "artifacts/artifacts.hpp"
#include "base/result.hpp"
#include "worker/reservation.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace img {

struct WorkerSettings {
    std::string broker;     ///< May hold a password: never shown.
    std::string artifacts;  ///< As artifacts::open_artifact_store() takes it.
    artifacts::Secrets secrets;
    unsigned slots = 1;
    std::filesystem::path work;
    std::string name_prefix;
    std::vector<std::string> types;  ///< Empty: all.
    worker::Room per_build;
    std::chrono::seconds drain_timeout{300};
    std::filesystem::path builder;  ///< The img program, or one that speaks as it does.
    bool is_only_checked = false;   ///< --check-config: nothing is to be started.
};

/// The settings, or the exit code of a program that has said everything already: --help, or words
/// that it does not know. Fault::invalid: words that it knows, with values that do not do. A flag
/// counts before the environment, and that before the file.
Result<std::variant<WorkerSettings, int>> read_worker_settings(int argc, char** argv);

}  // namespace img
