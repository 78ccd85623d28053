// What imgd is told on its command line and in its configuration file.
#pragma once

#include "base/result.hpp"
#include "http/server.hpp"
#include "jobs/retention.hpp"
#include "jobs/schedule.hpp"
#include "worker/reservation.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace img {

struct Settings {
    http::ServerOptions server;
    std::vector<std::string> hosts;  ///< Names in Host fields that it answers to beside its own.
    std::string public_url;          ///< Where others reach it; in the statuses of strangers' jobs.
    std::filesystem::path data;
    std::string store;                    ///< sqlite:… or postgresql://…; may hold a password.
    std::string broker;                   ///< memory: or amqp://…; may hold a password.
    std::filesystem::path www_root;       ///< Where images go; --artifacts file:….
    std::filesystem::path templates;      ///< --templates, or where they are looked for without it.
    std::filesystem::path worker_tokens;  ///< Who may upload; empty: nobody.
    std::string s3;                       ///< s3://… that workers publish to; may be empty.
    std::filesystem::path s3_credentials;  ///< Its keys; empty: they are in the environment.

    /// This service among others on one store; the same after a restart.
    std::string holder;
    /// Its own workers' names begin so, and no other service's.
    std::string local_worker_prefix() const { return "local-" + holder + "-"; }

    bool has_worker = true;
    unsigned slots = 1;             ///< Builds at a time.
    worker::Room per_build;         ///< That must be free for a build here to begin.
    std::filesystem::path builder;  ///< The img program, or one that speaks as it does.

    std::chrono::seconds lease{30};
    std::chrono::seconds reuse{};  ///< As DispatcherOptions::reuse.
    jobs::ScheduleOptions schedule;
    jobs::RetentionLimits keep;
    std::uint64_t disk_floor = 0;  ///< As DispatcherOptions::disk_floor.

    bool is_only_checked = false;  ///< --check-config: nothing is to be started.
};

/// The settings, or the exit code of a program that has said everything already: --help, or words
/// that it does not know. Fault::invalid: words that it knows, with values that do not do.
Result<std::variant<Settings, int>> read_settings(int argc, char** argv);

}  // namespace img
