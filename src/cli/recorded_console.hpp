// For tests: a console that keeps what it is told.
#pragma once

#include "cli/cli.hpp"
#include "cli/console.hpp"

#include <map>
#include <sstream>
#include <stop_token>

namespace img::cli {

struct RecordedConsole {
    std::istringstream in;
    std::ostringstream out, err;
    std::map<std::string, std::string> variables;
    std::chrono::steady_clock::time_point now{std::chrono::hours(1)};
    std::stop_source interrupted;
    Console console{.in = in,
                    .out = out,
                    .err = err,
                    .width = [] { return 100U; },
                    .variable = [this](const char* name) { return variables[name]; },
                    .clock = [this] { return now; },
                    .interrupts = [this] { return interrupted.get_token(); }};

    int run(const std::vector<std::string>& arguments) { return cli::run(arguments, console); }
};

}  // namespace img::cli
