// For tests: a console that keeps what it is told.
#pragma once

#include "cli/cli.hpp"
#include "cli/console.hpp"

#include <map>
#include <sstream>
#include <stop_token>
#include <string>
#include <vector>

namespace img::cli {

struct RecordedConsole {
    std::istringstream in;
    std::ostringstream out, err;
    std::map<std::string, std::string> variables;
    std::chrono::steady_clock::time_point now{std::chrono::hours(1)};
    std::stop_source interrupted;
    std::vector<std::string> became;  ///< The program that it was to go on as, and its arguments.
    Console console{.in = in,
                    .out = out,
                    .err = err,
                    .width = [] { return 100U; },
                    .variable = [this](const char* name) { return variables[name]; },
                    .clock = [this] { return now; },
                    .interrupts = [this] { return interrupted.get_token(); },
                    .become =
                        [this](const auto& program, const auto& arguments) {
                            became = {program};
                            became.insert(became.end(), arguments.begin(), arguments.end());
                            return Error{Fault::broken, "it is not there"};
                        }};

    int run(const std::vector<std::string>& arguments) { return cli::run(arguments, console); }
};

}  // namespace img::cli
