// What imgd is told on its command line and in its configuration file.
#pragma once

#include "base/result.hpp"
#include "http/server.hpp"

#include <filesystem>
#include <string>
#include <variant>

namespace img {

struct Settings {
    http::ServerOptions server;
    std::filesystem::path data;
    std::string store;  ///< sqlite:…
    std::string broker = "memory:";
    std::filesystem::path www_root;   ///< Where images go; --artifacts file:….
    std::filesystem::path templates;  ///< --templates, or where they are looked for without it.
    unsigned slots = 1;               ///< Builds at a time.
    bool has_worker = true;
    bool is_only_checked = false;  ///< --check-config: nothing is to be started.
};

/// The settings, or the exit code of a program that has said everything already: --help, or words
/// that it does not know. Fault::invalid: words that it knows, with values that do not do.
Result<std::variant<Settings, int>> read_settings(int argc, char** argv);

}  // namespace img
