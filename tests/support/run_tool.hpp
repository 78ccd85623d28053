// Runs the real tools that tests make and check images with.
#pragma once

#include "system/process_runner.hpp"

#include <stdexcept>
#include <string>
#include <vector>

namespace img::testing {

/// What it writes to its standard output. A tool that fails ends the test with what it said.
inline std::string run_tool(std::vector<std::string> argv, std::string input = {}) {
    system::ProcessRunner runner;
    auto output = runner.run({.argv = std::move(argv),
                              .environment = {"TZ=UTC"},
                              .input = std::move(input),
                              .captured = true});
    if (!output) {
        throw std::runtime_error(output.error().message);
    }
    return *std::move(output);
}

}  // namespace img::testing
