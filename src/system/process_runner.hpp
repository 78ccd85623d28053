// Runs commands for real, each in a process group of its own that dies with us.
#pragma once

#include "system/command.hpp"

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace img::system {

/// Takes one line of a program's output, without its end.
using LineSink = std::function<void(std::string_view)>;

class ProcessRunner : public CommandRunner {
public:
    /// `log` gets every line that a command writes and does not capture; it is called from the
    /// thread that runs the command. A stop request kills the running command's process group.
    /// Every command gets `environment` too; what it brings of its own comes before that.
    explicit ProcessRunner(LineSink log = {},
                           std::stop_token stop = {},
                           std::vector<std::string> environment = {});

    Result<Finished> finish(const Command& command) override;

private:
    Result<std::vector<std::string>> environment_of(const Command& command) const;

    LineSink log_;
    std::stop_token stop_;
    std::vector<std::string> environment_;
};

}  // namespace img::system
